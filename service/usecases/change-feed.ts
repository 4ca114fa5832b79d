import { EventEmitter, once } from "node:events";

/**
 * Says that an operation changed, in whatever process. Only a hint: the row is the truth, and whoever waits looks again
 * from time to time all the same.
 */
export interface ChangeFeed {
  /** Resolves at the next change of the operation; rejects when the signal aborts. Begin before looking at the row. */
  next(operationId: string, signal: AbortSignal): Promise<void>;
}

/** The end of the feed that hears of changes. */
export interface ChangeFeedSource extends ChangeFeed {
  changed(operationId: string): void;
  /** Hints may have been lost: everybody who waits looks again. */
  anythingMayHaveChanged(): void;
}

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
