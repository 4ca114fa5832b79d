/**
 * Brings a stack home whose last run left something in doubt: looks each doubtful resource up in the account, records what is
 * true in Pulumi's state, and then has Pulumi read every resource of the stack. The account is only read, so nothing is made a
 * second time.
 */
import { isDeepStrictEqual } from "node:util";
import { AwsError, type ResourceProvider, type Scope } from "../../../cloud/provider.ts";
import { resourceTypes } from "../../../cloud/simulated/types/all-types.ts";
import { failureClasses } from "../../../domain/failure-classes.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { Diagnostic, RecoverRun, RunProblem, StackResource } from "../../engine.ts";
import { mayLieIn, regionOf, scopeOf } from "../../pulumi/scope.ts";
import { urnName } from "../../pulumi/urn.ts";
import { pendingProblem } from "../../run-result.ts";
import { forgetBegunWrites, loadBegunWrites } from "./begun-writes.ts";
import { lastWritingOperation } from "../process/run-records.ts";
import { endLeftProcesses, type EndingLeftProcesses } from "./leftovers.ts";
import { withoutDefaults } from "../plugin/inputs.ts";
import {
  comparableInputs,
  doubtsOf,
  providerSettings,
  settledState,
  unreadOf,
  type Doubt,
  type ExportedState,
  type StateResource,
} from "./recover-deployment.ts";
import type { StackState } from "./recover-state.ts";

interface LeftoverOptions extends EndingLeftProcesses {
  state: StackState;
  /** Looks at the state also where our own records tell of nothing, and that takes a process. */
  look: boolean;
}

const { code, advice } = failureClasses.stack_missing;
const stackMissing: RunProblem = { code, failure: "stack_missing", detail: advice, urn: null };

/** What is left once earlier runs are cleared away. */
export interface Settled {
  /** What is in doubt; where there is anything, locks stay. */
  doubts: Doubt[];
  /** What the stack holds; `null`: nothing was ever recorded, or it was not looked at. */
  state: ExportedState | null;
}

/**
 * Clears away what earlier runs left, as far as that needs no look at the account: ends their processes, breaks their locks,
 * and forgets begun writes whose end the state tells.
 *
 * @throws ProcessElsewhereError, SessionAliveError, LockHeldError: then nothing may be done to the stack
 */
export async function settleLeftovers({ state, look, ...options }: LeftoverOptions): Promise<Settled> {
  const { connection, stack } = options;
  const left = await endLeftProcesses(options);
  const begun = await loadBegunWrites(connection, stack);
  if (left.length === 0 && begun.length === 0 && !state.cheap && !look) return { doubts: [], state: null };
  const now = await state.read();
  if (now === null) return { doubts: [], state: null };
  const doubts = doubtsOf(now, begun);
  const isDoubtful = ({ urn, kind }: Pick<Doubt, "urn" | "kind">): boolean =>
    doubts.some((doubt) => doubt.urn === urn && doubt.kind === kind);
  const settled = begun.filter((write) => !isDoubtful(write));
  if (settled.length > 0) await forgetBegunWrites(connection, stack, settled);
  if (doubts.length === 0) await state.unlock();
  return { doubts, state: now };
}

interface RecoverOptions extends Omit<LeftoverOptions, "look"> {
  resolution: RecoverRun["resolution"];
  provider: Pick<ResourceProvider, "findCreated">;
  /** Where providers work that name no account or region. */
  home: Scope;
  tell: (diagnostic: Diagnostic) => void;
  signal: AbortSignal;
}

/** What a recovery came to. */
export interface Recovered {
  problem: RunProblem | null;
  /** What is still in doubt. */
  pending: Doubt[];
  /** What the stack holds now; `null`: nothing was ever recorded. */
  state: ExportedState | null;
}

/**
 * Clocks of this machine and of AWS differ by less: AWS takes no signature that is older (Signature Version 4, "Elements of a request
 * signature"). What is missed here is made a second time.
 */
const clockMilliseconds = 5 * 60_000;
/** How far back something is looked for that only Pulumi's note tells of, and no run of ours. */
const longAgoMilliseconds = 24 * 3_600_000;

const heldQuery = `
  select resource ->> 'id' as id, resource ->> 'account' as account, resource ->> 'region' as region
  from automation.stacks, jsonb_array_elements(resources) as resource
  where resource ->> 'type' = $1`;

/** A resource that a stack holds, and where. */
type Held = Pick<StackResource, "id" | "account" | "region">;

const heldBy = (state: ExportedState, resource: StateResource, home: Scope): Held[] => {
  const { id = "", inputs = {}, outputs = {} } = resource;
  const { account } = scopeOf(providerSettings(state, resource), {}, home);
  return id === "" ? [] : [{ id, account, region: regionOf(outputs, inputs) }];
};

/** A doubt that a lookup did not clear. */
class UnclearError extends Error {
  readonly urn: string;
  constructor(urn: string, message: string) {
    super(message);
    this.name = "UnclearError";
    this.urn = urn;
  }
}

/** The inputs as the account has them: without what the provider's `Check` filled in. */
const givenInputs = (resource: StateResource): JsonObject => {
  const inputs = comparableInputs(resource);
  const type = resourceTypes.get(resource.type);
  return type === undefined ? inputs : withoutDefaults(type, inputs);
};

/** Id of what a create in doubt made; `null` when it made nothing. */
async function findCreated(
  { connection, stack, provider, home, now }: RecoverOptions,
  state: ExportedState,
  { urn, type, draft, startedAt }: Doubt,
): Promise<string | null> {
  if (draft === null) throw new UnclearError(urn, "What was to be created is not noted, so it cannot be looked for.");
  const begun = startedAt ?? (await lastWritingOperation(connection, stack));
  const since = new Date(begun === null ? now().getTime() - longAgoMilliseconds : begun.getTime() - clockMilliseconds);
  const inputs = givenInputs(draft);
  const scope = scopeOf(providerSettings(state, draft), inputs, home);
  const found = await provider.findCreated(type, inputs, scope, since);
  const { rows } = await connection.query<Held>(heldQuery, [type]);
  const ofOwn = (state.deployment.resources ?? []).flatMap((each) =>
    each.type === type ? heldBy(state, each, home) : [],
  );
  const held = new Set([...rows, ...ofOwn].filter((each) => mayLieIn(each, scope)).map(({ id }) => id));
  const [id = null, ...others] = found.filter((each) => !held.has(each));
  if (others.length > 0)
    throw new UnclearError(
      urn,
      `Several resources could be the one that was created: ${[id, ...others].join(", ")}. Delete those that are not wanted, or all of them, and recover again.`,
    );
  return id;
}

const info = (urn: string, message: string): Diagnostic => ({ urn, severity: "info", message });

/** What a refresh found otherwise than the state had it. */
export function refreshNews(before: ExportedState, after: ExportedState): Diagnostic[] {
  const keyOf = ({ urn, id = "" }: StateResource): string => `${urn} ${id}`;
  const now = new Map((after.deployment.resources ?? []).map((resource) => [keyOf(resource), resource]));
  return (before.deployment.resources ?? [])
    .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
    .flatMap((old): Diagnostic[] => {
      const found = now.get(keyOf(old));
      if (found === undefined) return [info(old.urn, `${old.id ?? ""} does not exist any more: it is forgotten.`)];
      const keys = [...new Set([...Object.keys(old.inputs ?? {}), ...Object.keys(found.inputs ?? {})])];
      const paths = keys.filter(
        (key) => key !== "__defaults" && !isDeepStrictEqual(old.inputs?.[key], found.inputs?.[key]),
      );
      if (paths.length > 0) return [info(old.urn, `It differs from what was recorded: ${paths.sort().join(", ")}.`)];
      return isDeepStrictEqual(old.outputs, found.outputs) ? [] : [info(old.urn, "Its outputs are read anew.")];
    });
}

/** What a state holds in accounts. */
export const stackResourcesOf = (state: ExportedState, home: Scope): StackResource[] =>
  (state.deployment.resources ?? []).flatMap((resource) => {
    const { urn, type, custom } = resource;
    if (!custom || type.startsWith("pulumi:") || resource.delete === true) return [];
    const retainOnDelete = resource["retainOnDelete"] === true;
    return heldBy(state, resource, home).map((held) => ({ urn, type, name: urnName(urn), ...held, retainOnDelete }));
  });

/** A recovery that ended before it had read what it recorded; another one reads it. */
const unreadProblem = (state: ExportedState): RunProblem | null => {
  const [first] = unreadOf(state);
  if (first === undefined) return null;
  const detail = `${first.urn} was recorded as ${first.id ?? ""} and not read yet. Recover with { "resolution": "refresh" }.`;
  return { code: "recovery_required", detail, urn: first.urn };
};

/** Finds out about every doubt. @throws UnclearError, AwsError */
async function lookUp(options: RecoverOptions, state: ExportedState, doubts: readonly Doubt[]) {
  const created = new Map<string, string>();
  for (const doubt of doubts) {
    if (options.signal.aborted || doubt.kind !== "creating") continue;
    const id = await findCreated(options, state, doubt);
    if (id === null)
      options.tell(info(doubt.urn, "It was not created: it will be when the stack is brought up again."));
    else {
      created.set(doubt.urn, id);
      options.tell(info(doubt.urn, `It was created, as ${id}, and is recorded now.`));
    }
  }
  return created;
}

/**
 * Recovers a stack whose fence the caller has taken.
 *
 * @throws ProcessElsewhereError, SessionAliveError, LockHeldError, CliError
 */
export async function recoverStack(options: RecoverOptions): Promise<Recovered> {
  const { connection, stack, state, resolution, signal } = options;
  const { doubts, state: before } = await settleLeftovers({ ...options, look: true });
  const ended = (pending: Doubt[], problem: RunProblem | null): Recovered => ({ pending, problem, state: before });
  // It was made, or this run would not have come here: what was applied since then, nobody can tell any more.
  if (before === null) return ended(doubts, stackMissing);
  if (resolution === "unlock")
    return ended(doubts, doubts.length === 0 ? unreadProblem(before) : pendingProblem(doubts));
  const canceled = { code: "canceled", detail: "The recovery was canceled.", urn: null };
  let created: ReadonlyMap<string, string>;
  try {
    created = await lookUp(options, before, doubts);
  } catch (error) {
    if (error instanceof UnclearError)
      return ended(doubts, { code: "recovery_required", detail: error.message, urn: error.urn });
    if (error instanceof AwsError) return ended(doubts, { code: "engine_failed", detail: error.message, urn: null });
    throw error;
  }
  const isCanceled = (): boolean => signal.aborted;
  if (isCanceled()) return ended(doubts, canceled);
  const settled = settledState(before, doubts, created);
  await state.unlock();
  if (doubts.length > 0) await state.replace(settled);
  await forgetBegunWrites(connection, stack, doubts);
  await state.refresh();
  const after = await state.read();
  for (const news of after === null ? [] : refreshNews(settled, after)) options.tell(news);
  return { pending: [], problem: isCanceled() ? canceled : null, state: after };
}
