/** Stops what was started, in the opposite order: what came last stands on what came before. */
import type { Logger } from "./logger.ts";

interface Stopper {
  /** Has something stopped when its turn comes. */
  later: (name: string, stop: () => Promise<void>) => void;
  /** Aborts when stopping begins. */
  stopping: AbortSignal;
  /** Stops everything; one that fails is logged and the others stop all the same. Called again, it is the same stop. */
  stop: () => Promise<void>;
}

export function createStopper(logger: Logger): Stopper {
  const steps: { name: string; stop: () => Promise<void> }[] = [];
  const begun = new AbortController();
  let stopped: Promise<void> | null = null;
  const stopAll = async (): Promise<void> => {
    begun.abort();
    for (const { name, stop } of steps.reverse()) {
      try {
        await stop();
      } catch (error) {
        logger.error({ error, part: name }, "a part of the service did not stop cleanly");
      }
    }
  };
  return {
    later: (name, stop) => void steps.push({ name, stop }),
    stopping: begun.signal,
    stop: () => (stopped ??= stopAll()),
  };
}
