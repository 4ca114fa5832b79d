import { and, desc, eq, inArray, isNotNull, isNull, lt, ne, sql } from "drizzle-orm";
import { operations, type NewOperation, type OperationRow } from "../db/schema.ts";
import { unfinishedStatuses, type OperationKind, type OperationStatus, type Progress } from "../domain/operation.ts";
import type { Queryable } from "./queryable.ts";

export type { NewOperation, OperationRow };

interface OperationFilter {
  stack: string | null;
  status: OperationStatus | null;
  kind: OperationKind | null;
  approval: string | null;
  team: string | null;
}

export interface OperationStore {
  insert(operation: NewOperation): Promise<OperationRow>;
  find(id: string): Promise<OperationRow | null>;
  /** Newest first, before the cursor (a sequence number). */
  list(filter: OperationFilter, limit: number, before: number | null): Promise<OperationRow[]>;
  /** With its row locked until the transaction ends. */
  findLocked(id: string): Promise<OperationRow | null>;
  /** Ends an operation that waits; null when it does not wait any more. */
  endQueued(id: string, end: Pick<OperationRow, "status" | "problem" | "finishedAt">): Promise<OperationRow | null>;
  /**
   * Notes that it shall stop, and from the second time on that it shall stop at once. One that waits after its apply has begun
   * waits no longer: a worker has to tell what was done.
   */
  requestStop(id: string, now: Date): Promise<OperationRow | null>;
  /** The recovery of a stack that is not over. */
  recoveryUnderWay(stack: string): Promise<OperationRow | null>;
  /** False when this attempt does not hold the operation any more; then nothing was written. */
  change(id: string, attempt: number, change: Partial<OperationRow>): Promise<boolean>;
  progress(id: string, attempt: number, progress: Progress): Promise<void>;
  /** Voids the stack's previews that nobody applied, but the named one; of those still to run, the up will not follow. */
  supersede(stack: string, by: string): Promise<void>;
  /** Notes which operation applies a preview; false when another one does already, or it is void. */
  continueWith(previewId: string, id: string): Promise<boolean>;
  voidPreview(previewId: string): Promise<void>;
  /** The newest operation of each stack, and the newest that is not over. */
  latest(stacks: string[]): Promise<Map<string, { last: string; pending: string | null }>>;
}

const unfinished = inArray(operations.status, [...unfinishedStatuses]);

export const operationStore = (database: Queryable): OperationStore => ({
  async insert(operation) {
    const [row] = await database.insert(operations).values(operation).returning();
    if (row === undefined) throw new Error(`operation ${operation.id} was not stored`);
    return row;
  },

  async find(id) {
    const [row] = await database.select().from(operations).where(eq(operations.id, id));
    return row ?? null;
  },

  list: (filter, limit, before) =>
    database
      .select()
      .from(operations)
      .where(
        and(
          filter.stack === null ? undefined : eq(operations.stack, filter.stack),
          filter.status === null ? undefined : eq(operations.status, filter.status),
          filter.kind === null ? undefined : eq(operations.kind, filter.kind),
          filter.approval === null ? undefined : sql`${operations.approvalState} = ${filter.approval}`,
          filter.team === null ? undefined : eq(operations.team, filter.team),
          before === null ? undefined : lt(operations.sequence, before),
        ),
      )
      .orderBy(desc(operations.sequence))
      .limit(limit),

  async findLocked(id) {
    const [row] = await database.select().from(operations).where(eq(operations.id, id)).for("no key update");
    return row ?? null;
  },

  async endQueued(id, end) {
    const [row] = await database
      .update(operations)
      .set({ ...end, waitingFor: null })
      .where(and(eq(operations.id, id), eq(operations.status, "queued")))
      .returning();
    return row ?? null;
  },

  async requestStop(id, now) {
    const at = sql`${now.toISOString()}::timestamptz`;
    const [row] = await database
      .update(operations)
      .set({
        availableAt: null,
        cancelRequestedAt: sql`coalesce(${operations.cancelRequestedAt}, ${at})`,
        killRequestedAt: sql`case when ${operations.cancelRequestedAt} is not null then coalesce(${operations.killRequestedAt}, ${at}) end`,
      })
      .where(and(eq(operations.id, id), unfinished))
      .returning();
    return row ?? null;
  },

  async recoveryUnderWay(stack) {
    const [row] = await database
      .select()
      .from(operations)
      .where(and(eq(operations.stack, stack), isNotNull(operations.recovers), unfinished));
    return row ?? null;
  },

  async change(id, attempt, change) {
    const over = change.status !== undefined && change.status !== "running";
    const changed = await database
      .update(operations)
      .set(over ? { ...change, leaseOwner: null, leaseUntil: null } : change)
      .where(and(eq(operations.id, id), eq(operations.attempt, attempt), eq(operations.status, "running")))
      .returning({ id: operations.id });
    return changed.length === 1;
  },

  async progress(id, attempt, progress) {
    await database
      .update(operations)
      .set({ progress })
      .where(and(eq(operations.id, id), eq(operations.attempt, attempt), eq(operations.status, "running")));
  },

  async supersede(stack, by) {
    await database
      .update(operations)
      .set({ approvalState: "void", supersededBy: by })
      .where(
        and(
          eq(operations.stack, stack),
          eq(operations.kind, "preview"),
          ne(operations.id, by),
          isNull(operations.continuedBy),
          inArray(operations.approvalState, ["not_required", "pending", "approved"]),
          inArray(operations.status, ["queued", "running", "succeeded"]),
        ),
      );
  },

  async continueWith(previewId, id) {
    const changed = await database
      .update(operations)
      .set({ continuedBy: id })
      .where(
        and(
          eq(operations.id, previewId),
          isNull(operations.continuedBy),
          inArray(operations.approvalState, ["not_required", "approved"]),
        ),
      )
      .returning({ id: operations.id });
    return changed.length === 1;
  },

  async voidPreview(previewId) {
    await database.update(operations).set({ approvalState: "void" }).where(eq(operations.id, previewId));
  },

  async latest(stacks) {
    const found = new Map<string, { last: string; pending: string | null }>();
    if (stacks.length === 0) return found;
    const last = await database
      .selectDistinctOn([operations.stack], { stack: operations.stack, id: operations.id })
      .from(operations)
      .where(inArray(operations.stack, stacks))
      .orderBy(operations.stack, desc(operations.sequence));
    const pending = await database
      .selectDistinctOn([operations.stack], { stack: operations.stack, id: operations.id })
      .from(operations)
      .where(and(inArray(operations.stack, stacks), unfinished))
      .orderBy(operations.stack, desc(operations.sequence));
    const pendingOf = new Map(pending.map(({ stack, id }) => [stack, id]));
    for (const { stack, id } of last) found.set(stack, { last: id, pending: pendingOf.get(stack) ?? null });
    return found;
  },
});
