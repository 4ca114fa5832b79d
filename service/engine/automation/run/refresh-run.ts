/**
 * Refreshes and drift checks by the CLI: one process, `pulumi refresh`, for a check with `--preview-only`. No program is run;
 * what the state knows of a resource is enough to read it.
 */
import { isDeepStrictEqual } from "node:util";
import type { EngineEvent, RefreshRun, RunResult, StackResource, Step } from "../../engine.ts";
import type { GivenRun } from "../../runner/performed.ts";
import type { Scope } from "../../../cloud/provider.ts";
import { isProviderType } from "../../pulumi/urn.ts";
import type { AccountReads, Read } from "./account-reads.ts";
import { begunOf } from "../recovery/begun-writes.ts";
import { beginRun, doneSteps, forgetOthers, recordDone } from "./fence.ts";
import { createHeldResources } from "./held-resources.ts";
import { leftoverProblem, settleBefore } from "../recovery/recover-access.ts";
import { lookAtAccount, type Look } from "./refresh-look.ts";
import {
  differing,
  lockedProblem,
  outcomeOf,
  pendingDetail,
  pendingProblem,
  pendingResources,
  stepsOf,
} from "../../run-result.ts";
import { idleResult } from "./run-result.ts";
import type { AutomationOptions } from "./run-workspace.ts";
import { noRoomProblem } from "./room.ts";
import { findStackRecord, keepHeld, type StackRecord } from "./stack-record.ts";
import { givenInputs, shownValue, valueAt, type ToldState } from "./told-steps.ts";

/** What the stack holds by what was read: as recorded before, or as found. */
function heldBy(reads: readonly Read[], home: Scope, stateOf: (read: Read) => ToldState | null): StackResource[] {
  const held = createHeldResources([], home);
  const isProvider = ({ type }: Read): boolean => isProviderType(type);
  // Accounts are told by providers.
  for (const read of [...reads.filter(isProvider), ...reads.filter((each) => !isProvider(each))]) {
    const state = stateOf(read);
    if (state !== null) held.planned({ ...read, op: "same", old: state, new: state });
  }
  return held.all();
}

/**
 * Whether the state has what an earlier run of this operation found. That run may have ended between finding it and recording
 * it; then it is found again, or it has gone away by itself.
 */
export function isTakenOver({ op, urn, diff }: Step, reads: readonly Read[]): boolean {
  const recorded = reads.find((read) => read.urn === urn && read.old?.delete !== true)?.old;
  if (op === "delete") return recorded == null;
  if (recorded == null) return false;
  const inputs = givenInputs(recorded.inputs);
  return diff.every(({ path, to }) => isDeepStrictEqual(shownValue(valueAt(inputs, path)), to));
}

/** The steps of an operation in all its runs. */
function wholeRefresh(reads: AccountReads, earlier: readonly Step[]): Step[] {
  const now = reads.steps();
  const found = new Set(differing(now).map(({ urn }) => urn));
  const before = new Map(
    earlier.filter((step) => !found.has(step.urn) && isTakenOver(step, reads.all())).map((step) => [step.urn, step]),
  );
  return [...before.values(), ...now.filter(({ urn }) => !before.has(urn))];
}

const told = (
  { problem, diagnostics }: Look,
  held: Pick<RunResult, "resources" | "outputs" | "pending">,
  steps: Step[],
): RunResult => ({
  outcome: outcomeOf(problem),
  ...stepsOf(problem === null ? steps : []),
  planDigest: null,
  drift: problem === null ? differing(steps) : [],
  ...held,
  diagnostics,
  problem,
});

async function check(options: AutomationOptions, given: GivenRun<RefreshRun>, record: StackRecord): Promise<RunResult> {
  const { connection, home } = options;
  const pending = await begunOf(connection, given.run.stack);
  const warnings = pending.length === 0 ? [] : [pendingDetail(pending)];
  const seen = await lookAtAccount(options, given, { record, warnings });
  const { reads, problem } = seen;
  const resources = problem === null ? heldBy(reads.all(), home, ({ old }) => old) : record.resources;
  return told(seen, { resources, outputs: record.outputs, pending }, reads.steps());
}

/** A stack whose fence the caller has taken. @throws ProcessElsewhereError, SessionAliveError, LockHeldError, OvertakenError */
async function refresh(
  options: AutomationOptions,
  given: GivenRun<RefreshRun>,
  record: StackRecord,
): Promise<RunResult> {
  const { connection, home } = options;
  const { run, signal } = given;
  const { stack, operationId, fence } = run;
  const { doubts } = await settleBefore(options, run, { record, signal, upToFence: fence - 1, look: false });
  if (doubts.length > 0) return idleResult(pendingProblem(doubts), record, pendingResources(doubts));
  await forgetOthers(connection, stack, operationId);
  const earlier = await doneSteps(connection, stack, operationId);
  const found = recordDone(connection, { stack, number: fence }, operationId);
  // Kept as it is found: if this run is lost, its next one finds these taken over and cannot tell them any more.
  const onEvent = (event: EngineEvent): void => {
    if (event.type === "resource.read" && event.step.op !== "same") found.done(event.step);
    given.onEvent(event);
  };
  const gone = new Set(earlier.filter(({ op }) => op === "delete").map(({ urn }) => urn));
  const seen = await lookAtAccount(options, { ...given, onEvent }, { record, warnings: [], gone });
  await found.kept();
  const { reads, problem, isCut } = seen;
  if (isCut) await settleBefore(options, run, { record, signal, upToFence: fence, look: true });
  const { outputs } = record;
  if (problem !== null) return told(seen, { resources: record.resources, outputs, pending: [] }, []);
  const resources = heldBy(reads.all(), home, (read) => read.new);
  await keepHeld(connection, run, { resources, outputs });
  return told(seen, { resources, outputs, pending: [] }, wholeRefresh(reads, earlier));
}

/**
 * Does it. Every way in which it can end is a result.
 *
 * @throws Error when our own records cannot be read or written, so that no result could be true
 */
export async function refreshRun(options: AutomationOptions, given: GivenRun<RefreshRun>): Promise<RunResult> {
  const { connection } = options;
  const { kind, stack, fence, operationId } = given.run;
  const record = await findStackRecord(connection, stack);
  const held = { resources: record?.resources ?? [], outputs: record?.outputs ?? {} };
  if (kind === "refresh" && (await beginRun(connection, { stack, number: fence }, operationId)) === null)
    return idleResult(lockedProblem(stack), held);
  // A stack that was never made has nothing to read.
  if (record === null) return { ...idleResult(lockedProblem(stack), held), outcome: "succeeded", problem: null };
  const noRoom = kind === "refresh" ? await noRoomProblem(options.settings) : null;
  if (noRoom !== null) return idleResult(noRoom, held);
  try {
    return await (kind === "refresh" ? refresh : check)(options, given, record);
  } catch (error) {
    const problem = leftoverProblem(error, options.settings);
    if (problem === null) throw error;
    return idleResult(problem, held);
  }
}
