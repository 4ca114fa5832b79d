/**
 * Which run may change a stack. A run begins with a fence above all that began before; from then on the database refuses
 * what an older run still tries to write to the checkpoint, also one that was stopped for an hour and knows nothing of it.
 *
 * A note of what is about to be written precedes each write to the account, so an older run can change nothing there
 * either, beyond the one write that it had noted before. To be sure of that one too, the newer run ends the database
 * sessions of the older one; the simulated account is behind the same server, so this stops the write itself.
 */
import type { Step } from "../engine.ts";
import type { Connection } from "../connection.ts";

/** A stack, and the number of the run that holds it. */
export interface Fence {
  stack: string;
  number: number;
}

/** A newer run has begun on the stack: this one may write nothing any more. */
export class FencedError extends Error {
  constructor({ stack }: Fence) {
    super(`A newer run has taken over ${stack}. This one stops.`);
    this.name = "FencedError";
  }
}

interface Beginning extends Fence {
  operationId: string;
  /** Name of the sessions that the run works through. */
  runner: string;
}

/** How far an operation's apply had come when it was interrupted. */
export interface Marker {
  /** All steps that it set out to take. */
  planned: Step[];
}

/** How long a session may take to end, in milliseconds. */
const sessionEndLimit = 5_000;

const endSessionsQuery = `
  select pg_terminate_backend(pid, ${sessionEndLimit})
  from pg_stat_activity where application_name = $1 and datname = current_database() and pid <> pg_backend_pid()`;

/** Ends the sessions of the run that holds the stack, if it is older and has not ended by itself. */
async function endOlderRun(connection: Connection, { stack, number, runner }: Beginning): Promise<void> {
  const query = "select runner from sandbox.fences where stack = $1 and fence < $2 and runner <> $3";
  const { rows } = await connection.query<{ runner: string }>(query, [stack, number, runner]);
  for (const older of rows) await connection.query(endSessionsQuery, [older.runner]);
}

const beginQuery = `
  insert into sandbox.fences as held (stack, fence, runner, operation_id) values ($1, $2, $3, $4)
  on conflict (stack) do update set
    fence = excluded.fence, runner = excluded.runner, operation_id = excluded.operation_id,
    planned = case when held.operation_id = excluded.operation_id then held.planned end
  where held.fence < excluded.fence
  returning planned`;

/**
 * Takes the stack for a run, and forgets how far another operation came. `null` when this run is not the newest.
 *
 * @returns how far this very operation came earlier; `marker: null` when it has not applied anything
 */
export async function beginRun(
  connection: Connection,
  beginning: Beginning,
): Promise<{ marker: Marker | null } | null> {
  await endOlderRun(connection, beginning);
  const { stack, number, runner, operationId } = beginning;
  const { rows } = await connection.query<{ planned: Step[] | null }>(beginQuery, [stack, number, runner, operationId]);
  const [row] = rows;
  if (row === undefined) return null;
  return { marker: row.planned === null ? null : { planned: row.planned } };
}

const markQuery = `
  with marked as (
    update sandbox.fences set planned = $3::jsonb where stack = $1 and fence = $2 and runner is not null
    returning operation_id
  ), forgotten as (
    delete from sandbox.done_steps using marked
    where stack = $1 and done_steps.operation_id <> marked.operation_id
  )
  select operation_id from marked`;

/** Notes durably that the apply begins, and what it sets out to do. False when a newer run has begun. */
export async function markApply(connection: Connection, { stack, number }: Fence, planned: Step[]): Promise<boolean> {
  const { rows } = await connection.query(markQuery, [stack, number, JSON.stringify(planned)]);
  return rows.length > 0;
}

/** What an operation has done so far; empty for any but the last that began to apply. */
export async function doneSteps(connection: Connection, stack: string, operationId: string): Promise<Step[]> {
  const query = "select step from sandbox.done_steps where stack = $1 and operation_id = $2 order by position";
  const { rows } = await connection.query<{ step: Step }>(query, [stack, operationId]);
  return rows.map(({ step }) => step);
}

/** How far the operation came, if it is the one that began last. */
export async function findMarker(connection: Connection, stack: string, operationId: string): Promise<Marker | null> {
  const query = "select planned from sandbox.fences where stack = $1 and operation_id = $2 and planned is not null";
  const { rows } = await connection.query<Marker>(query, [stack, operationId]);
  return rows[0] ?? null;
}

/**
 * Ends the run's hold of the stack: it writes nothing after this. What its operation did stays noted until another one
 * begins, so that an operation whose result was lost on the way can be run again and tells the same.
 */
export async function endRun(connection: Connection, { stack, number }: Fence): Promise<void> {
  await connection.query("update sandbox.fences set runner = null where stack = $1 and fence = $2", [stack, number]);
}

/** Ends the hold of a run whose process is gone, and waits until nothing of it is on its way any more. */
export async function cutOff(connection: Connection, fence: Fence): Promise<void> {
  const query = "select runner from sandbox.fences where stack = $1 and fence = $2 and runner is not null";
  const { rows } = await connection.query<{ runner: string }>(query, [fence.stack, fence.number]);
  for (const { runner } of rows) await connection.query(endSessionsQuery, [runner]);
  await endRun(connection, fence);
}
