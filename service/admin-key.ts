/** The first key: with it an administrator calls a fresh service. */
import { errorCode } from "./error-code.ts";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashOfKey } from "./http/authentication.ts";
import type { ApiKeyStore } from "./store/api-keys.ts";

const principal = "admin";

/** Where the key made at the first start is kept, for the person who starts the service and for the quickstart. */
export const adminKeyFile = (dataDirectory: string): string => join(dataDirectory, "admin-key");

export interface AdminKey {
  /** The key, where this process knows it: given, made now, or made at an earlier start in this data directory. */
  key: string | null;
  /** Made by this start: to be shown once. */
  made: boolean;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Sees to it that `admin` has a key. A given one takes the place of any other; else the one of the data directory holds,
 * also on a database that was emptied; else, on a database without one, a new one is made.
 *
 * @param newKey makes a key; `newId` an id for its row.
 */
export async function ensureAdminKey(options: {
  store: ApiKeyStore;
  dataDirectory: string;
  given: string | null;
  newKey: () => string;
  newId: () => string;
  now: () => Date;
}): Promise<AdminKey> {
  const { store, dataDirectory, given, newKey, newId, now } = options;
  const file = adminKeyFile(dataDirectory);
  const row = (key: string) => ({
    id: newId(),
    name: principal,
    role: "admin" as const,
    keyHash: hashOfKey(key),
    createdAt: now(),
  });
  if (given !== null) {
    const kept = await store.findByName(principal);
    if (kept?.keyHash !== hashOfKey(given)) await store.replace(row(given));
    await rm(file, { force: true });
    return { key: given, made: false };
  }
  const known = await readIfThere(file);
  if (known !== null) {
    const kept = await store.findByName(principal);
    if (kept?.keyHash !== hashOfKey(known)) await store.replace(row(known));
    return { key: known, made: false };
  }
  const key = newKey();
  if (!(await store.addFirst(row(key)))) return { key: null, made: false };
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return { key, made: true };
}
