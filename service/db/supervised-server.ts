/** Keeps the embedded server running: one that dies under the service is started again. */
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseStartError } from "./postgres-binaries.ts";
import { startPostgresServer, type PostgresServer, type PostgresServerOptions } from "./postgres-server.ts";

export interface SupervisorLogger {
  info: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
}

/** How often the server's process is looked for, in milliseconds. */
const lookMilliseconds = 250;
/** Between two attempts to start it; each takes longer than the one before. */
const firstPauseMilliseconds = 200;
const longestPauseMilliseconds = 10_000;

/**
 * Starts the server of a directory and sees to it that it goes on running, always at the same socket, until it is stopped.
 *
 * @throws DatabaseStartError when the first start does not succeed.
 */
export async function superviseServer(
  options: PostgresServerOptions,
  logger: SupervisorLogger,
): Promise<PostgresServer> {
  const stopping = new AbortController();
  const first = await startPostgresServer(options);
  let current = first;

  const pause = (milliseconds: number): Promise<void> =>
    delay(milliseconds, undefined, { signal: stopping.signal, ref: false }).catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    });

  /** Backends of a killed server hold its shared memory for a moment: the first attempt may be too early. */
  const startAgain = async (): Promise<void> => {
    logger.error({ process: current.pid }, "the embedded database ended by itself: starting it again");
    for (
      let wait = firstPauseMilliseconds;
      !stopping.signal.aborted;
      wait = Math.min(wait * 2, longestPauseMilliseconds)
    ) {
      try {
        current = await startPostgresServer({ ...options, socketDirectory: first.socketDirectory });
        logger.info({ process: current.pid }, "the embedded database runs again");
        return;
      } catch (error) {
        if (!(error instanceof DatabaseStartError)) throw error;
        logger.error({ error, nextMilliseconds: wait }, "the embedded database did not start");
      }
      await pause(wait);
    }
  };

  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (current.isAlive()) await pause(lookMilliseconds);
      else await startAgain();
    }
  };
  const watching = watch();

  return {
    ...first,
    stop: async () => {
      stopping.abort();
      await watching;
      await current.stop();
    },
  };
}
