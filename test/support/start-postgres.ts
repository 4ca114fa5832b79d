/**
 * Jest's global setup: one PostgreSQL for the whole run, in a temporary directory and on a unix socket, with a migrated
 * template that tests' databases are copied from. In memory where there is room: a database is some 300 files, and making and
 * dropping one takes 0.26 s of CPU on ext4 and 0.04 s there. `TEST_DATABASE_URL` names a server to use instead (its role must be
 * allowed to make databases).
 */
import { existsSync, mkdtempSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePrivateDirectory, startPostgresServer } from "../../service/db/postgres-server.ts";
import { makeTemplateDatabase } from "./template-database.ts";
import { testPostgres } from "./test-postgres.ts";

export default async function startPostgres(): Promise<void> {
  const given = process.env["TEST_DATABASE_URL"];
  const server = given === undefined ? await startTemporaryServer() : null;
  const url = given ?? server?.url("postgres") ?? "";
  testPostgres.stop = server?.stop ?? null;
  process.env["GATEHOUSE_TEST_POSTGRES"] = url;
  process.env["GATEHOUSE_TEST_TEMPLATE"] = await makeTemplateDatabase(url);
}

/** Enough for the databases of many workers, and the log. A container often has 64 MB. */
const neededBytes = 2 ** 30;

/** Where Linux keeps a file system in memory; `null` where there is none, or too small a one. */
function memoryDirectory(): string | null {
  const directory = "/dev/shm";
  if (!existsSync(directory)) return null;
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= neededBytes ? directory : null;
}

async function startTemporaryServer() {
  const directory = makePrivateDirectory(mkdtempSync(join(memoryDirectory() ?? tmpdir(), "gatehouse-test-")));
  testPostgres.directory = directory;
  return startPostgresServer({
    directory: join(directory, "postgres"),
    logFile: join(directory, "postgres.log"),
    // Ctrl-C on the tests stops the server too.
    outlives: false,
    // Nothing here has to survive a power cut, and hundreds of small databases come and go.
    settings: {
      ...{
        fsync: "off",
        synchronous_commit: "off",
        full_page_writes: "off",
        wal_level: "minimal",
        max_wal_senders: "0",
      },
      ...{ shared_buffers: "32MB", autovacuum: "off", max_connections: "300" },
    },
  });
}
