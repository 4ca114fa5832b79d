/**
 * Writes to the account that the CLI told the begin of and not the end: what Pulumi's own state forgets.
 *
 * Pulumi notes a write as pending before it asks the plugin, and drops the note with the plugin's answer, also when the answer
 * is only that the plugin is gone (`error reading from server: EOF`). The resource may exist then, and the state says nothing.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { quotedRefusal, refusalClass } from "../../../cloud/aws-refusals.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { PendingResource } from "../../engine.ts";
import type { Connection } from "../../connection.ts";
import { keptInOrder } from "../kept-in-order.ts";
import { pendingResources } from "../../run-result.ts";

type StepMetadata = NonNullable<CliEvent["resourcePreEvent"]>["metadata"];

/** A write to the account that was begun. */
export interface BegunWrite extends PendingResource {
  /** The resource's id before the write; `null` for one that is new. */
  id: string | null;
  /** The resource as it was to be, as the state has it, but with `[secret]` for what is secret. `null` for a delete. */
  draft: JsonObject | null;
  startedAt: Date;
}

/** Which run writes. */
interface WritingRun {
  stack: string;
  operationId: string;
  fence: number;
}

const kindsByOp: Readonly<Record<string, PendingResource["kind"]>> = {
  create: "creating",
  "create-replacement": "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
};

/** What reaches the account: components and the stack are the engine's own, and so are providers. */
const writeKind = ({ op, type, ...states }: StepMetadata): PendingResource["kind"] | null => {
  // The declared types leave out that a delete has no new state, and a create no old one.
  const state: { custom?: boolean } | null | undefined = states.new ?? states.old;
  return state?.custom === true && !type.startsWith("pulumi:") ? (kindsByOp[op] ?? null) : null;
};

/** What a new state in an event holds that a state has; outputs are not known at the begin. */
const draftOf = (metadata: StepMetadata): JsonObject | null => {
  const { new: state } = metadata;
  if (state === undefined) return null;
  const { urn, type, parent, provider, protect, retainOnDelete } = state;
  const inputs = JSON.parse(JSON.stringify(state.inputs)) as JsonObject;
  const options = { ...(protect === true ? { protect } : {}), ...(retainOnDelete === true ? { retainOnDelete } : {}) };
  return { urn, custom: true, type, inputs, parent, provider, ...options };
};

/**
 * What is said when no answer came: by gRPC of a plugin that is gone or was not waited for (google.golang.org/grpc,
 * internal/transport), by the AWS SDK of a request whose answer never came (`StatusCode: 0`).
 */
const unanswered =
  /error reading from server|transport is closing|the (client )?connection is (closing|draining)|connection error: desc|connection re(fused|set)|broken pipe|context (canceled|deadline exceeded)|StatusCode: 0\b|request send failed|i\/o timeout|unexpected EOF/;

/**
 * What is said where AWS took a create, or may have: it broke while it answered, or was not done in the time that the provider
 * waits (hashicorp/terraform-provider-aws#30135; `aws_ssoadmin_account_assignment` has no id before its wait is over). The state
 * tells where the provider kept what it made; of an update or delete the next refresh tells.
 */
const halfDone = /StatusCode: 5\d\d\b|timeout while waiting for|exceeded max wait time/;

const isThrottled = (message: string): boolean => {
  const refusal = quotedRefusal(message);
  return refusal !== null && refusalClass(refusal.code, refusal.message) === "throttled";
};

/** Whether an error says nothing of what became of the write. */
export const leavesDoubt = (message: string, kind: PendingResource["kind"]): boolean =>
  unanswered.test(message) || (kind === "creating" && halfDone.test(message) && !isThrottled(message));

/** A write begins, or its end is known. */
export type WriteChange = { begun: BegunWrite } | { ended: Pick<BegunWrite, "urn" | "kind"> };

/** What the CLI says where it could not write the state (`SnapshotManager` and its callers in pkg/engine, 3.257.0). */
const notSaved = /failed to save snapshot|(?:pre-step|post-step|resource complete) event returned an error/;

/** It could not be noted that a write was to begin, so the plugin was not asked for it. */
const neverAsked = /^pre-step event returned an error/;

/** Whether the state may lack what the CLI has told the end of. */
const saysNotSaved = (text: string): boolean => notSaved.test(text);

interface FollowedWrites {
  /** What an event begins or ends. The events of a plan do neither. */
  hear(event: CliEvent): WriteChange[];
  /** The state was not written: what ended is known again only to have begun. */
  doubtEnds(): WriteChange[];
}

const keyOf = ({ urn, kind }: Pick<BegunWrite, "urn" | "kind">): string => `${kind} ${urn}`;

/**
 * Follows the events of an apply. The CLI tells the end of a write before it writes it to the state; where that fails, as on a full
 * disk or with a backend that went away, the state may lack everything that this run did.
 */
export function followWrites(now: () => Date): FollowedWrites {
  const errors = new Map<string, string>();
  const open = new Map<string, BegunWrite>();
  const done = new Map<string, BegunWrite>();
  let isSaved = true;

  const end = (write: Pick<BegunWrite, "urn" | "kind">): WriteChange[] => {
    open.delete(keyOf(write));
    return [{ ended: write }];
  };
  const doubtEnds = (): WriteChange[] => {
    isSaved = false;
    const again = [...done.values()].map((begun) => ({ begun }));
    done.clear();
    return again;
  };
  const takeError = (urn: string, message: string): WriteChange[] => {
    errors.set(urn, `${errors.get(urn) ?? ""}\n${message}`);
    if (!saysNotSaved(message)) return [];
    const unasked = neverAsked.test(message) ? [...open.values()].filter((write) => write.urn === urn) : [];
    return [...unasked.flatMap(({ kind }) => end({ urn, kind })), ...doubtEnds()];
  };
  const takeEnd = (urn: string, kind: BegunWrite["kind"]): WriteChange[] => {
    const write = open.get(keyOf({ urn, kind }));
    if (!isSaved) return [];
    if (write !== undefined) done.set(keyOf(write), write);
    return end({ urn, kind });
  };

  return {
    doubtEnds,
    hear: (event) => {
      const { diagnosticEvent: said, resourcePreEvent: begins, resOutputsEvent: ends, resOpFailedEvent: fails } = event;
      if (said?.severity === "error") return takeError(said.urn ?? "", said.message);
      const step = begins ?? ends ?? fails;
      const kind = step === undefined ? null : writeKind(step.metadata);
      if (step === undefined || kind === null) return [];
      const { urn, type } = step.metadata;
      if (begins !== undefined && begins.planning !== true) {
        errors.delete(urn);
        const id = step.metadata.old?.id ?? "";
        const draft = kind === "deleting" ? null : draftOf(step.metadata);
        const begun = { urn, type, kind, id: id === "" ? null : id, draft, startedAt: now() };
        open.set(keyOf(begun), begun);
        return [{ begun }];
      }
      if (ends !== undefined && ends.planning !== true) return takeEnd(urn, kind);
      // Without a word of the cause nothing is known either.
      if (fails !== undefined && !leavesDoubt(errors.get(urn) ?? "i/o timeout", kind)) return end({ urn, kind });
      return [];
    },
  };
}

const beginQuery = `
  insert into automation.begun_writes (stack, urn, operation_id, fence, type, kind, id, draft, started_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (stack, urn, kind) do update set
    operation_id = excluded.operation_id, fence = excluded.fence, id = excluded.id, draft = excluded.draft,
    started_at = excluded.started_at`;

const endQuery = "delete from automation.begun_writes where stack = $1 and urn = $2 and kind = $3 and fence = $4";

/** Keeps the writes that a run has begun. */
export interface WriteRecord {
  /** Keeps what an event begins or ends, in the order of the events. */
  hear(event: CliEvent): void;
  /**
   * The CLI has ended, and this was on its standard error. Resolves when everything that was heard is kept.
   *
   * @throws Error of the database
   */
  kept(stderr: string): Promise<void>;
}

/** Keeps the begun writes of a run durably, while it goes on. */
export function recordWrites(
  connection: Connection,
  { stack, operationId, fence }: WritingRun,
  now: () => Date,
): WriteRecord {
  const writes = followWrites(now);

  const keep = (change: WriteChange): Promise<unknown> => {
    if ("ended" in change) return connection.query(endQuery, [stack, change.ended.urn, change.ended.kind, fence]);
    const { urn, type, kind, id, draft, startedAt } = change.begun;
    const json = draft === null ? null : JSON.stringify(draft);
    return connection.query(beginQuery, [stack, urn, operationId, fence, type, kind, id, json, startedAt]);
  };
  const keeping = keptInOrder(keep);
  const keepAll = (changes: readonly WriteChange[]): void => changes.forEach(keeping.add);
  return {
    hear: (event) => keepAll(writes.hear(event)),
    kept: async (stderr) => {
      if (saysNotSaved(stderr)) keepAll(writes.doubtEnds());
      await keeping.settled();
    },
  };
}

/** Writes of a stack that were begun and whose end nobody told, oldest first. */
export async function loadBegunWrites(connection: Connection, stack: string): Promise<BegunWrite[]> {
  const { rows } = await connection.query<BegunWrite>(
    `select urn, type, kind, id, draft, started_at as "startedAt" from automation.begun_writes
     where stack = $1 order by started_at, urn`,
    [stack],
  );
  return rows;
}

/** What a run warns of that writes nothing; it looks no further. */
export const begunOf = async (connection: Connection, stack: string): Promise<PendingResource[]> =>
  pendingResources(await loadBegunWrites(connection, stack));

/** Forgets writes whose end is known now. */
export async function forgetBegunWrites(
  connection: Connection,
  stack: string,
  writes: readonly Pick<BegunWrite, "urn" | "kind">[],
): Promise<void> {
  const pairs = [writes.map(({ urn }) => urn), writes.map(({ kind }) => kind)];
  await connection.query(
    `delete from automation.begun_writes using unnest($2::text[], $3::text[]) as known (urn, kind)
     where begun_writes.stack = $1 and begun_writes.urn = known.urn and begun_writes.kind = known.kind`,
    [stack, ...pairs],
  );
}
