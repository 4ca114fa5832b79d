/** The migrated database that tests' databases are copied from: migrating takes far longer than copying. */
import { createHash } from "node:crypto";
import pg from "pg";
import { migrateDatabase, readMigrations } from "../../service/db/migrate.ts";

/** `url` with another database. */
export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/**
 * Makes the template unless a run before this one did; its name comes from the migrations, so a changed one makes another.
 *
 * @returns the template's name.
 */
export async function makeTemplateDatabase(serverUrl: string): Promise<string> {
  const migrations = await readMigrations();
  const fingerprint = createHash("sha256")
    .update(migrations.map(({ checksum }) => checksum).join())
    .digest("hex");
  const name = `gatehouse_template_${fingerprint.slice(0, 16)}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    // Two runs on one server: the second waits for the first's template.
    await admin.query("SELECT pg_advisory_lock(71)");
    const existing = await admin.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (existing.rowCount === 0) {
      await admin.query(`DROP DATABASE IF EXISTS ${name}_unfinished WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${name}_unfinished`);
      const pool = new pg.Pool({ connectionString: databaseUrl(serverUrl, `${name}_unfinished`), max: 4 });
      await migrateDatabase(pool, { migrations });
      await pool.end();
      await admin.query(`ALTER DATABASE ${name}_unfinished RENAME TO ${name}`);
    }
  } finally {
    await admin.end();
  }
  return name;
}
