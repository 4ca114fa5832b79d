import { once, EventEmitter } from "node:events";
import { drizzle } from "drizzle-orm/node-postgres";
import { createQueue, type Queue, type QueueJob, type QueueOptions } from "../../../service/queue/queue.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

const silent = { warn: () => undefined, error: () => undefined };
const idOf = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;

describe("the queue", () => {
  let database: TestDatabase;
  let queue: Queue;
  const open = async (options: Partial<QueueOptions> = {}): Promise<Queue> => {
    queue = createQueue({ url: database.url, logger: silent, ...options });
    await queue.start();
    return queue;
  };
  const send = (...jobs: QueueJob[]) =>
    drizzle(database.pool).transaction(async (transaction) => {
      for (const job of jobs) await queue.enqueue(transaction, job);
    });

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await queue.stop(0.1);
    await database.drop();
  });

  it("runs the jobs of a stack in their order, one at a time, and stacks side by side", async () => {
    await open();
    const jobs = Array.from({ length: 24 }, (_, index) => ({
      operationId: idOf(index),
      stack: `environment/e${index % 4}`,
    }));
    await send(...jobs);

    const running = new Map<string, number>();
    const order = new Map<string, string[]>();
    let atOnce = 0;
    const done = new EventEmitter();
    await queue.work(
      {
        run: async ({ operationId, stack }) => {
          running.set(stack, (running.get(stack) ?? 0) + 1);
          expect(running.get(stack)).toBe(1);
          atOnce = Math.max(
            atOnce,
            [...running.values()].reduce((sum, count) => sum + count, 0),
          );
          // Nobody ends before a second stack has come to run.
          if (running.size > 1) done.emit("two");
          else await once(done, "two");
          await database.pool.query("SELECT 1");
          running.set(stack, 0);
          order.set(stack, [...(order.get(stack) ?? []), operationId]);
          if ([...order.values()].flat().length === jobs.length) done.emit("all");
        },
        giveUp: () => Promise.reject(new Error("nothing is given up here")),
      },
      4,
    );
    await once(done, "all");

    expect(atOnce).toBeGreaterThan(1);
    for (const [stack, ids] of order) {
      expect(ids).toEqual(jobs.filter((job) => job.stack === stack).map((job) => job.operationId));
    }
  });

  it("keeps nothing of a transaction that was rolled back, and one job for an operation sent twice", async () => {
    await open();
    const seen: string[] = [];
    const done = new EventEmitter();
    const failing = drizzle(database.pool).transaction(async (transaction) => {
      await queue.enqueue(transaction, { operationId: idOf(1), stack: "environment/a" });
      throw new Error("refused after all");
    });
    await expect(failing).rejects.toThrow("refused after all");
    await send({ operationId: idOf(2), stack: "environment/a" }, { operationId: idOf(2), stack: "environment/a" });
    await send({ operationId: idOf(3), stack: "environment/a" });
    await queue.work(
      {
        run: ({ operationId }) => {
          seen.push(operationId);
          if (operationId === idOf(3)) done.emit("last");
          return Promise.resolve();
        },
        giveUp: () => Promise.resolve(),
      },
      1,
    );
    await once(done, "last");
    expect(seen).toEqual([idOf(2), idOf(3)]);
  });

  it("calls a handler that threw again, and gives the operation up in the end so that its stack goes on", async () => {
    await open({ retryLimit: 1, retryDelaySeconds: 0 });
    await send({ operationId: idOf(1), stack: "environment/a" }, { operationId: idOf(2), stack: "environment/a" });
    const events: string[] = [];
    const done = new EventEmitter();
    await queue.work(
      {
        run: ({ operationId }) => {
          events.push(`run ${operationId}`);
          if (operationId === idOf(1)) return Promise.reject(new Error("the database is away"));
          done.emit("next");
          return Promise.resolve();
        },
        giveUp: ({ operationId }) => {
          events.push(`give up ${operationId}`);
          return Promise.resolve();
        },
      },
      2,
    );
    await once(done, "next");
    expect(events).toEqual([`run ${idOf(1)}`, `run ${idOf(1)}`, `give up ${idOf(1)}`, `run ${idOf(2)}`]);
  });

  it("waits for what runs when it stops, and puts back what takes longer", async () => {
    await open();
    await send({ operationId: idOf(1), stack: "environment/a" });
    const events = new EventEmitter();
    let aborted = false;
    const started = once(events, "started");
    await queue.work(
      {
        run: async (_job, signal) => {
          events.emit("started");
          await once(signal, "abort");
          aborted = true;
        },
        giveUp: () => Promise.resolve(),
      },
      1,
    );
    await started;
    await queue.stop(0.1);
    expect(aborted).toBe(true);
    const { rows } = await database.pool.query("SELECT state FROM gatehouse_queue.job WHERE name = 'operations'");
    expect(rows).toEqual([{ state: "retry" }]);
  });
});
