/** The connection to PostgreSQL: whichever server the configuration names, or the embedded one. */
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { startEmbeddedDatabase } from "./embedded.ts";
import { createOutageWatch, type OutageWatch } from "./outage.ts";
import { createPool, queriesOn } from "./pool.ts";
import { DatabaseStartError } from "./postgres-binaries.ts";
import type { SupervisorLogger } from "./supervised-server.ts";

export interface Database {
  /** Connection string, for what has a pool of its own. */
  url: string;
  pool: pg.Pool;
  /** Typed queries on the pool. */
  queries: NodePgDatabase;
  /** Knows whether the database answers; whoever meets an error of it tells the watch. */
  outages: OutageWatch;
  /** What it is, for people: no host names with passwords. */
  description: string;
  /** Ends the pool, and stops an embedded server. */
  close: () => Promise<void>;
}

/** Longest wait for an answer to the question whether the database answers, in milliseconds. */
const askingLimitMilliseconds = 2_000;

interface DatabaseLogger extends SupervisorLogger {
  warn: (fields: object, message: string) => void;
}

/** `postgresql://user:password@db.example.com/gatehouse` → `db.example.com/gatehouse` */
function shortDescription(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host}${pathname}`;
}

/** Asks on a new connection each time, so that the answer says what the next one would meet. */
const question = (pool: pg.Pool) => async (): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query("SELECT 1");
  } finally {
    client.release(true);
  }
};

/**
 * Opens the database and makes sure that it answers.
 *
 * @throws DatabaseStartError when it cannot be reached.
 */
export async function openDatabase(
  options: { databaseUrl: string | null; dataDirectory: string; connections: number },
  logger: DatabaseLogger,
): Promise<Database> {
  const embedded = options.databaseUrl === null ? await startEmbeddedDatabase(options.dataDirectory, logger) : null;
  const url = options.databaseUrl ?? embedded?.url ?? "";
  const asking = createPool({
    url,
    connections: 1,
    limitMilliseconds: askingLimitMilliseconds,
    onError: () => undefined,
  });
  const outages = createOutageWatch({ ask: question(asking), logger, clock: () => performance.now() });
  const onError = (error: Error): void => {
    if (!outages.noticed(error)) logger.warn({ error }, "a connection to the database broke; another takes its place");
  };
  const pool = createPool({ url, connections: options.connections, onError });
  const close = async (): Promise<void> => {
    await outages.close();
    await asking.end();
    await pool.end();
    await embedded?.server.stop();
  };
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await close();
    const reason = error instanceof Error && error.message !== "" ? error.message : "no answer";
    const which = embedded === null ? `of DATABASE_URL (${shortDescription(url)})` : `in ${options.dataDirectory}`;
    throw new DatabaseStartError(`The database ${which} cannot be used: ${reason}.`, { cause: error });
  }
  return {
    url,
    pool,
    queries: queriesOn(pool),
    outages,
    description: embedded === null ? shortDescription(url) : `embedded PostgreSQL in ${options.dataDirectory}`,
    close,
  };
}
