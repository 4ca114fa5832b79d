import { EventEmitter, once } from "node:events";

/**
 * Says that an operation changed. Only a hint, within one process: the row is the truth, and whoever waits looks again
 * from time to time all the same.
 */
export interface ChangeFeed {
  changed(operationId: string): void;
  /** Resolves at the next change of the operation; rejects when the signal aborts. */
  next(operationId: string, signal: AbortSignal): Promise<void>;
}

export const createChangeFeed = (): ChangeFeed => {
  const emitter = new EventEmitter();
  // One listener per waiting caller: many callers are no leak.
  emitter.setMaxListeners(0);
  return {
    changed: (operationId) => void emitter.emit(operationId),
    next: async (operationId, signal) => {
      await once(emitter, operationId, { signal });
    },
  };
};
