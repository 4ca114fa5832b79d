/**
 * Refreshes and drift checks by the CLI: what the account has otherwise than the state. `pulumi refresh` reads every resource
 * and, unless it is a preview, has the state take it over; no program runs.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent, RefreshRun, RunProblem, RunResult, Step } from "../engine.ts";
import { secretsOf } from "./backend.ts";
import { loadBegunWrites } from "./begun-writes.ts";
import { CliError, type CliEnd } from "./cli-command.ts";
import { createDriftEvents } from "./drift-events.ts";
import { beginRun, doneSteps, recordDone } from "./fence.ts";
import { leftoverProblem, settleBefore } from "./recover-access.ts";
import { doubtProblem, pendingOf } from "./recover.ts";
import { createRunEvents } from "./run-events.ts";
import { idleResult, lockedProblem, outcomeOf, pendingDetail, problemOf, stepsOf } from "./run-result.ts";
import { openRunWorkspace, type AutomationOptions } from "./run-workspace.ts";
import { findStackRecord, keepHeld, type StackRecord } from "./stack-record.ts";

export interface AutomationRefresh {
  run: RefreshRun;
  onEvent: (event: EngineEvent) => void;
  signal: AbortSignal;
}

const noProgram = (): Promise<Record<string, unknown>> => Promise.resolve({});

/** Plugins' debug lines carry secrets in clear. */
const isDebug = ({ diagnosticEvent }: CliEvent): boolean => String(diagnosticEvent?.severity) === "debug";

/** Calls the CLI. Gives how it ended, `null` for code 0. */
async function callRefresh(
  options: AutomationOptions,
  { run, signal }: AutomationRefresh,
  record: StackRecord,
  onEvent: (event: CliEvent) => void,
): Promise<CliEnd | null> {
  const { stack, close } = await openRunWorkspace(options, run, { record, program: noProgram, signal });
  const parallel = run.parallelism === null ? {} : { parallel: run.parallelism };
  try {
    await stack.refresh({ ...parallel, onEvent, previewOnly: run.kind === "drift-check" });
    return null;
  } catch (error) {
    if (error instanceof CliError) return error.end;
    throw error;
  } finally {
    await close();
  }
}

/** Takes the stack for a refresh. Gives a result where it may do nothing. */
async function begin(
  options: AutomationOptions,
  { run, signal }: AutomationRefresh,
  record: StackRecord,
): Promise<RunResult | null> {
  const { stack, operationId, fence } = run;
  if ((await beginRun(options.connection, { stack, number: fence }, operationId)) === null)
    return idleResult(lockedProblem(stack), record);
  try {
    const settled = await settleBefore(options, run, { record, signal, upToFence: fence - 1, look: false });
    const { doubts } = settled;
    return doubts.length === 0 ? null : idleResult(doubtProblem(doubts), record, pendingOf(doubts));
  } catch (error) {
    const problem = leftoverProblem(error);
    if (problem === null) throw error;
    return idleResult(problem, record);
  }
}

/** Of steps that an earlier run of the operation told, the account has nothing new to say. */
const withEarlier = (earlier: readonly Step[], now: readonly Step[]): Step[] => {
  const differing = new Set(now.filter(({ op }) => op !== "same").map(({ urn }) => urn));
  const kept = earlier.filter(({ urn }) => !differing.has(urn));
  const taken = new Set(kept.map(({ urn }) => urn));
  return [...kept, ...now.filter(({ urn }) => !taken.has(urn))];
};

const held = ({ resources, outputs }: StackRecord): Pick<RunResult, "resources" | "outputs"> => ({
  resources,
  outputs,
});

/**
 * Does it. Every way in which it can end is a result.
 *
 * @throws Error when our own records cannot be read or written, so that no result could be true
 */
export async function automationRefresh(options: AutomationOptions, given: AutomationRefresh): Promise<RunResult> {
  const { connection, home, settings } = options;
  const { run, onEvent, signal } = given;
  const { stack, operationId } = run;
  const takesOver = run.kind === "refresh";
  const record = await findStackRecord(connection, stack);
  const nothing: RunResult = {
    ...idleResult(lockedProblem(stack), { resources: [], outputs: {} }),
    outcome: "succeeded",
    problem: null,
  };
  if (record === null) return nothing;
  const refused = takesOver ? await begin(options, given, record) : null;
  if (refused !== null) return refused;

  // No program runs, so nobody says which words are secret; what the CLI tells of the state is masked by itself.
  const redact = (message: string): string => message;
  const doneLog = recordDone(connection, { stack, number: run.fence }, operationId);
  const earlier = takesOver ? await doneSteps(connection, stack, operationId) : [];
  const events = createRunEvents({
    onEvent,
    onDone: () => undefined,
    redact,
    destroys: false,
    known: record.resources,
    home,
  });
  const drift = createDriftEvents(onEvent, record.resources, home);
  const pending = takesOver ? [] : await loadBegunWrites(connection, stack);
  if (pending.length > 0) events.diagnose({ urn: null, severity: "warning", message: pendingDetail(pending) });

  const cliEvents: CliEvent[] = [];
  const cliEnd = await callRefresh(options, given, record, (event) => {
    if (isDebug(event)) return;
    cliEvents.push(event);
    // Its steps are what was read; only what goes wrong is told as by other runs.
    if (event.resourcePreEvent === undefined && event.resOutputsEvent === undefined) events.take(event);
    const step = drift.take(event);
    if (step !== null && step.op !== "same" && takesOver) doneLog.done(step);
  });
  await doneLog.kept();
  const problem: RunProblem | null = problemOf({
    events,
    cliEnd,
    cliEvents,
    refusal: null,
    programFailure: null,
    signaled: signal.aborted,
    applying: false,
    redact,
    secrets: secretsOf(settings),
  });
  const isWhole = problem === null;
  const steps = isWhole ? withEarlier(earlier, drift.steps()) : [];
  const resources = isWhole && takesOver ? drift.resources() : record.resources;
  if (isWhole && takesOver) await keepHeld(connection, run, { ...held(record), resources });
  return {
    ...nothing,
    outcome: outcomeOf(problem),
    ...stepsOf(steps),
    drift: steps.filter(({ op }) => op !== "same"),
    diagnostics: events.diagnostics(),
    resources,
    outputs: record.outputs,
    problem,
  };
}
