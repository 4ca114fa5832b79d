/** The embedded database: a PostgreSQL of the service's own, in its data directory. */
import { join } from "node:path";
import pg from "pg";
import type { PostgresServer } from "./postgres-server.ts";
import { superviseServer, type SupervisorLogger } from "./supervised-server.ts";

const databaseName = "gatehouse";

const silent: SupervisorLogger = { info: () => undefined, error: () => undefined };

export interface EmbeddedDatabase {
  /** Connection string of the service's database. */
  url: string;
  server: PostgresServer;
}

/**
 * Starts the server of a data directory, or takes up the one that a killed service left, and makes the database when it
 * is not there. A server that dies is started again until it is stopped.
 *
 * @throws DatabaseStartError
 */
export async function startEmbeddedDatabase(
  dataDirectory: string,
  logger: SupervisorLogger = silent,
): Promise<EmbeddedDatabase> {
  const server = await superviseServer(
    { directory: join(dataDirectory, "postgres"), logFile: join(dataDirectory, "postgres.log") },
    logger,
  );
  const client = new pg.Client({ connectionString: server.url("postgres") });
  await client.connect();
  try {
    const existing = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [databaseName]);
    if (existing.rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
  return { url: server.url(databaseName), server };
}
