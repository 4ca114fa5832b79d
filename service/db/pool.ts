/** Connection pools that get over an outage: nothing waits for ever, and no connection is used on after it broke. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { isDatabaseUnavailable } from "../database-unavailable.ts";

interface PoolOptions {
  url: string;
  /** Connections at most. */
  connections: number;
  /** Longest wait for a connection and for an answer, where it is another than for calls, in milliseconds. */
  limitMilliseconds?: number;
  /** Hears of connections that break, whether anybody uses them or not. */
  onError: (error: Error) => void;
}

/** Longest wait for a connection, in milliseconds: a free one, or a new one. */
const connectionLimitMilliseconds = 3_000;
/** The server ends a statement after this long, so that its connection can go on. */
const statementLimitMilliseconds = 10_000;
/** A server that has not even said that by then does not answer: nobody waits for it any longer. */
const answerLimitMilliseconds = 12_000;
/** A process that was stopped in the middle of a transaction must not keep its locks: others take over what it held. */
const idleTransactionLimitMilliseconds = 30_000;
/** A connection through a network that swallows packets is found out by probes. */
const keepAliveMilliseconds = 10_000;

/** Opens a pool; connections are made when they are needed. */
export function createPool({ url, connections, limitMilliseconds, onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "gatehouse",
    max: connections,
    connectionTimeoutMillis: limitMilliseconds ?? connectionLimitMilliseconds,
    statement_timeout: statementLimitMilliseconds,
    idle_in_transaction_session_timeout: idleTransactionLimitMilliseconds,
    query_timeout: limitMilliseconds ?? answerLimitMilliseconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
  });
  pool.on("error", onError);
  // The pool listens to connections that nobody uses. One that breaks inside a transaction would end the process.
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}

/**
 * Does work on a connection of its own, for transactions and the like. One that broke, or that did not answer in time,
 * does not go back into the pool.
 */
async function withConnection<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = isDatabaseUnavailable(error);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Does work that may take long, such as a migration that waits for another's: a single connection without limits. */
export async function withUnhurriedPool<Result>(
  url: string,
  work: (pool: pg.Pool) => Promise<Result>,
): Promise<Result> {
  const pool = new pg.Pool({ connectionString: url, application_name: "gatehouse", max: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/**
 * Typed queries on a pool. Transactions are ours: Drizzle's own keeps the connection for ever when `begin` fails on it, and
 * gives one that no longer answers back to the pool (drizzle-orm 0.45, node-postgres/session).
 */
export function queriesOn(pool: pg.Pool): NodePgDatabase {
  const queries: NodePgDatabase = drizzle(pool);
  queries.transaction = (work, settings) =>
    withConnection(pool, (client) => drizzle(client).transaction(work, settings));
  return queries;
}
