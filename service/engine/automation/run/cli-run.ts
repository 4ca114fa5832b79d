/**
 * One process of the CLI, from its start to its end, and whom it works for. Whoever started it hears of its plan; the apply is
 * a run's that it is handed to, most often the same one. Until then the program waits at the gate, under Pulumi's lock.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { RunError } from "@pulumi/pulumi/errors.js";
import type { PendingResource, ProgramRun, RunProblem } from "../../engine.ts";
import type { GivenRun, Program } from "../../runner/performed.ts";
import { createRedactor } from "../../pulumi/redaction.ts";
import { pendingDetail, stepsOf } from "../../run-result.ts";
import { seal } from "../../seal.ts";
import { secretsOf } from "../process/cli-environment.ts";
import { quotedForms } from "../failures/failures-redaction.ts";
import { recordWrites, type WriteRecord } from "../recovery/begun-writes.ts";
import { CliError, type CliEnd } from "../process/cli-command.ts";
import { recordDone, type DoneLog, type Marker } from "./fence.ts";
import { createAudience } from "./audience.ts";
import { createGate, type Gate } from "./gate.ts";
import { planDigest } from "./plan-digest.ts";
import { isDebug } from "./run-diagnostics.ts";
import { createRunEvents, type RunEvents } from "./run-events.ts";
import { problemOf } from "./run-result.ts";
import { openRunWorkspace, type AutomationOptions } from "./run-workspace.ts";
import type { StackRecord } from "./stack-record.ts";
import { watchProgram } from "./watched-program.ts";
import type { OpenWorkspace } from "./workspace.ts";

/** A run of a program, as the CLI carries it out. */
export type AutomationRun = GivenRun<ProgramRun>;

/** What a process begins with. */
interface CliRunStart {
  record: StackRecord;
  /** What is in doubt on the stack; a preview warns of it. */
  pending: readonly PendingResource[];
  /** Whether it goes on to apply once it is handed to a run that may; otherwise it ends with its plan. */
  applies: boolean;
  /** Called when the whole plan is told, before anything after it is. */
  onPlanned?: () => void;
}

/** How it ended. */
export interface CliRunEnd {
  problem: RunProblem | null;
  /** Whether the CLI was ended by a signal, and so in the middle of something. */
  isCut: boolean;
  /** Whether the gate was passed, and why not if somebody asked. */
  applying: boolean;
  refused: boolean;
}

/** A process of the CLI, under way. */
export interface CliRun {
  events: RunEvents;
  /** Digest of the plan that was told. */
  digest: () => string;
  /** Has this run hear of it, the plan too, stop it, and apply if the gate lets it through. Once. */
  handTo(applier: AutomationRun, marker: Marker | null): void;
  /** The program ends at the gate, and nothing is applied. */
  refuse(): void;
  /** Resolves when nothing of it is left. @throws Error when our own records could not be written */
  ended: Promise<CliRunEnd>;
}

/** What there is only for whoever applies. */
interface Applying {
  gate: Gate;
  doneLog: DoneLog;
  writes: WriteRecord;
}

/** A destroy asks no program what there should be: it is called for the gate alone. */
const noProgram: Program = () => Promise.resolve({});

/** Calls the verb of the SDK that a run stands for. Gives how the CLI ended, `null` for code 0. */
async function callVerb(
  { stack }: OpenWorkspace,
  { of, parallelism, refresh }: ProgramRun,
  applies: boolean,
  onEvent: (event: CliEvent) => void,
): Promise<CliEnd | null> {
  const options = { onEvent, refresh, ...(parallelism === null ? {} : { parallel: parallelism }) };
  try {
    if (of === "destroy") await stack.destroy({ ...options, runProgram: true, previewOnly: !applies });
    else if (applies) await stack.up(options);
    else await stack.preview(options);
    return null;
  } catch (error) {
    if (error instanceof CliError) return error.end;
    throw error;
  }
}

/** Aborts with the signal that it was told to heed last. */
function followSignal() {
  const stop = new AbortController();
  let forget = new AbortController();
  return {
    signal: stop.signal,
    heed: (signal: AbortSignal): void => {
      forget.abort();
      forget = new AbortController();
      if (signal.aborted) stop.abort();
      signal.addEventListener("abort", () => stop.abort(), { once: true, signal: forget.signal });
    },
    end: () => forget.abort(),
  };
}

/** Starts the process. Its start is noted before it runs anything. */
export function startCliRun(options: AutomationOptions, given: AutomationRun, start: CliRunStart): CliRun {
  const { connection, digestKey, project, home, now } = options;
  const { run } = given;
  const { stack, of } = run;
  const { record, pending, applies, onPlanned } = start;
  const stop = followSignal();
  stop.heed(given.signal);
  const redactor = createRedactor(quotedForms(secretsOf(options.settings)));
  const audience = createAudience(given.onEvent);
  const applier = Promise.withResolvers<Gate>();
  // Nobody waits for it where the program never comes to the gate.
  applier.promise.catch(() => undefined);
  let applying: Applying | null = null;

  const events = createRunEvents({
    onEvent: audience.tell,
    onDone: (step) => applying?.doneLog.done(step),
    redact: redactor.redact,
    destroys: of === "destroy",
    record,
    home,
  });
  const sealedArguments = of === "up" ? seal(digestKey, run.arguments) : null;
  const digest = (): string => planDigest({ told: events.told(), seals: [sealedArguments, record.appliedArguments] });
  if (pending.length > 0) events.diagnose({ urn: null, severity: "warning", message: pendingDetail(pending) });

  const pass = async (): Promise<void> => (await applier.promise).pass();
  const program = of === "up" ? options.program(run) : noProgram;
  const watched = watchProgram({ program, stack, project, redactor, gate: pass });
  const cliEvents: CliEvent[] = [];

  const hear = (event: CliEvent): void => {
    if (isDebug(event)) return;
    cliEvents.push(event);
    applying?.writes.hear(event);
    const told = events.isPlanTold();
    events.take(event);
    if (told || !events.isPlanTold()) return;
    audience.planDone(stepsOf(events.planned()).changes);
    onPlanned?.();
  };

  const goThrough = async (): Promise<CliEnd | null> => {
    const workspace = { record, program: watched.program, signal: stop.signal, applies };
    try {
      const opened = await openRunWorkspace(options, run, workspace);
      try {
        const cliEnd = await callVerb(opened, run, applies, hear);
        await applying?.writes.kept(cliEnd?.stderr ?? "");
        await applying?.doneLog.kept();
        return cliEnd;
      } finally {
        await opened.close();
      }
    } finally {
      watched.end();
      stop.end();
    }
  };

  const endOf = (cliEnd: CliEnd | null): CliRunEnd => {
    const refusal = applying?.gate.refusal() ?? null;
    const passed = applying?.gate.applying() ?? false;
    const problem = problemOf({
      events,
      cliEnd,
      cliEvents,
      refusal,
      programFailure: watched.failure(),
      signaled: stop.signal.aborted,
      destroys: of === "destroy",
      applying: passed,
      mustApply: applying !== null,
      redact: redactor.redact,
      secrets: secretsOf(options.settings),
    });
    return { problem, isCut: cliEnd !== null && cliEnd.signal !== null, applying: passed, refused: refusal !== null };
  };

  return {
    events,
    digest,
    handTo: ({ run: apply, onEvent, signal, mayApply }, marker) => {
      stop.heed(signal);
      const tell = audience.handTo(onEvent);
      const gate = createGate({
        connection,
        run: apply,
        marker,
        events,
        digest,
        sealedArguments,
        onEvent: tell,
        mayApply,
      });
      const fence = { stack, number: apply.fence };
      const doneLog = recordDone(connection, fence, apply.operationId);
      applying = { gate, doneLog, writes: recordWrites(connection, apply, now) };
      applier.resolve(gate);
    },
    refuse: () => applier.reject(new RunError("not applied")),
    ended: goThrough().then(endOf),
  };
}
