/** What the checkpoint of a stack holds, in PostgreSQL (`0003-sandbox.sql`, `0009-sandbox-fences.sql`). */
import type { Connection } from "../connection.ts";
import type { Scope } from "../../cloud/provider.ts";
import { noProperties, type Properties } from "../pulumi/properties.ts";
import { mayLieIn } from "../pulumi/scope.ts";
import { openProperties, type StoredProperties } from "./sealed-properties.ts";
import type { SecretBox } from "./secret-box.ts";
import type { CheckpointData, Draft, NotedOperation, ResourceState } from "./state.ts";

/** Where checkpoints are kept, and what seals their secrets. */
export interface CheckpointStore extends Connection {
  secrets: SecretBox;
}

/** What has inputs and outputs, or inputs alone, as it is kept. */
export type Stored<Bags extends object> = Omit<Bags, "inputs" | "outputs"> & {
  [Bag in keyof Bags & ("inputs" | "outputs")]: StoredProperties;
};

interface CheckpointRow {
  resources: Stored<ResourceState>[];
  outputs: StoredProperties | null;
  pending: (Omit<NotedOperation, "startedAt" | "draft"> & { startedAt: string; draft: Stored<Draft> | null })[];
}

const loadQuery = `
  select
    coalesce((select jsonb_agg(state order by sequence) from sandbox.resources where stack = $1), '[]') as resources,
    (select outputs from sandbox.stacks where name = $1) as outputs,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'urn', urn, 'type', type, 'kind', kind, 'id', resource_id, 'draft', draft, 'replaces', replaces,
        'startedAt', started_at
      ) order by urn)
      from sandbox.pending_operations where stack = $1
    ), '[]') as pending`;

/** What the stack held after its last run, and what nobody knows the end of. A stack that never was is empty. */
export async function loadCheckpoint(store: CheckpointStore, stack: string): Promise<CheckpointData> {
  const { rows } = await store.query<CheckpointRow>(loadQuery, [stack]);
  const [row] = rows;
  const open = (kept: StoredProperties): Properties => openProperties(store.secrets, kept);
  return {
    resources: (row?.resources ?? []).map((kept) => ({
      ...kept,
      inputs: open(kept.inputs),
      outputs: open(kept.outputs),
    })),
    outputs: row?.outputs == null ? noProperties() : open(row.outputs),
    pending: (row?.pending ?? []).map(({ draft, startedAt, ...noted }) => ({
      ...noted,
      draft: draft && { ...draft, inputs: open(draft.inputs) },
      startedAt: new Date(startedAt),
    })),
  };
}

/** Ids of all resources of a type that any stack holds where a scope leads. */
export async function heldIds(connection: Connection, type: string, scope: Scope): Promise<Set<string>> {
  const query = `
    select state ->> 'id' as id, state -> 'scope' ->> 'account' as account,
      coalesce(state -> 'outputs' -> 'values' ->> 'region', state -> 'inputs' -> 'values' ->> 'region') as region
    from sandbox.resources where state ->> 'type' = $1 and state ->> 'id' is not null`;
  const { rows } = await connection.query<{ id: string; account: string | null; region: string | null }>(query, [type]);
  return new Set(rows.filter((row) => mayLieIn(row, scope)).map(({ id }) => id));
}
