/** Operations in the queue, made without the use cases: for tests of what is taken when. */
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { stackKind } from "../../service/domain/stacks.ts";
import { createStore, type Store } from "../../service/store/store.ts";
import type { NewOperation, OperationRow } from "../../service/store/operations.ts";

const now = new Date("2026-11-22T12:00:00Z");

export interface QueueWorld {
  store: Store;
  /** Stores an operation that waits: a preview, unless said otherwise. */
  queued(stack: string, change?: Partial<NewOperation>): Promise<OperationRow>;
  /** Takes what is due next, for thirty seconds unless said otherwise. */
  claim(worker?: string, seconds?: number, places?: number): Promise<OperationRow | null>;
  /** Ends an operation that a claim holds. */
  finish(operation: OperationRow): Promise<void>;
  /** Makes its lease be over, as it is once its worker has been dead for long enough. */
  expire(operation: OperationRow): Promise<void>;
  find(operation: OperationRow): Promise<OperationRow>;
}

export const createQueueWorld = (pool: pg.Pool): QueueWorld => {
  const store = createStore(drizzle(pool));
  let count = 0;
  return {
    store,
    queued: async (stack, change = {}) => {
      count += 1;
      const team = change.team ?? "default";
      await store.stacks.ensure({ name: stack, kind: stackKind(stack), team, now });
      const isPreview = (change.kind ?? "preview") === "preview";
      return store.operations.insert({
        id: `01980000-0000-7000-8000-${String(count).padStart(12, "0")}`,
        kind: "preview",
        previewOf: isPreview ? "up" : null,
        approvalState: isPreview ? "not_required" : null,
        action: "preview",
        stack,
        team,
        status: "queued",
        requestedBy: "admin",
        spec: {},
        engine: "sandbox",
        cloud: "simulated",
        createdAt: now,
        ...change,
      });
    },
    claim: (worker = "worker-1", seconds = 30, places = 1) => store.leases.claim(worker, seconds, now, places),
    finish: async (operation) => {
      await store.operations.change(operation.id, operation.attempt, { status: "succeeded", finishedAt: now });
    },
    expire: async ({ id }) => {
      await pool.query(
        "UPDATE gatehouse.operations SET lease_until = clock_timestamp() - interval '1 second' WHERE id = $1",
        [id],
      );
    },
    find: async ({ id }) => {
      const row = await store.operations.find(id);
      if (row === null) throw new Error(`operation ${id} is gone`);
      return row;
    },
  };
};
