import { eq, sql } from "drizzle-orm";
import { apiKeys } from "../db/schema.ts";
import type { Queryable } from "./queryable.ts";

type ApiKeyRow = typeof apiKeys.$inferSelect;

export interface ApiKeyStore {
  /** The key with this SHA-256, in hexadecimal. */
  findByHash(keyHash: string): Promise<ApiKeyRow | null>;
  findByName(name: string): Promise<ApiKeyRow | null>;
  /** Makes this the only key of its name. */
  replace(key: ApiKeyRow): Promise<void>;
  /** Makes the key unless there is one of its name already; false when there was. */
  addFirst(key: ApiKeyRow): Promise<boolean>;
}

/** Two processes that start on a new database at once must not both make a first key. */
const firstKeyLock = 7_205_002;

export const apiKeyStore = (database: Queryable): ApiKeyStore => ({
  async findByHash(keyHash) {
    const [row] = await database.select().from(apiKeys).where(eq(apiKeys.keyHash, keyHash));
    return row ?? null;
  },

  async findByName(name) {
    const [row] = await database.select().from(apiKeys).where(eq(apiKeys.name, name));
    return row ?? null;
  },

  replace: (key) =>
    database.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_advisory_xact_lock(${firstKeyLock})`);
      await transaction.delete(apiKeys).where(eq(apiKeys.name, key.name));
      await transaction.insert(apiKeys).values(key);
    }),

  addFirst: (key) =>
    database.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_advisory_xact_lock(${firstKeyLock})`);
      if ((await apiKeyStore(transaction).findByName(key.name)) !== null) return false;
      await transaction.insert(apiKeys).values(key);
      return true;
    }),
});
