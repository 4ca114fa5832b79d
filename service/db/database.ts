/** The connection to PostgreSQL: whichever server the configuration names, or the embedded one. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { DatabaseStartError } from "./postgres-binaries.ts";
import { startEmbeddedDatabase } from "./embedded.ts";

export interface Database {
  /** Connection string, for what has a pool of its own. */
  url: string;
  pool: pg.Pool;
  /** Typed queries on the pool. */
  queries: NodePgDatabase;
  /** What it is, for people: no host names with passwords. */
  description: string;
  /** Ends the pool, and stops an embedded server. */
  close: () => Promise<void>;
}

/** Longest wait for a connection before a query is refused, in milliseconds. */
const connectionLimitMilliseconds = 5_000;

/** `postgresql://user:password@db.example.com/gatehouse` → `db.example.com/gatehouse` */
function shortDescription(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host}${pathname}`;
}

/**
 * Opens the database and makes sure that it answers.
 *
 * @param onError hears of connections that break while nobody uses them.
 * @throws DatabaseStartError when it cannot be reached.
 */
export async function openDatabase(
  options: { databaseUrl: string | null; dataDirectory: string; connections: number },
  onError: (error: Error) => void,
): Promise<Database> {
  const embedded = options.databaseUrl === null ? await startEmbeddedDatabase(options.dataDirectory) : null;
  const url = options.databaseUrl ?? embedded?.url ?? "";
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "gatehouse",
    max: options.connections,
    connectionTimeoutMillis: connectionLimitMilliseconds,
  });
  pool.on("error", onError);
  const close = async (): Promise<void> => {
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
    queries: drizzle(pool),
    description: embedded === null ? shortDescription(url) : `embedded PostgreSQL in ${options.dataDirectory}`,
    close,
  };
}
