/**
 * One run of the CLI on one stack, as one process: a preview; or an up or destroy that locks the stack, plans, has its plan
 * compared with what was approved, and only then applies.
 */
import type { PendingResource, ProgramRun, RunProblem, RunResult } from "../../engine.ts";
import { doneBefore, wholeOperation } from "../../resumption.ts";
import { begunOf, loadBegunWrites } from "../recovery/begun-writes.ts";
import { startCliRun, type AutomationRun, type CliRun, type CliRunEnd } from "./cli-run.ts";
import { ensureStack } from "./ensure-stack.ts";
import { beginRun, doneSteps, type Marker } from "./fence.ts";
import { leftoverProblem, settleBefore } from "../recovery/recover-access.ts";
import { stackResourcesOf, type Settled } from "../recovery/recover.ts";
import { lockedProblem, outcomeOf, pendingProblem, pendingResources, stepsOf } from "../../run-result.ts";
import { noRoomProblem } from "./room.ts";
import { idleResult } from "./run-result.ts";
import type { AutomationOptions } from "./run-workspace.ts";
import { keepHeld, type StackRecord } from "./stack-record.ts";
import { importConflict } from "./told-steps.ts";

/** What a run finds before the CLI is started. */
export interface Start {
  record: StackRecord;
  marker: Marker | null;
  pending: PendingResource[];
}

/** Steps of an operation in all its runs. */
async function wholeSteps(
  { connection }: AutomationOptions,
  { stack, operationId }: ProgramRun,
  { marker, resources }: { marker: Marker | null; resources: RunResult["resources"] },
  now: RunResult["steps"],
): Promise<RunResult["steps"]> {
  if (marker === null) return [];
  const byStep = new Map(now.map((step) => [`${step.op} ${step.urn}`, step]));
  // This run's own are among them as they were first told: an import before the update that belongs to it.
  const logged = await doneSteps(connection, stack, operationId);
  const earlier = logged.map((step) => byStep.get(`${step.op} ${step.urn}`) ?? step);
  // What an earlier run did and nobody told of, since its child was gone, is found done by this one.
  const untold = doneBefore(marker.planned, now);
  const held = new Set(resources.map(({ urn }) => urn));
  return wholeOperation({ ...marker, earlier: [...earlier, ...untold], now, held });
}

/** Takes the stack. Gives a result where the run may do nothing. */
export async function begin(options: AutomationOptions, { run, signal }: AutomationRun): Promise<Start | RunResult> {
  const { connection } = options;
  const { stack, operationId } = run;
  const record = await ensureStack(options, run, signal);
  if ("outcome" in record) return record;
  const { resources, outputs } = record;
  if (run.kind === "preview") return { record, marker: null, pending: await begunOf(connection, stack) };
  const begun = await beginRun(connection, { stack, number: run.fence }, operationId);
  if (begun === null) return idleResult(lockedProblem(stack), { resources, outputs });
  const settled = await settleEarlier(options, run, { record, signal });
  const start = { record, marker: begun.marker, pending: [] };
  if ("doubts" in settled && settled.doubts.length === 0) return start;
  // What an earlier run of this operation has done is its own also where this one can do nothing.
  const steps = await wholeSteps(options, run, { marker: begun.marker, resources }, []);
  if ("doubts" in settled) {
    const { doubts } = settled;
    return {
      ...idleResult(pendingProblem(doubts), { resources, outputs }, pendingResources(doubts)),
      ...stepsOf(steps),
    };
  }
  const pending = outcomeOf(settled) === "failed" ? await begunOf(connection, stack) : [];
  // Without the state nobody can tell what became of these: as long as that is so, nothing else may be begun.
  const problem = pending.length === 0 ? settled : { ...pendingProblem(pending), cause: settled.detail };
  return { ...idleResult(problem, { resources, outputs }, pending), ...stepsOf(steps) };
}

/** Clears away what earlier runs left of themselves; a problem where that cannot be done from here. */
export async function settleEarlier(
  options: AutomationOptions,
  run: ProgramRun,
  given: { record: StackRecord; signal: AbortSignal },
): Promise<Settled | RunProblem> {
  const noRoom = await noRoomProblem(options.settings);
  if (noRoom !== null) return noRoom;
  try {
    return await settleBefore(options, run, { ...given, upToFence: run.fence - 1, look: false });
  } catch (error) {
    const problem = leftoverProblem(error, options.settings);
    if (problem === null) throw error;
    return problem;
  }
}

/**
 * Does the run. Every way in which it can end is a result.
 *
 * @throws Error when our own records cannot be read or written, so that no result could be true
 */
export async function automationRun(options: AutomationOptions, given: AutomationRun): Promise<RunResult> {
  const start = await begin(options, given);
  if ("outcome" in start) return start;
  return untilKnown(options, start, carryOut(options, given, start));
}

/** A CLI that may have been cut off, and whose state cannot be read now: the next attempt finds out. */
export async function untilKnown(
  { settings }: AutomationOptions,
  { record }: Start,
  ran: Promise<RunResult>,
): Promise<RunResult> {
  try {
    return await ran;
  } catch (error) {
    const problem = leftoverProblem(error, settings);
    if (problem === null) throw error;
    return { ...idleResult(problem, record), outcome: "interrupted" };
  }
}

async function carryOut(options: AutomationOptions, given: AutomationRun, start: Start): Promise<RunResult> {
  const applies = given.run.kind !== "preview";
  const cli = startCliRun(options, given, { ...start, applies });
  if (applies) cli.handTo(given, start.marker);
  const end = await cli.ended;
  return applies ? applied(options, given.run, start, { ...end, cli }) : previewed(given.run, start, { ...end, cli });
}

/** What there is to tell once the CLI has ended. */
interface End extends CliRunEnd {
  cli: CliRun;
}

const told = ({ events }: CliRun): Pick<RunResult, "diagnostics" | "drift" | "resources"> => ({
  diagnostics: events.diagnostics(),
  drift: events.isPlanTold() ? events.drift() : [],
  resources: events.resources(),
});

/** A plan that is told, also of a process that still waits. */
export function previewed(
  run: ProgramRun,
  { record, pending }: Start,
  { cli, ...end }: Pick<End, "cli" | "problem">,
): RunResult {
  const { events, digest } = cli;
  const conflict = importConflict(events.told());
  const problem =
    end.problem ??
    (events.isPlanTold() ? events.stateProblem(() => true) : null) ??
    (conflict === null ? null : { code: "adoption_differs", failure: "import_differs" as const, ...conflict });
  if (problem === null) events.warnOfMissing();
  const isWhole = problem === null;
  return {
    outcome: outcomeOf(problem),
    ...stepsOf(isWhole ? events.planned() : []),
    ...told(cli),
    planDigest: isWhole ? digest() : null,
    outputs: run.of === "up" ? (events.outputs() ?? record.outputs) : {},
    pending,
    problem,
  };
}

/** A CLI that was killed, or lost its plugin, told less than happened: Pulumi's state and our own record tell the rest. */
async function settleAfter(
  options: AutomationOptions,
  run: ProgramRun,
  { record }: Start,
  { isCut }: End,
): Promise<Settled> {
  if (!isCut && (await loadBegunWrites(options.connection, run.stack)).length === 0) return { doubts: [], state: null };
  const signal = new AbortController().signal;
  return settleBefore(options, run, { record, signal, upToFence: run.fence, look: isCut });
}

/** What was applied, of a process that has ended. */
export async function applied(options: AutomationOptions, run: ProgramRun, start: Start, end: End): Promise<RunResult> {
  const { problem, applying, refused } = end;
  const { events, digest } = end.cli;
  const { record } = start;
  const { doubts, state } = await settleAfter(options, run, start, end);
  const resources = state === null ? events.resources() : stackResourcesOf(state, options.home);
  const marker = start.marker ?? (applying ? { planned: events.planned() } : null);
  const steps = await wholeSteps(options, run, { marker, resources }, applying ? events.done() : []);
  const succeeded = problem === null;
  const outputs = succeeded ? (run.of === "destroy" ? {} : (events.outputs() ?? record.outputs)) : record.outputs;
  // What was read is in Pulumi's state also where nothing was let through.
  const driftKept = run.refresh && events.isPlanTold();
  if (applying || driftKept) await keepHeld(options.connection, run, { resources, outputs });
  const inDoubt = doubts.length > 0;
  const wasPlanned = events.isPlanTold() && (succeeded || applying || refused);
  const planned = wasPlanned ? digest() : null;
  return {
    ...told(end.cli),
    ...(driftKept ? { driftKept } : {}),
    resources,
    outcome: inDoubt ? "needs_recovery" : outcomeOf(problem),
    ...stepsOf(steps),
    planDigest: start.marker === null ? planned : (run.approvedPlan ?? planned),
    outputs,
    pending: pendingResources(doubts),
    problem: inDoubt ? { ...pendingProblem(doubts), ...(problem === null ? {} : { cause: problem.detail }) } : problem,
  };
}
