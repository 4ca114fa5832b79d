/** Who calls: bearer keys, of which only hashes are kept. */
import { createHash, timingSafeEqual } from "node:crypto";
import { DomainError } from "../domain/errors.ts";
import type { Principal } from "../usecases/usecases.ts";

/** A key as it is kept: who holds it, and the SHA-256 of the key in hexadecimal. */
export interface KeptKey extends Principal {
  keyHash: string;
}

/** Gives the principal of an `Authorization` header. @throws DomainError `unauthorized` */
export type Authenticate = (authorization: string | undefined) => Promise<Principal>;

/** SHA-256 of an API key, in hexadecimal. Keys are long and random, so a slow hash would protect nothing more. */
export const hashOfKey = (key: string): string => createHash("sha256").update(key).digest("hex");

const refused = (detail: string): DomainError => new DomainError("unauthorized", detail);

/** @param findKey looks a key up by its hash. */
export function createAuthenticate(findKey: (keyHash: string) => Promise<KeptKey | null>): Authenticate {
  return async (authorization) => {
    if (authorization === undefined) {
      throw refused("This call needs a key: send the header `Authorization: Bearer <API key>`.");
    }
    const key = /^Bearer +([!-~]{1,512}) *$/i.exec(authorization)?.[1];
    if (key === undefined) throw refused("The Authorization header is not of the form `Bearer <API key>`.");
    const hash = hashOfKey(key);
    const found = await findKey(hash);
    // Equal in constant time, whatever the store takes for equal.
    if (found === null || !timingSafeEqual(Buffer.from(found.keyHash, "hex"), Buffer.from(hash, "hex"))) {
      throw refused("The key is not known here: was it withdrawn, or is it another server's?");
    }
    return { name: found.name, role: found.role };
  };
}
