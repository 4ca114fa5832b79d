import { and, eq, gt, sql } from "drizzle-orm";
import { idempotencyKeys } from "../db/schema.ts";
import type { Operation } from "../domain/operation.ts";
import type { Queryable } from "./queryable.ts";

/** Whose key it is; the key itself is not kept. */
interface KeyOwner {
  principal: string;
  /** SHA-256 of the key, in hexadecimal. */
  keyHash: string;
}

interface KeptAnswer extends KeyOwner {
  /** SHA-256 of what was asked, in hexadecimal. */
  requestDigest: string;
  operationId: string;
  /** The operation as the first answer showed it. */
  answer: Operation;
  expiresAt: Date;
}

export interface IdempotencyKeyStore {
  /** Until the transaction ends, nobody else uses the key: a second call with it waits here, and then finds the first's answer. */
  take(owner: KeyOwner): Promise<void>;
  /** The answer that the key has; `null` when it has none or has expired. */
  find(owner: KeyOwner, now: Date): Promise<KeptAnswer | null>;
  /** Keeps the answer, in place of an expired one. */
  keep(answer: KeptAnswer): Promise<void>;
}

/** Apart from the store's other locks, so that a key can never wait for a name that is locked after it. */
const lockClass = 7207;

export const idempotencyKeyStore = (database: Queryable): IdempotencyKeyStore => ({
  async take({ principal, keyHash }) {
    await database.execute(sql`select pg_advisory_xact_lock(${lockClass}, hashtext(${`${principal} ${keyHash}`}))`);
  },

  async find({ principal, keyHash }, now) {
    const [row] = await database
      .select()
      .from(idempotencyKeys)
      .where(
        and(
          eq(idempotencyKeys.principal, principal),
          eq(idempotencyKeys.keyHash, keyHash),
          gt(idempotencyKeys.expiresAt, now),
        ),
      );
    return row ?? null;
  },

  async keep(answer) {
    const { principal: _principal, keyHash: _keyHash, ...rest } = answer;
    await database
      .insert(idempotencyKeys)
      .values(answer)
      .onConflictDoUpdate({ target: [idempotencyKeys.principal, idempotencyKeys.keyHash], set: rest });
  },
});
