/**
 * Hears from PostgreSQL which operations change, in whatever process: a trigger notifies (migrations/0004-events.sql), and one
 * connection of this process's own listens. Notifications are hints and are lost while nobody is connected, so each
 * connection begins with `onGap`.
 */
import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

interface NotificationsOptions {
  /** Connection string of the server itself: a pooler in transaction mode passes no notifications on. */
  url: string;
  /** What was notified: the id of an operation that changed, or a hint for workers by its name (migrations/0008-leases.sql). */
  onOperation: (name: string) => void;
  /** Changes may have passed unheard until now. */
  onGap: () => void;
  logger: {
    info: (fields: object, message: string) => void;
    warn: (fields: object, message: string) => void;
  };
}

export interface Notifications {
  /** Whether the connection stands. */
  listening: () => boolean;
  close: () => Promise<void>;
}

/** Named in the triggers too. */
const channel = "gatehouse_operation";

/** A server that went away without a word is noticed after both of these, in milliseconds. */
const lookInterval = 10_000;
const answerLimit = 5_000;

/** Pauses between attempts to connect, in milliseconds; the last one repeats. */
const pauses = [100, 250, 500, 1_000, 2_000] as const;

/** Listens until it is closed, on one connection after the other. Resolves once the first one listens or failed to. */
export async function listenForOperations(options: NotificationsOptions): Promise<Notifications> {
  const { logger } = options;
  const closing = new AbortController();
  const state = { listening: false, failures: 0 };
  const attempts = new EventEmitter();
  const firstAttempt = once(attempts, "made");

  const keepListening = async (): Promise<void> => {
    while (!isAborted(closing.signal)) {
      try {
        await listenOnce(options, closing.signal, () => {
          if (state.failures > 0) logger.info({}, "changes of operations are heard of at once again");
          Object.assign(state, { listening: true, failures: 0 });
          attempts.emit("made");
        });
      } catch (error) {
        // Said once, however long it lasts.
        if (state.failures === 0)
          logger.warn({ error }, "changes of operations are not heard of at once: whoever waits looks at the table");
        state.failures += 1;
      }
      state.listening = false;
      attempts.emit("made");
      await delayUnlessAborted(pauses[Math.min(state.failures, pauses.length) - 1] ?? 0, closing.signal);
    }
  };

  const ended = keepListening();
  await firstAttempt;
  return {
    listening: () => state.listening,
    close: async () => {
      closing.abort();
      await ended;
    },
  };
}

/**
 * One connection, until it breaks or the signal aborts.
 *
 * @throws what broke it, or kept it from being made.
 */
async function listenOnce(
  { url, onOperation, onGap }: NotificationsOptions,
  signal: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "gatehouse-notifications",
    keepAlive: true,
    connectionTimeoutMillis: answerLimit,
    query_timeout: answerLimit,
  });
  const lost = new AbortController();
  let reason = new Error("the connection ended");
  client.on("error", (error) => {
    reason = error;
    lost.abort();
  });
  client.on("end", () => lost.abort());
  client.on("notification", ({ payload }) => {
    if (payload !== undefined) onOperation(payload);
  });
  const over = AbortSignal.any([signal, lost.signal]);
  try {
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    onListening();
    onGap();
    while (!isAborted(over)) {
      await delayUnlessAborted(lookInterval, over);
      if (!isAborted(over)) await client.query("SELECT 1");
    }
    if (!isAborted(signal)) throw reason;
  } finally {
    await client.end();
  }
}

/** Asked anew each time: a signal aborts while others wait. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

async function delayUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
