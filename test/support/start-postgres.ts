/**
 * Jest's global setup: one PostgreSQL for the whole run, in a temporary directory and on a unix socket, with a migrated
 * template that tests' databases are copied from. `TEST_DATABASE_URL` names a server to use instead (its role must be
 * allowed to make databases).
 */
import { mkdtempSync } from "node:fs";
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

async function startTemporaryServer() {
  const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-test-")));
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
