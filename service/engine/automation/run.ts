/**
 * One run of the CLI on one stack, as one process: a preview; or an up or destroy that locks the stack, plans, has its plan
 * compared with what was approved, and only then applies.
 */
import { RunError } from "@pulumi/pulumi/errors.js";
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { Changes, EngineEvent, PendingResource, ProgramRun, RunResult } from "../engine.ts";
import { createRedactor } from "../sandbox/redaction.ts";
import { beyondPlan, wholeOperation } from "../sandbox/resumption.ts";
import { secretsOf } from "./backend.ts";
import { loadBegunWrites, recordWrites } from "./begun-writes.ts";
import { CliError, type CliEnd } from "./cli-command.ts";
import { beginRun, doneSteps, keepDone, markApply, type Fence, type Marker } from "./fence.ts";
import { endLeftProcesses } from "./leftovers.ts";
import { planDigest, seal } from "./plan-digest.ts";
import { createRunEvents, type RunEvents } from "./run-events.ts";
import {
  idleResult,
  lockedProblem,
  outcomeOf,
  pendingDetail,
  problemOf,
  staleDetail,
  stepsOf,
  type GateRefusal,
} from "./run-result.ts";
import { ensureStack } from "./ensure-stack.ts";
import { keepHeld } from "./stack-record.ts";
import { openRunWorkspace, type AutomationOptions } from "./run-workspace.ts";
import { watchProgram, type Program } from "./watched-program.ts";
import type { OpenWorkspace } from "./workspace.ts";

export interface AutomationRun {
  run: ProgramRun;
  onEvent: (event: EngineEvent) => void;
  signal: AbortSignal;
}

/** How long the CLI of an earlier run may take to end its running steps before it is killed. */
const leftGraceMilliseconds = 0;

/** Has to end in order whatever comes; the CLI hears of it as a program that failed. */
class Refused extends RunError {}

/** The declared severities leave it out. */
const isDebug = ({ diagnosticEvent }: CliEvent): boolean => String(diagnosticEvent?.severity) === "debug";

const nothing: Program = () => Promise.resolve({});

/**
 * The stack itself is registered before the program is called, and so before the gate: what is told of it waits there, and is
 * dropped when nothing is let through.
 */
function holdBack(onEvent: (event: EngineEvent) => void, applies: boolean) {
  const waiting: EngineEvent[] = [];
  let closed = false;
  return {
    tell: (event: EngineEvent): void => {
      if (closed && event.type !== "diagnostic") waiting.push(event);
      else onEvent(event);
    },
    /** The plan is told. */
    close: (changes: Changes): void => {
      onEvent({ type: "plan.done", changes });
      closed = applies;
    },
    open: (): void => {
      closed = false;
      onEvent({ type: "apply.started" });
      waiting.splice(0).forEach(onEvent);
    },
  };
}

/** Calls the verb of the SDK that a run stands for. */
const callVerb = async (
  { stack }: OpenWorkspace,
  { kind, of, parallelism, refresh }: ProgramRun,
  onEvent: (event: CliEvent) => void,
): Promise<CliEnd | null> => {
  const parallel = parallelism === null ? {} : { parallel: parallelism };
  const options = { onEvent, refresh, ...parallel };
  try {
    if (of === "destroy") await stack.destroy({ ...options, runProgram: true, previewOnly: kind === "preview" });
    else if (kind === "preview") await stack.preview(options);
    else await stack.up(options);
    return null;
  } catch (error) {
    if (error instanceof CliError) return error.end;
    throw error;
  }
};

/**
 * Does the run. Every way in which it can end is a result.
 *
 * @throws Error when our own records cannot be read or written, so that no result could be true
 */
export async function automationRun(
  options: AutomationOptions,
  { run, onEvent, signal }: AutomationRun,
): Promise<RunResult> {
  const { connection, digestKey, project, home, now } = options;
  const { stack, kind, of, operationId } = run;
  const fence: Fence = { stack, number: run.fence };
  const applies = kind !== "preview";

  const record = await ensureStack(options, run, signal);
  if ("outcome" in record) return record;
  const held = { resources: record.resources, outputs: record.outputs };
  const begun = applies ? await beginRun(connection, fence, operationId) : { marker: null };
  if (begun === null) return idleResult(lockedProblem(stack), held);
  if (applies)
    await endLeftProcesses({
      connection,
      stack,
      upToFence: run.fence - 1,
      now,
      graceMilliseconds: leftGraceMilliseconds,
    });
  const pending: PendingResource[] = (await loadBegunWrites(connection, stack)).map(({ urn, type, kind: how }) => ({
    urn,
    type,
    kind: how,
  }));
  if (applies && pending.length > 0)
    return idleResult({ code: "recovery_required", detail: pendingDetail(pending), urn: null }, held, pending);

  const redactor = createRedactor();
  const sealedArguments = of === "up" ? seal(digestKey, run.arguments) : null;
  const gated = holdBack(onEvent, applies);
  const events = createRunEvents({ onEvent: gated.tell, redact: redactor.redact, known: record.resources, home });
  const digest = (): string => planDigest({ told: events.told(), seals: [sealedArguments, record.appliedArguments] });
  if (pending.length > 0) events.diagnose({ urn: null, severity: "warning", message: pendingDetail(pending) });

  let refusal: GateRefusal | null = null;
  let applying = false;
  let planTold = false;
  const cliEvents: CliEvent[] = [];

  const gate = async (): Promise<void> => {
    await events.planTold;
    refusal = await passGate({ begun, events, digest: digest() });
    if (refusal !== null) throw new Refused(refusal.code);
    applying = true;
    gated.open();
  };

  /** Under Pulumi's own lock: is the plan what was approved, and is this still the newest run? */
  async function passGate(at: {
    begun: { marker: Marker | null };
    events: RunEvents;
    digest: string;
  }): Promise<GateRefusal | null> {
    const planned = at.events.planned();
    const { marker } = at.begun;
    const stale =
      marker === null
        ? run.approvedPlan !== null && run.approvedPlan !== at.digest
        : beyondPlan(marker.planned, planned).length > 0;
    if (stale) return { code: "preview_stale", detail: staleDetail(planned) };
    if (!(await markApply(connection, fence, planned, sealedArguments))) return lockedRefusal(stack);
    return null;
  }

  const watched = watchProgram({
    program: of === "up" ? options.program(run) : nothing,
    stack,
    project,
    redactor,
    gate,
  });
  const writes = applies ? recordWrites(connection, run, now) : null;
  const opened = await openRunWorkspace(options, run, { record, program: watched.program, signal });
  let cliEnd: CliEnd | null;
  try {
    cliEnd = await callVerb(opened, run, (event) => {
      // Debug lines carry secrets in clear: they end here.
      if (isDebug(event)) return;
      cliEvents.push(event);
      writes?.hear(event);
      events.take(event);
      if (!planTold && events.isPlanTold()) {
        planTold = true;
        gated.close(stepsOf(events.planned()).changes);
      }
    });
    await writes?.kept();
  } finally {
    watched.end();
    await opened.close();
  }

  const problem = problemOf({
    events,
    cliEnd,
    cliEvents,
    refusal,
    programFailure: watched.failure(),
    signaled: signal.aborted,
    applying,
    redact: redactor.redact,
    secrets: secretsOf(options.settings),
  });
  const plannedWell = events.isPlanTold() && (problem === null || applying || refusal !== null);
  const told = { diagnostics: events.diagnostics(), drift: [], resources: events.resources(), pending, problem };
  const planned = plannedWell ? digest() : null;

  if (!applies) {
    const steps = plannedWell ? events.planned() : [];
    const outputs = of === "up" ? (events.outputs() ?? record.outputs) : {};
    return { outcome: outcomeOf(problem), ...stepsOf(steps), planDigest: planned, outputs, ...told };
  }

  const doubtful = (await loadBegunWrites(connection, stack)).map(({ urn, type, kind: how }) => ({
    urn,
    type,
    kind: how,
  }));
  const done = applying ? events.done() : [];
  const earlier = await doneSteps(connection, stack, operationId);
  const marker = begun.marker ?? (applying ? { planned: events.planned() } : null);
  const steps =
    marker === null
      ? []
      : wholeOperation({ ...marker, earlier, now: done, held: new Set(events.resources().map(({ urn }) => urn)) });
  if (applying) await keepDone(connection, fence, operationId, done);
  const outputs = problem === null ? (of === "destroy" ? {} : (events.outputs() ?? record.outputs)) : record.outputs;
  if (applying) await keepHeld(connection, run, { resources: told.resources, outputs });
  const inDoubt = doubtful.length > 0;
  return {
    ...told,
    outcome: inDoubt ? "needs_recovery" : outcomeOf(problem),
    ...stepsOf(steps),
    planDigest: begun.marker === null ? planned : (run.approvedPlan ?? planned),
    outputs,
    pending: doubtful,
    problem: inDoubt ? { code: "recovery_required", detail: pendingDetail(doubtful), urn: null } : problem,
  };
}

const lockedRefusal = (stack: string): GateRefusal => ({ code: "stack_locked", detail: lockedProblem(stack).detail });
