/** From one environment that was really brought up to as many as wanted, with operations and events: copied in the database. */
import type pg from "pg";

/** What is different in a copy; every other column is taken over. `$1` copies, and their names in `copy.name`. */
const stackValues: Record<string, string> = {
  name: "'environment/' || copy.name",
  sequence: "nextval(pg_get_serial_sequence('gatehouse.stacks', 'sequence'))",
  team: "copy.team",
  spec: "renamed(original.spec)",
  arguments: "renamed(original.arguments)",
  outputs: "renamed(original.outputs)",
  resources: "renamed(original.resources)",
};

const operationValues: Record<string, string> = {
  id: "uuidv7()",
  sequence: "nextval(pg_get_serial_sequence('gatehouse.operations', 'sequence'))",
  stack: "'environment/' || copy.name",
  team: "copy.team",
  spec: "renamed(original.spec)",
  arguments: "renamed(original.arguments)",
  continues: "null",
  continued_by: "null",
  superseded_by: "null",
};

const copies = `
  generate_series(1, $1::integer) as number,
  lateral (select 'e' || lpad(number::text, 5, '0') as name, 'team-' || number % 50 as team) as copy`;

/** `renamed(value)`: the value with the copy's name wherever the original's stands. */
const written = (expression: string): string =>
  expression.replace(
    /renamed\((.*?)\)/g,
    "replace(replace($1::text, 'seed', copy.name), 'Seed', initcap(copy.name))::jsonb",
  );

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ column_name: string }>(
    `select column_name from information_schema.columns
     where table_schema = 'gatehouse' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
    [table],
  );
  return rows.map(({ column_name }) => column_name);
}

async function copyRows(
  client: pg.Client,
  copy: { table: string; values: Record<string, string>; from: string },
  parameters: number[],
): Promise<void> {
  const columns = await columnsOf(client, copy.table);
  const values = columns.map((column) => written(copy.values[column] ?? `original.${column}`));
  await client.query(
    `insert into gatehouse.${copy.table} (${columns.join(", ")}) select ${values.join(", ")} from ${copy.from}`,
    parameters,
  );
}

/** Events as an operation of a dozen steps leaves them. */
const eventsOfEach = 12;

/**
 * Copies `environment/seed`. The copies are as large as the original, and their rows lie among each other as they would when
 * operations of all stacks come one after the other.
 *
 * @param size how many environments, and operations of each.
 */
export async function multiply(client: pg.Client, size: { environments: number; operations: number }): Promise<void> {
  // No triggers and no checks of references: this is no work of the service's.
  await client.query("set session_replication_role = replica");
  await copyRows(
    client,
    {
      table: "stacks",
      values: stackValues,
      from: `gatehouse.stacks as original, ${copies} where original.name = 'environment/seed'`,
    },
    [size.environments],
  );
  const rounds = `(
    select operation.*, row_number() over (order by round, sequence) as place
    from gatehouse.operations as operation, generate_series(1, $2::integer / 2) as round
    where stack = 'environment/seed'
  ) as original`;
  await copyRows(
    client,
    { table: "operations", values: operationValues, from: `${rounds}, ${copies} order by original.place, number` },
    [size.environments, size.operations],
  );
  await client.query(
    `insert into gatehouse.events (operation_id, number, type, attempt, at, data)
     select operation.id, number, 'resource.done', 1, operation.created_at, '{"step": {"op": "create", "name": "resource"}}'
     from gatehouse.operations as operation, generate_series(1, $1::integer) as number
     where not exists (select from gatehouse.events as event where event.operation_id = operation.id)`,
    [eventsOfEach],
  );
  await client.query("set session_replication_role = origin");
  await client.query("vacuum analyze");
}
