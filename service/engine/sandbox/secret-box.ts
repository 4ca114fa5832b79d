/** What is secret in a checkpoint, sealed: AES-256-GCM under a key of the installation, which is kept apart from the database. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** Seals texts, and opens them again. */
export interface SecretBox {
  /** Another text each time. */
  seal(text: string): string;
  /** @throws SealError when it was sealed with another passphrase, or changed since */
  open(sealed: string): string;
}

/** What was sealed cannot be opened with the passphrase that is given. */
export class SealError extends Error {
  constructor(cause: unknown) {
    super(
      "What is secret in the sandbox's checkpoints was encrypted with another passphrase. Give the service the one that it had: PULUMI_CONFIG_PASSPHRASE, or the file pulumi-passphrase of its data directory.",
      { cause },
    );
    this.name = "SealError";
  }
}

const algorithm = "aes-256-gcm";
/** NIST SP 800-38D: 96 bits, never twice under one key; random ones serve for 2^32 seals. */
const nonceBytes = 12;
const tagBytes = 16;
/** Leads what is sealed, so that another way of sealing can follow. */
const version = "v1:";

const keyBytes = 32;
const randomNonce = (): Buffer => randomBytes(nonceBytes);

/** Makes the box. Deriving the key takes some 50 ms: make it once a process. */
export const createSecretBox = (passphrase: string, newNonce = randomNonce): SecretBox =>
  boxWith(scryptSync(passphrase, "gatehouse sandbox checkpoints", keyBytes), newNonce);

/** A box that nobody opens again once it is gone. */
export const createPassingBox = (): SecretBox => boxWith(randomBytes(keyBytes), randomNonce);

function boxWith(key: Buffer, newNonce: () => Buffer): SecretBox {
  return {
    seal: (text) => {
      const nonce = newNonce();
      const cipher = createCipheriv(algorithm, key, nonce);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return version + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("base64");
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed.slice(version.length), "base64");
      const end = bytes.length - tagBytes;
      try {
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
        decipher.setAuthTag(bytes.subarray(end));
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, end)), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new SealError(error);
      }
    },
  };
}
