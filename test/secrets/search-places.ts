/** Where secrets are looked for once something has run: files, and every row of a database. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Pool } from "pg";
import type { CanarySearch } from "./canaries.ts";

/** Files and directories below a directory, itself included; those of these names are left out with what is in them. */
export function treeOf(directory: string, leaveOut: readonly string[] = []): string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !leaveOut.includes(name));
  return [
    directory,
    ...entries.flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? treeOf(path, leaveOut) : [path];
    }),
  ];
}

/** Canaries in files below a directory, in what they hold and in what they are called. */
export const inFiles = (directory: string, search: CanarySearch, leaveOut: readonly string[] = []): string[] =>
  treeOf(directory, leaveOut).flatMap((path) => {
    const content = statSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0);
    return [...search.in(path), ...search.in(content)].map((name) => `${name}: ${path}`);
  });

/** What somebody else on the machine may read, write or enter. */
export const openToOthers = (directory: string, leaveOut: readonly string[] = []): string[] =>
  treeOf(directory, leaveOut).flatMap((path) => {
    const stat = statSync(path);
    const mode = stat.mode & 0o777;
    return stat.isSocket() || (mode & 0o077) === 0 ? [] : [`${mode.toString(8)} ${path}`];
  });

/** Canaries in rows, with the table, of all schemas but these. All of a row is looked at, of whatever type its columns are. */
export async function inRows(pool: Pool, search: CanarySearch, leaveOut: readonly string[] = []): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
       and not format('%I.%I', table_schema, table_name) like any ($1)`,
    [leaveOut],
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ content: string }>(
      `select to_jsonb(each)::text as content from ${name} as each`,
    );
    for (const { content } of rows) for (const place of search.placesIn(content)) found.push(`${name}: ${place}`);
  }
  return [...new Set(found)];
}
