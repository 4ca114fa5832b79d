import { and, asc, eq, inArray, lt, sql } from "drizzle-orm";
import { idempotencyKeys, operations } from "../db/schema.ts";
import type { HistoryEntry } from "../domain/retention.ts";
import type { Queryable } from "./queryable.ts";

export interface RetentionStore {
  /** Whether this transaction does the housekeeping; false while another one does, in whatever process. */
  takeTurn(): Promise<boolean>;
  /** Removes keys that have expired, at most so many; how many it were. */
  removeExpiredKeys(now: Date, limit: number): Promise<number>;
  /** Stacks with history from before an instant beside what stays of it, by name, after the one named. */
  stacksWithHistory(before: Date, after: string, limit: number): Promise<string[]>;
  /**
   * All operations of a stack, oldest first, with those locked that ended before an instant (the oldest, at most so many):
   * nobody can begin to name one of these until the transaction ends. Rows that somebody works on are passed over.
   */
  lockHistory(stack: string, before: Date, limit: number): Promise<{ history: HistoryEntry[]; locked: Set<string> }>;
  /** Removes operations, with their events and keys. */
  removeOperations(ids: string[]): Promise<void>;
}

/** Apart from the store's other locks. */
const lockClass = 7208;

export const retentionStore = (database: Queryable): RetentionStore => ({
  async takeTurn() {
    const { rows } = await database.execute<{ taken: boolean }>(
      sql`select pg_try_advisory_xact_lock(${lockClass}, 0) as taken`,
    );
    return rows[0]?.taken === true;
  },

  async removeExpiredKeys(now, limit) {
    const expired = database
      .select({ place: sql`ctid` })
      .from(idempotencyKeys)
      .where(lt(idempotencyKeys.expiresAt, sql`${now.toISOString()}::timestamptz`))
      .limit(limit);
    const { rowCount } = await database.delete(idempotencyKeys).where(sql`ctid = any(array(${expired}))`);
    return rowCount ?? 0;
  },

  async stacksWithHistory(before, after, limit) {
    // What stays (`removableOperations`) is nothing to look at: the newest operation, what is in force, and their previews.
    const { rows } = await database.execute<{ stack: string }>(sql`
      select distinct old.stack
      from ${operations} as old
      where old.finished_at < ${before.toISOString()}::timestamptz
        and old.status <> 'needs_recovery'
        and old.stack > ${after}
        and exists (
          select from ${operations} as newer
          where newer.stack = old.stack and newer.sequence > old.sequence and newer.id is distinct from old.continued_by
        )
        and not exists (
          select from (
            select applied.id, applied.continues from ${operations} as applied
            where applied.stack = old.stack and applied.kind in ('up', 'destroy') and applied.status = 'succeeded'
            order by applied.sequence desc limit 1
          ) as in_force
          where old.id in (in_force.id, in_force.continues)
        )
      order by old.stack
      limit ${limit}`);
    return rows.map(({ stack }) => stack);
  },

  async lockHistory(stack, before, limit) {
    const locked = await database
      .select({ id: operations.id })
      .from(operations)
      .where(and(eq(operations.stack, stack), lt(operations.finishedAt, before)))
      .orderBy(asc(operations.sequence))
      .limit(limit)
      .for("update", { skipLocked: true });
    // After the locks: what began to name one of these meanwhile is seen.
    const history = await database
      .select({
        id: operations.id,
        kind: operations.kind,
        status: operations.status,
        finishedAt: operations.finishedAt,
        continues: operations.continues,
        continuedBy: operations.continuedBy,
        supersededBy: operations.supersededBy,
      })
      .from(operations)
      .where(eq(operations.stack, stack))
      .orderBy(asc(operations.sequence));
    return { history, locked: new Set(locked.map(({ id }) => id)) };
  },

  async removeOperations(ids) {
    if (ids.length > 0) await database.delete(operations).where(inArray(operations.id, ids));
  },
});
