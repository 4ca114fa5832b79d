/**
 * A key service in little, for stacks whose secrets provider is `hashivault://…`: the two calls of Vault's transit engine that Pulumi
 * makes (Vault's documentation, "Transit secrets engine": `encrypt`, `decrypt`). A passphrase takes each CLI process 0.2 s of CPU,
 * a million rounds of PBKDF2; this takes none to speak of.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import type { ConfiguredBackend } from "../../service/engine/automation/backend-settings.ts";

export interface KeyService {
  /** Settings of a backend that has this service in the place of a passphrase. */
  backend: Pick<ConfiguredBackend, "secretsProvider" | "passphrase">;
  /** Variables by which the CLI finds it. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

const algorithm = "aes-256-gcm";
const prefix = "vault:v1:";

/** Starts one, with a key of its own, on a free port of this machine. */
export async function startKeyService(): Promise<KeyService> {
  const key = randomBytes(32);
  const encrypt = (plaintext: string): string => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(algorithm, key, nonce);
    const sealed = Buffer.concat([cipher.update(plaintext, "base64"), cipher.final()]);
    return prefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
  };
  const decrypt = (ciphertext: string): string => {
    const bytes = Buffer.from(ciphertext.slice(prefix.length), "base64");
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("base64");
  };
  const token = randomBytes(16).toString("hex");

  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void =>
      void response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (request.headers["x-vault-token"] !== token) {
      answer(403, { errors: ["permission denied"] });
      return;
    }
    json(request)
      .then((body) => {
        const { plaintext, ciphertext } = body as { plaintext?: string; ciphertext?: string };
        if (plaintext !== undefined) {
          answer(200, { data: { ciphertext: encrypt(plaintext) } });
          return;
        }
        if (ciphertext !== undefined) {
          answer(200, { data: { plaintext: decrypt(ciphertext) } });
          return;
        }
        answer(404, { errors: [] });
      })
      .catch((error: unknown) => answer(400, { errors: [String(error)] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    backend: { secretsProvider: "hashivault://gatehouse", passphrase: null },
    environment: { VAULT_SERVER_URL: `http://127.0.0.1:${port}`, VAULT_SERVER_TOKEN: token },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
