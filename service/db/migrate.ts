/** Migrations: numbered SQL files, applied once each and in order, forward only. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";

/** One numbered SQL file. */
export interface Migration {
  number: number;
  /** File name, such as `0001-initial.sql`. */
  name: string;
  sql: string;
  /** SHA-256 of the text, in hexadecimal. */
  checksum: string;
}

/** The database and this program do not fit together: the message is the sentence to show. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MigrationError";
  }
}

const migrationsDirectory = fileURLToPath(new URL("./migrations/", import.meta.url));

/** Any number does, as long as every Gatehouse takes the same: it names the advisory lock that migrations run under. */
const migrationLock = 4_283_651_907;

const fileName = /^(\d{4})-[a-z0-9-]+\.sql$/;

/**
 * Reads the migrations of a directory, in the order of their numbers.
 *
 * @throws MigrationError when a file is named otherwise, or two share a number.
 */
export async function readMigrations(directory: string = migrationsDirectory): Promise<Migration[]> {
  const names = (await readdir(directory)).sort();
  const migrations = await Promise.all(
    names.map(async (name) => {
      const number = Number(fileName.exec(name)?.[1]);
      if (Number.isNaN(number)) throw new MigrationError(`Migrations are named like 0001-initial.sql, not ${name}.`);
      const sql = await readFile(`${directory}/${name}`, "utf8");
      return { number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
  for (const [index, migration] of migrations.entries()) {
    if (migrations[index - 1]?.number === migration.number) {
      throw new MigrationError(`Two migrations have the number of ${migration.name}.`);
    }
  }
  return migrations;
}

/**
 * Which migrations are still to be applied.
 *
 * @throws MigrationError when the database is newer than this program, an applied file was changed since, or one is missing
 * in the middle.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly { number: number; name: string; checksum: string }[],
): Migration[] {
  const byNumber = new Map(known.map((migration) => [migration.number, migration]));
  for (const row of applied) {
    const migration = byNumber.get(row.number);
    if (migration === undefined) {
      throw new MigrationError(
        `The database is newer than this program: it has migration ${row.name}, which this version of Gatehouse does not know. Run the version that made it, or a later one.`,
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new MigrationError(
        `Migration ${row.name} differs from the one that was applied to this database. Applied migrations are never changed: restore the file and put the change into a new one.`,
      );
    }
  }
  const latest = Math.max(0, ...applied.map((row) => row.number));
  const appliedNumbers = new Set(applied.map((row) => row.number));
  const pending = known.filter((migration) => !appliedNumbers.has(migration.number));
  const late = pending.find((migration) => migration.number < latest);
  if (late !== undefined) {
    throw new MigrationError(
      `Migration ${late.name} comes before one that was applied already: give it a later number.`,
    );
  }
  return pending;
}

async function applyMigration(client: pg.ClientBase, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query("INSERT INTO gatehouse.migrations (number, name, checksum) VALUES ($1, $2, $3)", [
      migration.number,
      migration.name,
      migration.checksum,
    ]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${migration.name} could not be applied: ${reason}`, { cause: error });
  }
}

/**
 * Brings the database up to this program's schema. Several processes may do so at once: one works, the others wait and
 * find nothing left to do.
 *
 * @returns names of the migrations that were applied now.
 * @throws MigrationError
 */
export async function migrateDatabase(pool: pg.Pool, options: { migrations?: Migration[] } = {}): Promise<string[]> {
  const known = options.migrations ?? (await readMigrations());
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    await client.query("CREATE SCHEMA IF NOT EXISTS gatehouse");
    await client.query(
      `CREATE TABLE IF NOT EXISTS gatehouse.migrations (
         number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    );
    const applied = await client.query<{ number: number; name: string; checksum: string }>(
      "SELECT number, name, checksum FROM gatehouse.migrations ORDER BY number",
    );
    const pending = pendingMigrations(known, applied.rows);
    for (const migration of pending) await applyMigration(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    // Not back into the pool: ending the session frees the lock, whatever state the connection is in.
    client.release(true);
  }
}
