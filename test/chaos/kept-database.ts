/** A PostgreSQL server that is started again whenever it dies, as an operating system's supervisor would. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { DatabaseStartError } from "../../service/db/postgres-binaries.ts";
import { startPostgresServer, type PostgresServer } from "../../service/db/postgres-server.ts";
import { pulumiPostgresUrl } from "../support/pulumi-postgres-url.ts";

export interface KeptDatabase {
  /** Connection string of the service's database. */
  url(): string;
  /** Of the database that Pulumi's state lies in, where it does, as Pulumi takes it. */
  stateUrl(): string;
  stop(): Promise<void>;
}

const lookMilliseconds = 100;

/** Starts the server below a directory and keeps it. What it has confirmed survives a kill; only power cuts are left out. */
export async function keepDatabase(directory: string): Promise<KeptDatabase> {
  const start = (): Promise<PostgresServer> =>
    startPostgresServer({
      directory: join(directory, "postgres"),
      logFile: join(directory, "postgres.log"),
      outlives: false,
      settings: { fsync: "off", max_connections: "300" },
    });
  const life = { server: await start(), stopping: false };

  const startAgain = async (): Promise<void> => {
    try {
      life.server = await start();
    } catch (error) {
      // The dead server's sessions still hold its shared memory: it is tried again.
      if (!(error instanceof DatabaseStartError)) throw error;
    }
  };
  const keep = async (): Promise<void> => {
    while (!life.stopping) {
      if (!life.server.isAlive()) await startAgain();
      await delay(lookMilliseconds);
    }
  };

  const client = new pg.Client({ connectionString: life.server.url("postgres") });
  await client.connect();
  for (const name of ["gatehouse", "pulumi"]) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const kept = keep();
  return {
    url: () => life.server.url("gatehouse"),
    stateUrl: () => pulumiPostgresUrl(life.server.url("pulumi")),
    stop: async () => {
      life.stopping = true;
      await kept;
      await life.server.stop();
    },
  };
}
