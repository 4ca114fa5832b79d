/**
 * The workers of this process: so many operations at once, each taken from the database when there is room for it. Which one
 * comes next, and that two never run on one stack, is the database's affair (service/db/migrations/0008-leases.sql); here it
 * is only asked often enough.
 */

/** How what is carried out is told that this process goes: that nothing follows, to stop and go back, and then at once. */
interface Draining {
  stopping: AbortSignal;
  drain: AbortSignal;
  kill: AbortSignal;
}

export interface WorkersOptions<Work> {
  /** Takes what is due next; null when nothing is. */
  claim: () => Promise<Work | null>;
  /** Carries it to its end, or back. Resolves whatever comes of it. */
  execute: (work: Work, draining: Draining) => Promise<void>;
  /** Resolves when there may be something to take; rejects when the signal aborts. */
  hint: (signal: AbortSignal) => Promise<void>;
  /** How many at once. */
  concurrency: number;
  /** How often is looked without a hint: for leases that run out and hints that got lost. */
  pollMilliseconds: number;
  logger: { error: (fields: object, message: string) => void };
  /** Whether an error is known and told already, such as a database that is away. */
  isKnown: (error: unknown) => boolean;
}

interface Workers {
  /**
   * Takes no more. What runs may end; what has not with a part of the time left is told to go back, and at the end of it at
   * once. Called again, it is the same stop.
   */
  stop: (drainSeconds: number) => Promise<void>;
}

/** Longest part of the drain that is kept for operations to go back, in seconds. */
const goingBackSeconds = 10;

/** Begins to work. */
export function startWorkers<Work>(options: WorkersOptions<Work>): Workers {
  const { claim, execute, hint, concurrency, pollMilliseconds, logger, isKnown } = options;
  const stopping = new AbortController();
  const drain = new AbortController();
  const kill = new AbortController();
  const running = new Set<Promise<void>>();

  const begin = (work: Work): void => {
    const run = execute(work, { stopping: stopping.signal, drain: drain.signal, kill: kill.signal })
      .catch((error: unknown) => logger.error({ error }, "a worker met an error that nothing expected, and goes on"))
      .finally(() => running.delete(run));
    running.add(run);
  };

  /** False when there was nothing, or it could not be asked for. */
  const takeOne = async (): Promise<boolean> => {
    try {
      const work = await claim();
      if (work !== null) begin(work);
      return work !== null;
    } catch (error) {
      if (!isKnown(error)) logger.error({ error }, "no operation could be taken; it is tried again");
      return false;
    }
  };

  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const round = new AbortController();
      const over = AbortSignal.any([stopping.signal, round.signal]);
      if (running.size >= concurrency) await Promise.race([...running, aborted(over)]);
      else {
        // Listening before looking: what comes in between is not missed.
        const hinted = untilAborted(hint(over), over);
        if (!(await takeOne())) await Promise.race([...running, hinted, pause(pollMilliseconds, over)]);
        round.abort();
        await hinted;
      }
      round.abort();
    }
  };

  const looking = look();
  const stopAll = async (drainSeconds: number): Promise<void> => {
    stopping.abort();
    await looking;
    const goingBack = Math.min(goingBackSeconds, drainSeconds / 2);
    const all = (): Promise<unknown> => Promise.all(running);
    if (await within(all(), drainSeconds - goingBack)) return;
    drain.abort();
    if (await within(all(), goingBack)) return;
    kill.abort();
    // What does not end even now is left to its lease: it is this worker's to the end of that, and then anybody's.
    await within(all(), goingBackSeconds);
  };
  let stopped: Promise<void> | null = null;
  return { stop: (drainSeconds) => (stopped ??= stopAll(drainSeconds)) };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Resolves with the work, or when the signal aborts. */
const untilAborted = (work: Promise<void>, signal: AbortSignal): Promise<void> =>
  work.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

/** Resolves after a time, or when the signal aborts. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

/** Whether the work was done within the time. */
async function within(work: Promise<unknown>, seconds: number): Promise<boolean> {
  const over = new AbortController();
  const done = await Promise.race([work.then(() => true), pause(seconds * 1000, over.signal).then(() => false)]);
  over.abort();
  return done;
}
