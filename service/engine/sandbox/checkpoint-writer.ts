/** Writes of one run to its stack's checkpoint. Each names the run's fence, and the database refuses it under any other. */
import type { Step } from "../engine.ts";
import type { CheckpointStore, Stored } from "./checkpoint.ts";
import { FencedError, type Fence } from "./fence.ts";
import { sealProperties } from "./sealed-properties.ts";
import type { CheckpointWriter, Draft, ResourceState } from "./state.ts";

/**
 * Does the changes only while the run holds the stack, and says whether it does. The row is locked for the length of the
 * statement, so that a newer run that begins meanwhile waits for it, and sees what it wrote.
 */
const whileHeld = (changes: string): string => `
  with held as materialized (
    select operation_id from sandbox.fences where stack = $1 and fence = $2 and runner is not null for share
  ), ${changes}
  select operation_id from held`;

const keepStep = (step: string): string =>
  `told as (insert into sandbox.done_steps (stack, operation_id, step)
    select $1, operation_id, ${step}::jsonb from held where ${step}::jsonb is not null)`;

const queries = {
  begin: whileHeld(`noted as (
    insert into sandbox.pending_operations (stack, urn, type, kind, resource_id, draft, replaces, started_at)
    select $1, $3, $4, $5, $6, $7::jsonb, $8::integer, $9::timestamptz from held)`),
  abandon: whileHeld(`cleared as (
    delete from sandbox.pending_operations where stack = $1 and urn = $3 and exists (select from held))`),
  // Superseded rows come first: for a moment in between, none holds the URN.
  save: whileHeld(`cleared as (
      delete from sandbox.pending_operations
      where stack = $1 and urn in (select value ->> 'urn' from jsonb_array_elements($3::jsonb)) and exists (select from held)
    ), ${keepStep("$4")}, saved as (
      insert into sandbox.resources (stack, sequence, urn, pending_delete, state)
      select $1, (value ->> 'sequence')::integer, value ->> 'urn', (value ->> 'pendingDelete')::boolean, value
      from held, jsonb_array_elements($3::jsonb)
      order by (value ->> 'pendingDelete')::boolean desc
      on conflict (stack, sequence) do update
        set urn = excluded.urn, pending_delete = excluded.pending_delete, state = excluded.state)`),
  remove: whileHeld(`cleared as (
      delete from sandbox.pending_operations where stack = $1 and urn = $3 and exists (select from held)
    ), ${keepStep("$5")}, removed as (
      delete from sandbox.resources where stack = $1 and sequence = $4::integer and exists (select from held))`),
  saveOutputs: whileHeld(`saved as (
    insert into sandbox.stacks (name, outputs) select $1, $3::jsonb from held
    on conflict (name) do update set outputs = excluded.outputs, updated_at = now())`),
  clear: whileHeld(`removed as (delete from sandbox.stacks where name = $1 and exists (select from held))`),
};

const json = (value: Step | object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Writes one after the other, as they come. `now` is the clock by which the account is asked. */
export function checkpointWriter(store: CheckpointStore, fence: Fence, now: () => Date): CheckpointWriter {
  const { secrets } = store;
  const storedDraft = (draft: Draft): Stored<Draft> => ({ ...draft, inputs: sealProperties(secrets, draft.inputs) });
  const storedState = (state: ResourceState): Stored<ResourceState> => ({
    ...state,
    inputs: sealProperties(secrets, state.inputs),
    outputs: sealProperties(secrets, state.outputs),
  });
  let last: Promise<unknown> = Promise.resolve();
  const write = async (query: string, ...values: unknown[]): Promise<void> => {
    const ahead = last;
    const turn = (async () => {
      // Whoever wrote ahead hears of its own failure.
      await Promise.allSettled([ahead]);
      const { rows } = await store.query(query, [fence.stack, fence.number, ...values]);
      if (rows.length === 0) throw new FencedError(fence);
    })();
    last = turn;
    await turn;
  };
  return {
    begin: ({ urn, type, kind, id, draft, replaces }) =>
      write(queries.begin, urn, type, kind, id, json(draft && storedDraft(draft)), replaces, now()),
    abandon: (urn) => write(queries.abandon, urn),
    save: (states, step) => write(queries.save, JSON.stringify(states.map(storedState)), json(step)),
    remove: ({ urn, sequence }, step) => write(queries.remove, urn, sequence, json(step)),
    saveOutputs: (outputs) => write(queries.saveOutputs, JSON.stringify(sealProperties(secrets, outputs))),
    clear: () => write(queries.clear),
  };
}
