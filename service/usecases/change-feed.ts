import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Says that an operation changed, in whatever process. Only a hint: the row is the truth, and whoever waits looks again
 * from time to time all the same.
 */
export interface ChangeFeed {
  /** Resolves at the next change of the operation; rejects when the signal aborts. Begin before looking at the row. */
  next(operationId: string, signal: AbortSignal): Promise<void>;
}

/** The end of the feed that hears of changes. */
interface ChangeFeedSource extends ChangeFeed {
  changed(operationId: string): void;
  /** Hints may have been lost: everybody who waits looks again. */
  anythingMayHaveChanged(): void;
}

/** A feed within this process; whoever listens to the database says what changed. */
export const createChangeFeed = (): ChangeFeedSource => {
  const emitter = new EventEmitter();
  // One listener per waiting caller: many callers are no leak.
  emitter.setMaxListeners(0);
  return {
    changed: (operationId) => void emitter.emit(operationId),
    anythingMayHaveChanged: () => {
      // `once` listens for `error` beside each name, and would take it for one.
      for (const name of emitter.eventNames()) if (name !== "error") emitter.emit(name);
    },
    next: async (operationId, signal) => {
      await once(emitter, operationId, { signal });
    },
  };
};

/**
 * Waits for the next change of an operation, `longest` milliseconds at most, or until the signal aborts; says whether there
 * was one. Begin before looking at the row.
 */
export const nextChange = async (
  feed: ChangeFeed,
  operationId: string,
  longest: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  try {
    return await Promise.race([
      feed.next(operationId, either).then(() => true),
      delay(longest, false, { signal: either }),
    ]);
  } catch (error) {
    if (!either.aborted) throw error;
    return false;
  } finally {
    done.abort();
  }
};
