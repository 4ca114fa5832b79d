/** The checkpoint of a stack in PostgreSQL (`0003-sandbox.sql`), and the lock that lets one run at a time change it. */
import type pg from "pg";
import { noProperties, type Properties } from "./properties.ts";
import type { CheckpointData, CheckpointWriter, PendingOperation, ResourceState } from "./state.ts";

/** One connection of its own: the lock lives and dies with it. */
export type CheckpointConnection = Pick<pg.Client, "query">;

interface CheckpointRow {
  resources: ResourceState[];
  outputs: Properties | null;
  pending: PendingOperation[];
}

const loadQuery = `
  select
    coalesce((select jsonb_agg(state order by sequence) from sandbox.resources where stack = $1), '[]') as resources,
    (select outputs from sandbox.stacks where name = $1) as outputs,
    coalesce((
      select jsonb_agg(jsonb_build_object('urn', urn, 'type', type, 'kind', kind, 'id', resource_id) order by urn)
      from sandbox.pending_operations where stack = $1
    ), '[]') as pending`;

/** What the stack held after its last run, and what nobody knows the end of. A stack that never was is empty. */
export async function loadCheckpoint(connection: CheckpointConnection, stack: string): Promise<CheckpointData> {
  const { rows } = await connection.query<CheckpointRow>(loadQuery, [stack]);
  const [row] = rows;
  return { resources: row?.resources ?? [], outputs: row?.outputs ?? noProperties(), pending: row?.pending ?? [] };
}

// Superseded rows come first: for a moment in between, none holds the URN.
const saveQuery = `
  with cleared as (
    delete from sandbox.pending_operations
    where stack = $1 and urn in (select value ->> 'urn' from jsonb_array_elements($2::jsonb))
  )
  insert into sandbox.resources (stack, sequence, urn, pending_delete, state)
  select $1, (value ->> 'sequence')::integer, value ->> 'urn', (value ->> 'pendingDelete')::boolean, value
  from jsonb_array_elements($2::jsonb)
  order by (value ->> 'pendingDelete')::boolean desc
  on conflict (stack, sequence) do update
    set urn = excluded.urn, pending_delete = excluded.pending_delete, state = excluded.state`;

const removeQuery = `
  with cleared as (delete from sandbox.pending_operations where stack = $1 and urn = $2)
  delete from sandbox.resources where stack = $1 and sequence = $3`;

const beginQuery = `
  insert into sandbox.pending_operations (stack, urn, type, kind, resource_id) values ($1, $2, $3, $4, $5)`;

const saveOutputsQuery = `
  insert into sandbox.stacks (name, outputs) values ($1, $2::jsonb)
  on conflict (name) do update set outputs = excluded.outputs, updated_at = now()`;

/** Writes one after the other, as they come: a connection takes one statement at a time. */
export function checkpointWriter(connection: CheckpointConnection, stack: string): CheckpointWriter {
  let last: Promise<unknown> = Promise.resolve();
  const write = async (query: string, ...values: unknown[]): Promise<void> => {
    const ahead = last;
    const turn = (async () => {
      // Whoever wrote ahead hears of its own failure.
      await Promise.allSettled([ahead]);
      await connection.query(query, [stack, ...values]);
    })();
    last = turn;
    await turn;
  };
  return {
    begin: ({ urn, type, kind, id }) => write(beginQuery, urn, type, kind, id),
    abandon: (urn) => write("delete from sandbox.pending_operations where stack = $1 and urn = $2", urn),
    save: (states) => write(saveQuery, JSON.stringify(states)),
    remove: ({ urn, sequence }) => write(removeQuery, urn, sequence),
    saveOutputs: (outputs) => write(saveOutputsQuery, JSON.stringify(outputs)),
    clear: () => write("delete from sandbox.stacks where name = $1"),
  };
}

const lockKey = (stack: string): string => `gatehouse sandbox ${stack}`;

/**
 * Takes the stack's lock, or says that another run has it. The lock belongs to the connection's session, so a process
 * that dies lets go of it (PostgreSQL manual, "Advisory Locks").
 */
export async function lockStack(connection: CheckpointConnection, stack: string): Promise<boolean> {
  const query = "select pg_try_advisory_lock(hashtextextended($1, 0)) as locked";
  const { rows } = await connection.query<{ locked: boolean }>(query, [lockKey(stack)]);
  return rows[0]?.locked ?? false;
}

export async function unlockStack(connection: CheckpointConnection, stack: string): Promise<void> {
  await connection.query("select pg_advisory_unlock(hashtextextended($1, 0))", [lockKey(stack)]);
}
