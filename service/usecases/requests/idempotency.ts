/** Calls that may come twice and start work once. Why it is as it is: docs/decisions/idempotency-keys.md. */
import { createHash } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Operation } from "../../domain/operation.ts";
import { faultPoint } from "../../fault-points.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies } from "../dependencies.ts";
import { canonical } from "../digest.ts";
import { presentOperation } from "../operations/present.ts";
import type { OnceOnly } from "../start-conditions.ts";
import type { Principal } from "../usecases.ts";

/** How long a key gives its first answer again, in milliseconds. */
const keyLifetime = 24 * 3600 * 1000;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * What a call asks for: equal for the same document however it is written (JSON or YAML, members in any order).
 *
 * @param document as parsed, before defaults are filled in: those may change with the next version; `undefined` without one.
 * @returns SHA-256 in hexadecimal.
 */
export const callDigest = (method: string, path: string, document: unknown): string =>
  sha256(canonical({ method, path, document: document ?? null }));

/**
 * Starts work in a transaction of its own, and with a key only once: the first call's answer is kept in the transaction
 * that stores its operation, and given again to each that follows, as it was. Of calls that come at the same time one
 * starts work and the others wait for its answer; when it is refused, nothing is kept and the next one tries.
 *
 * @param start makes the operation, with whatever checks that takes; its refusals are the caller's.
 * @throws DomainError `idempotency_key_reused`, and what `start` refuses with
 */
export const startOnce = async (
  { store, now }: Pick<Dependencies, "store" | "now">,
  principal: Principal,
  once: OnceOnly | null,
  start: (tables: Tables) => Promise<OperationRow>,
): Promise<Operation> => {
  const answer = await store.transaction(async (tables) => {
    if (once === null) return presentOperation(await start(tables));
    const owner = { principal: principal.name, keyHash: sha256(once.key) };
    await tables.idempotencyKeys.take(owner);
    const kept = await tables.idempotencyKeys.find(owner, now());
    if (kept !== null) {
      if (kept.requestDigest !== once.call) throw reused(kept.operationId);
      return kept.answer;
    }
    const operation = await start(tables);
    const first = presentOperation(operation);
    await tables.idempotencyKeys.keep({
      ...owner,
      requestDigest: once.call,
      operationId: operation.id,
      answer: first,
      expiresAt: new Date(now().getTime() + keyLifetime),
    });
    return first;
  });
  faultPoint("operation-accepted");
  return answer;
};

const reused = (operationId: string): DomainError =>
  new DomainError(
    "idempotency_key_reused",
    `This Idempotency-Key started operation ${operationId} with another document or at another path. A new call needs a new key; the same call again needs the same document.`,
  );
