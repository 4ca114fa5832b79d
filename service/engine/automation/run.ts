/**
 * One run of the CLI on one stack, as one process: a preview; or an up or destroy that locks the stack, plans, has its plan
 * compared with what was approved, and only then applies.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent, PendingResource, ProgramRun, RunProblem, RunResult } from "../engine.ts";
import { createRedactor } from "../sandbox/redaction.ts";
import { doneBefore, wholeOperation } from "../sandbox/resumption.ts";
import { secretsOf } from "./backend.ts";
import { loadBegunWrites, recordWrites } from "./begun-writes.ts";
import { CliError, type CliEnd } from "./cli-command.ts";
import { ensureStack } from "./ensure-stack.ts";
import { quotedForms } from "./failures-redaction.ts";
import { beginRun, doneSteps, recordDone, type Fence, type Marker } from "./fence.ts";
import { createGate, holdBack, type Gate } from "./gate.ts";
import { planDigest, seal } from "./plan-digest.ts";
import { leftoverProblem, settleBefore } from "./recover-access.ts";
import { doubtProblem, pendingOf, stackResourcesOf, type Settled } from "./recover.ts";
import { createRunEvents, type RunEvents } from "./run-events.ts";
import { idleResult, lockedProblem, outcomeOf, pendingDetail, problemOf, stepsOf } from "./run-result.ts";
import { openRunWorkspace, type AutomationOptions } from "./run-workspace.ts";
import { keepHeld, type StackRecord } from "./stack-record.ts";
import { importConflict } from "./told-steps.ts";
import { watchProgram, type Program } from "./watched-program.ts";
import type { OpenWorkspace } from "./workspace.ts";

export interface AutomationRun {
  run: ProgramRun;
  onEvent: (event: EngineEvent) => void;
  signal: AbortSignal;
}

/** Plugins' debug lines carry secrets in clear; the declared severities leave them out. */
const isDebug = ({ diagnosticEvent }: CliEvent): boolean => String(diagnosticEvent?.severity) === "debug";

/** A destroy asks no program what there should be: it is called for the gate alone. */
const noProgram: Program = () => Promise.resolve({});

/** Calls the verb of the SDK that a run stands for. Gives how the CLI ended, `null` for code 0. */
async function callVerb(
  { stack }: OpenWorkspace,
  { kind, of, parallelism, refresh }: ProgramRun,
  onEvent: (event: CliEvent) => void,
): Promise<CliEnd | null> {
  const options = { onEvent, refresh, ...(parallelism === null ? {} : { parallel: parallelism }) };
  try {
    if (of === "destroy") await stack.destroy({ ...options, runProgram: true, previewOnly: kind === "preview" });
    else if (kind === "preview") await stack.preview(options);
    else await stack.up(options);
    return null;
  } catch (error) {
    if (error instanceof CliError) return error.end;
    throw error;
  }
}

/** What a run finds before the CLI is started. */
interface Start {
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
  const earlier = await doneSteps(connection, stack, operationId);
  // What an earlier run did and nobody told of, since its child was gone, is found done by this one.
  const untold = doneBefore(marker.planned, now);
  const held = new Set(resources.map(({ urn }) => urn));
  return wholeOperation({ ...marker, earlier: [...earlier, ...untold], now, held });
}

/** What a preview warns of; it looks no further. */
const begunOf = async (connection: AutomationOptions["connection"], stack: string): Promise<PendingResource[]> =>
  (await loadBegunWrites(connection, stack)).map(({ urn, type, kind }) => ({ urn, type, kind }));

/** Takes the stack. Gives a result where the run may do nothing. */
async function begin(options: AutomationOptions, { run, signal }: AutomationRun): Promise<Start | RunResult> {
  const { connection } = options;
  const { stack, operationId } = run;
  const record = await ensureStack(options, run, signal);
  if ("outcome" in record) return record;
  const { resources, outputs } = record;
  if (run.kind === "preview") return { record, marker: null, pending: await begunOf(connection, stack) };
  const begun = await beginRun(connection, { stack, number: run.fence }, operationId);
  if (begun === null) return idleResult(lockedProblem(stack), { resources, outputs });
  const settled = await settleEarlier(options, run, { record, signal });
  if ("code" in settled) return idleResult(settled, { resources, outputs });
  const { doubts } = settled;
  const start = { record, marker: begun.marker, pending: [] };
  if (doubts.length === 0) return start;
  const steps = await wholeSteps(options, run, { marker: begun.marker, resources }, []);
  return { ...idleResult(doubtProblem(doubts), { resources, outputs }, pendingOf(doubts)), ...stepsOf(steps) };
}

/** Clears away what earlier runs left of themselves; a problem where that cannot be done from here. */
async function settleEarlier(
  options: AutomationOptions,
  run: ProgramRun,
  given: { record: StackRecord; signal: AbortSignal },
): Promise<Settled | RunProblem> {
  try {
    return await settleBefore(options, run, { ...given, upToFence: run.fence - 1, look: false });
  } catch (error) {
    const problem = leftoverProblem(error);
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
  return "outcome" in start ? start : carryOut(options, given, start);
}

async function carryOut(options: AutomationOptions, given: AutomationRun, start: Start): Promise<RunResult> {
  const { connection, digestKey, project, home, now } = options;
  const { run, signal } = given;
  const { stack, of, operationId } = run;
  const { record, marker, pending } = start;
  const applies = run.kind !== "preview";
  const fence: Fence = { stack, number: run.fence };

  const secrets = secretsOf(options.settings, { ...process.env, ...options.pluginEnvironment });
  const redactor = createRedactor(quotedForms(secrets));
  const heldBack = applies ? holdBack(given.onEvent) : null;
  const onEvent = heldBack?.tell ?? given.onEvent;
  const doneLog = recordDone(connection, fence, operationId);
  const events = createRunEvents({
    onEvent,
    onDone: doneLog.done,
    redact: redactor.redact,
    destroys: of === "destroy",
    known: record.resources,
    home,
  });
  const sealedArguments = of === "up" ? seal(digestKey, run.arguments) : null;
  const digest = (): string => planDigest({ told: events.told(), seals: [sealedArguments, record.appliedArguments] });
  const gate = createGate({ connection, run, marker, events, digest, sealedArguments, onEvent });
  if (pending.length > 0) events.diagnose({ urn: null, severity: "warning", message: pendingDetail(pending) });

  const program = of === "up" ? options.program(run) : noProgram;
  const watched = watchProgram({ program, stack, project, redactor, gate: gate.pass });
  const writes = recordWrites(connection, run, now);
  const opened = await openRunWorkspace(options, run, { record, program: watched.program, signal });
  const cliEvents: CliEvent[] = [];
  let cliEnd: CliEnd | null;
  try {
    cliEnd = await callVerb(opened, run, (event) => {
      if (isDebug(event)) return;
      cliEvents.push(event);
      if (applies) writes.hear(event);
      const told = events.isPlanTold();
      events.take(event);
      if (told || !events.isPlanTold()) return;
      const { changes } = stepsOf(events.planned());
      if (heldBack === null) onEvent({ type: "plan.done", changes });
      else heldBack.planDone(changes);
    });
    await writes.kept();
    await doneLog.kept();
  } finally {
    watched.end();
    await opened.close();
  }

  const failed = problemOf({
    events,
    cliEnd,
    cliEvents,
    refusal: gate.refusal(),
    programFailure: watched.failure(),
    signaled: signal.aborted,
    applying: gate.applying(),
    redact: redactor.redact,
    secrets,
  });
  const end: End = { events, gate, problem: failed, digest, isCut: cliEnd !== null && cliEnd.signal !== null };
  return applies ? applied(options, run, start, end) : previewed(run, start, end);
}

/** What there is to tell once the CLI has ended. */
interface End {
  events: RunEvents;
  gate: Gate;
  problem: RunProblem | null;
  digest: () => string;
  /** Whether the CLI was ended by a signal, and so in the middle of something. */
  isCut: boolean;
}

const told = ({ events }: End): Pick<RunResult, "diagnostics" | "drift" | "resources"> => ({
  diagnostics: events.diagnostics(),
  drift: [],
  resources: events.resources(),
});

function previewed(run: ProgramRun, { record, pending }: Start, end: End): RunResult {
  const { events, digest } = end;
  const conflict = importConflict(events.told());
  const problem =
    end.problem ??
    (conflict === null ? null : { code: "adoption_differs", failure: "import_differs" as const, ...conflict });
  const isWhole = problem === null;
  return {
    outcome: outcomeOf(problem),
    ...stepsOf(isWhole ? events.planned() : []),
    ...told(end),
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

async function applied(options: AutomationOptions, run: ProgramRun, start: Start, end: End): Promise<RunResult> {
  const { events, gate, problem, digest } = end;
  const { record } = start;
  const applying = gate.applying();
  const { doubts, state } = await settleAfter(options, run, start, end);
  const resources = state === null ? events.resources() : stackResourcesOf(state, options.home);
  const marker = start.marker ?? (applying ? { planned: events.planned() } : null);
  const steps = await wholeSteps(options, run, { marker, resources }, applying ? events.done() : []);
  const succeeded = problem === null;
  const outputs = succeeded ? (run.of === "destroy" ? {} : (events.outputs() ?? record.outputs)) : record.outputs;
  if (applying) await keepHeld(options.connection, run, { resources, outputs });
  const inDoubt = doubts.length > 0;
  const wasPlanned = events.isPlanTold() && (succeeded || applying || gate.refusal() !== null);
  const planned = wasPlanned ? digest() : null;
  return {
    ...told(end),
    resources,
    outcome: inDoubt ? "needs_recovery" : outcomeOf(problem),
    ...stepsOf(steps),
    planDigest: start.marker === null ? planned : (run.approvedPlan ?? planned),
    outputs,
    pending: pendingOf(doubts),
    problem: inDoubt ? doubtProblem(doubts) : problem,
  };
}
