/** The backend and the passphrase that a service uses: those of the configuration, or its own in the data directory. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorCode } from "../../error-code.ts";
import type { BackendSettings } from "./settings.ts";

/** What is configured; `null` is what the service makes itself. */
export interface ConfiguredBackend {
  backendUrl: string | null;
  secretsProvider: string;
  passphrase: string | null;
}

/** Kept beside the state that it encrypts; who has the one has the other, and a backup needs both. */
const passphraseFile = (dataDirectory: string): string => join(dataDirectory, "pulumi-passphrase");

/** The passphrase of the data directory, made at the first call. Of several at once, the first one's counts. */
export async function keptPassphrase(dataDirectory: string, make: () => string): Promise<string> {
  const file = passphraseFile(dataDirectory);
  try {
    await writeFile(file, `${make()}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  return (await readFile(file, "utf8")).trim();
}

/** Sees to it that there is a backend, and a passphrase where one is needed. */
export async function ensureBackend(
  { backendUrl, secretsProvider, passphrase }: ConfiguredBackend,
  dataDirectory: string,
  make: () => string,
): Promise<BackendSettings> {
  const state = resolve(dataDirectory, "pulumi", "state");
  if (backendUrl === null) await mkdir(state, { recursive: true, mode: 0o700 });
  const needed = secretsProvider === "passphrase";
  return {
    // Pulumi knows PostgreSQL by one of its two names only, and takes the other for its Cloud's.
    url: backendUrl?.replace(/^postgresql:/, "postgres:") ?? pathToFileURL(state).href,
    secretsProvider,
    passphrase: passphrase ?? (needed ? await keptPassphrase(dataDirectory, make) : null),
  };
}
