/** A PostgreSQL server that a test kills and starts again, always at the same socket. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { DatabaseStartError } from "../../service/db/postgres-binaries.ts";
import { makePrivateDirectory, startPostgresServer, type PostgresServer } from "../../service/db/postgres-server.ts";

export interface StoppableDatabase {
  url: string;
  /** Below it there is room for more. */
  directory: string;
  /** Kills the server with -9; its sessions end with it. */
  kill: () => void;
  startAgain: () => Promise<void>;
  remove: () => Promise<void>;
}

const retryMilliseconds = 100;

/** Starts a server with an empty database. What it has confirmed survives its death, though not the machine's. */
export async function startStoppableDatabase(): Promise<StoppableDatabase> {
  const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-outage-")));
  const options = {
    directory: join(directory, "postgres"),
    logFile: join(directory, "postgres.log"),
    outlives: false,
    settings: { fsync: "off", max_connections: "200" },
  };
  let server: PostgresServer = await startPostgresServer(options);
  const client = new pg.Client({ connectionString: server.url("postgres") });
  await client.connect();
  await client.query("CREATE DATABASE gatehouse");
  await client.end();

  const startAgain = async (): Promise<void> => {
    try {
      server = await startPostgresServer({ ...options, socketDirectory: server.socketDirectory });
    } catch (error) {
      // Sessions of the killed server hold its shared memory for a moment longer.
      if (!(error instanceof DatabaseStartError)) throw error;
      await delay(retryMilliseconds);
      await startAgain();
    }
  };
  return {
    url: server.url("gatehouse"),
    directory,
    kill: () => void process.kill(server.pid, "SIGKILL"),
    startAgain,
    remove: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
