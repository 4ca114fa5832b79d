import { EventEmitter, once } from "node:events";
import { startWorkers, type WorkersOptions } from "../../../service/queue/workers.ts";

/** Work that lies ready, and ends when the test says so. */
const ready = (options: Partial<WorkersOptions<string>> = {}) => {
  const waiting: string[] = [];
  const events = new EventEmitter();
  events.setMaxListeners(0);
  const running = new Set<string>();
  const errors: unknown[] = [];
  const workers = startWorkers<string>({
    claim: () => Promise.resolve(waiting.shift() ?? null),
    execute: async (work, { drain, kill }) => {
      running.add(work);
      events.emit(`began ${work}`);
      await Promise.race([
        once(events, `end ${work}`),
        once(drain, "abort").then(() => once(events, `end ${work} after draining`)),
        once(kill, "abort"),
      ]);
      running.delete(work);
    },
    hint: async (signal) => {
      await once(events, "hint", { signal });
    },
    concurrency: 2,
    pollMilliseconds: 60_000,
    logger: { error: (fields) => errors.push(fields) },
    isKnown: () => false,
    ...options,
  });
  const offer = (...works: string[]): void => {
    waiting.push(...works);
    events.emit("hint");
  };
  const began = (work: string): Promise<unknown> =>
    running.has(work) ? Promise.resolve() : once(events, `began ${work}`);
  return { waiting, events, running, errors, workers, offer, began };
};

describe("the workers of a process", () => {
  it("take work at a hint, so many at once, and the next when one ends", async () => {
    const { events, running, workers, offer, began, waiting } = ready();
    const both = Promise.all([began("a"), began("b")]);
    offer("a", "b", "c");
    await both;
    expect([...running]).toEqual(["a", "b"]);
    expect(waiting).toEqual(["c"]);
    const third = began("c");
    events.emit("end a");
    await third;
    expect([...running]).toEqual(["b", "c"]);
    await workers.stop(0);
  });

  it("look from time to time without a hint", async () => {
    const { waiting, began, workers } = ready({ pollMilliseconds: 5 });
    waiting.push("a");
    await began("a");
    await workers.stop(0);
  });

  it("go on when nothing could be taken", async () => {
    const failures = [new Error("the database is away")];
    const { began, workers, errors } = ready({
      pollMilliseconds: 5,
      claim: () => {
        const failure = failures.shift();
        return failure === undefined ? Promise.resolve("a") : Promise.reject(failure);
      },
    });
    await began("a");
    expect(errors).toHaveLength(1);
    await workers.stop(0);
  });

  it("take nothing more while they stop, and wait for what runs", async () => {
    const { events, running, workers, offer, began, waiting } = ready();
    const first = began("a");
    offer("a");
    await first;
    const stopped = workers.stop(60);
    offer("b");
    events.emit("end a");
    await stopped;
    expect([...running]).toEqual([]);
    expect(waiting).toEqual(["b"]);
  });

  it("tell what takes longer to go back", async () => {
    const { events, running, workers, offer, began } = ready({
      execute: async (work, { drain }) => {
        events.emit(`began ${work}`);
        await once(drain, "abort");
        events.emit("went back");
      },
    });
    const first = began("a");
    const back = once(events, "went back");
    offer("a");
    await first;
    await workers.stop(0.02);
    await back;
    expect([...running]).toEqual([]);
  });

  it("end at once what does not go back in time", async () => {
    const { running, workers, offer, began } = ready();
    const first = began("a");
    offer("a");
    await first;
    await workers.stop(0.02);
    expect([...running]).toEqual([]);
  });
});
