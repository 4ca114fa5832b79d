/** One outage of the database is one line in the log, and one when it is over, however many parts of the service meet it. */
import { setTimeout as delay } from "node:timers/promises";
import { isDatabaseUnavailable } from "../database-unavailable.ts";

export interface OutageWatch {
  /**
   * Takes an error that somebody met. True when it says that the database is away: then it is this watch's concern and
   * needs no line of its own.
   */
  noticed: (error: unknown) => boolean;
  /** False from the first such error on until the database answers again. */
  answers: () => boolean;
  close: () => Promise<void>;
}

interface OutageWatchOptions {
  /** Asks the database for something small; rejects when it does not answer. */
  ask: () => Promise<unknown>;
  logger: {
    info: (fields: object, message: string) => void;
    warn: (fields: object, message: string) => void;
  };
  /** Milliseconds, for how long it took. */
  clock: () => number;
  /** Between two questions while it is away. */
  pauseMilliseconds?: number;
}

export function createOutageWatch(options: OutageWatchOptions): OutageWatch {
  const { ask, logger, clock, pauseMilliseconds = 250 } = options;
  const closing = new AbortController();
  let asking: Promise<void> | null = null;

  const askUntilItAnswers = async (): Promise<void> => {
    const since = clock();
    while (!closing.signal.aborted) {
      try {
        await ask();
        const milliseconds = Math.round(clock() - since);
        logger.info({ milliseconds }, "the database answers again");
        return;
      } catch (error) {
        // A database that refuses for another reason answers.
        if (!isDatabaseUnavailable(error)) {
          logger.warn({ error }, "the database answers again, and refuses");
          return;
        }
      }
      await delay(pauseMilliseconds, undefined, { signal: closing.signal }).catch((error: unknown) => {
        if (!closing.signal.aborted) throw error;
      });
    }
  };

  return {
    noticed: (error) => {
      if (!isDatabaseUnavailable(error)) return false;
      if (asking === null && !closing.signal.aborted) {
        logger.warn({ error }, "a connection to the database broke, or it does not answer: work waits until it does");
        asking = askUntilItAnswers().finally(() => {
          asking = null;
        });
      }
      return true;
    },
    answers: () => asking === null,
    close: async () => {
      closing.abort();
      await asking;
    },
  };
}
