/**
 * Which run may change a stack, and how far its operation came. A run begins with a fence above all that began before; it is
 * looked at again in the gate, under Pulumi's own lock, so a run that was overtaken applies nothing. As the sandbox's
 * (`sandbox/fence.ts`), but for the writes themselves: those are the CLI's, and end with its session.
 */
import type { Step } from "../../engine.ts";
import type { Connection } from "../../connection.ts";
import { keptInOrder } from "../kept-in-order.ts";

interface Fence {
  stack: string;
  number: number;
}

/** How far an operation's apply had come when it was interrupted: all steps that it set out to take. */
export interface Marker {
  planned: Step[];
}

const beginQuery = `
  insert into automation.fences as held (stack, fence, operation_id) values ($1, $2, $3)
  on conflict (stack) do update set
    fence = excluded.fence, operation_id = excluded.operation_id,
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
  { stack, number }: Fence,
  operationId: string,
): Promise<{ marker: Marker | null } | null> {
  const { rows } = await connection.query<{ planned: Step[] | null }>(beginQuery, [stack, number, operationId]);
  const [row] = rows;
  if (row === undefined) return null;
  return { marker: row.planned === null ? null : { planned: row.planned } };
}

const markQuery = `
  with marked as (
    update automation.fences set planned = coalesce(planned, $3::jsonb) where stack = $1 and fence = $2
    returning operation_id
  ), forgotten as (
    delete from automation.done_steps using marked
    where stack = $1 and done_steps.operation_id <> marked.operation_id
  ), applied as (
    update automation.stacks set applied_arguments = $4 from marked where stacks.stack = $1
  )
  select operation_id from marked`;

/**
 * Notes durably that the apply begins, what it sets out to do (the first time), and the seal of its arguments (`null` for a
 * destroy). False when a newer run has begun.
 */
export async function markApply(
  connection: Connection,
  { stack, number }: Fence,
  planned: readonly Step[],
  sealedArguments: string | null,
): Promise<boolean> {
  const parameters = [stack, number, JSON.stringify(planned), sealedArguments];
  return (await connection.query(markQuery, parameters)).rows.length > 0;
}

/** Forgets what other operations of the stack did: none of them goes on once this one has begun. */
export async function forgetOthers(connection: Connection, stack: string, operationId: string): Promise<void> {
  const query = "delete from automation.done_steps where stack = $1 and operation_id <> $2";
  await connection.query(query, [stack, operationId]);
}

/** What an operation has done in its runs so far. */
export async function doneSteps(connection: Connection, stack: string, operationId: string): Promise<Step[]> {
  const query = "select step from automation.done_steps where stack = $1 and operation_id = $2 order by position";
  const { rows } = await connection.query<{ step: Step }>(query, [stack, operationId]);
  return rows.map(({ step }) => step);
}

/** Keeps steps of a run as they are done, one after the other, so that the operation can tell of all its runs. */
export interface DoneLog {
  done(step: Step): void;
  /** Resolves when everything is kept. @throws Error of the database */
  kept(): Promise<void>;
}

const doneQuery = `
  insert into automation.done_steps (stack, operation_id, step)
  select $1, $3, $4::jsonb where exists (select from automation.fences where stack = $1 and fence = $2)`;

/** Keeps steps while the run is the newest of its stack; of one that was overtaken, none. */
export function recordDone(connection: Connection, { stack, number }: Fence, operationId: string): DoneLog {
  const { add: done, settled: kept } = keptInOrder((step: Step) =>
    connection.query(doneQuery, [stack, number, operationId, JSON.stringify(step)]),
  );
  return { done, kept };
}

/** How far the operation came, if it is the one that began last. */
export async function findMarker(connection: Connection, stack: string, operationId: string): Promise<Marker | null> {
  const query = "select planned from automation.fences where stack = $1 and operation_id = $2 and planned is not null";
  const { rows } = await connection.query<Marker>(query, [stack, operationId]);
  return rows[0] ?? null;
}
