/**
 * What the CLI tells while it runs, as the port's events and the parts of its result: the plan first, then, in the same
 * process, what is done.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { isDeepStrictEqual } from "node:util";
import type { Diagnostic, EngineEvent, JsonObject, Step, StackResource } from "../engine.ts";
import type { Scope } from "../../cloud/provider.ts";
import { stackType } from "../sandbox/urn.ts";
import { createHeldResources } from "./held-resources.ts";
import {
  describeTold,
  isLeading,
  mergedSteps,
  portOp,
  shownBag,
  stepKey,
  toldStep,
  type StepMetadata,
  type ToldStep,
} from "./told-steps.ts";

/** The declared type of a summary leaves out that it says of what it is. */
type Summary = NonNullable<CliEvent["summaryEvent"]> & { isPreview?: boolean };

/** A write to the account, from the CLI's word that it begins to its word of the end. */
export interface WriteNotes {
  begun(step: ToldStep): void;
  ended(step: ToldStep): void;
}

export interface RunEventsOptions {
  onEvent: (event: EngineEvent) => void;
  redact: (message: string) => string;
  /** What the stack held after its last run. */
  known: readonly StackResource[];
  home: Scope;
  writes: WriteNotes;
}

export interface RunEvents {
  take(event: CliEvent): void;
  /** Resolves when the CLI has told the whole plan. */
  planTold: Promise<void>;
  /** The plan in the CLI's own terms, for its digest. */
  told(): readonly ToldStep[];
  planned(): Step[];
  /** What was done, apart from planning. */
  done(): Step[];
  /** Writes that began and were not told to have ended. */
  open(): ToldStep[];
  /** Steps that failed. */
  failed(): ToldStep[];
  diagnostics(): Diagnostic[];
  resources(): StackResource[];
  /** Outputs of the stack as they were told last; `null` when they were not. */
  outputs(): JsonObject | null;
  /** Whether the CLI told that the apply has come to its end. */
  applySummary(): boolean;
  /** Puts a diagnostic of ours among those of the CLI. */
  diagnose(diagnostic: Diagnostic): void;
}

/** Steps that write to an account. */
const writing: ReadonlySet<string> = new Set([
  "create",
  "create-replacement",
  "update",
  "delete",
  "delete-replaced",
  "import",
]);

const isWrite = ({ op, type, old, new: after }: ToldStep): boolean =>
  writing.has(op) && (after ?? old)?.custom === true && !type.startsWith("pulumi:");

/** Marks of colour, which stay in messages whatever is asked for. */
const withoutColours = (message: string): string => message.replaceAll(/<\{%[^%]*%\}>/g, "");

const severities: Readonly<Record<string, Diagnostic["severity"]>> = {
  info: "info",
  "info#err": "info",
  warning: "warning",
  error: "error",
};

export function createRunEvents({ onEvent, redact, known, home, writes }: RunEventsOptions): RunEvents {
  const plan: ToldStep[] = [];
  const done: ToldStep[] = [];
  const failed: ToldStep[] = [];
  const open = new Map<string, ToldStep>();
  const started = new Set<string>();
  const finished = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const held = createHeldResources(known, home);
  let outputs: JsonObject | null = null;
  let applySummary = false;
  let tellPlan: () => void = () => undefined;
  const planTold = new Promise<void>((resolve) => (tellPlan = resolve));

  /** The planned step that a part belongs to; of what was not planned, the part itself. */
  const wholeOf = (told: ToldStep): Step => {
    const key = stepKey({ op: portOp(told) ?? "same", urn: told.urn });
    return mergedSteps(plan).find((step) => stepKey(step) === key) ?? describeTold(told);
  };

  const writeKey = ({ op, urn }: ToldStep): string => `${op} ${urn}`;

  const begin = (told: ToldStep): void => {
    if (isWrite(told)) {
      open.set(writeKey(told), told);
      writes.begun(told);
    }
    const step = wholeOf(told);
    if (started.has(stepKey(step))) return;
    started.add(stepKey(step));
    onEvent({ type: "resource.started", step });
  };

  const settle = (told: ToldStep): void => {
    if (open.delete(writeKey(told))) writes.ended(told);
  };

  /** A replacement is done when the new one is there; its parts before and after are told by it. */
  const completes = (told: ToldStep): boolean =>
    portOp(told) !== "replace" || told.op === "create-replacement" || told.op === "import-replacement";

  const finish = (told: ToldStep): void => {
    settle(told);
    held.done(told);
    const step = wholeOf(told);
    if (!completes(told)) return;
    done.push({ ...told, op: portOp(told) ?? told.op });
    if (finished.has(stepKey(step))) return;
    finished.add(stepKey(step));
    onEvent({ type: "resource.done", step });
  };

  const takeOutputs = (metadata: StepMetadata): void => {
    if (metadata.type === stackType && metadata.new != null) outputs = shownBag(metadata.new.outputs);
  };

  const diagnose = ({ urn, severity, message }: Diagnostic): void => {
    const diagnostic = { urn, severity, message: redact(withoutColours(message)).trim() };
    if (diagnostic.message === "" || diagnostics.some((other) => isDeepStrictEqual(other, diagnostic))) return;
    diagnostics.push(diagnostic);
    onEvent({ type: "diagnostic", diagnostic });
  };

  const takeSummary = (summary: Summary): void => {
    if (summary.isPreview === true) {
      held.planComplete();
      tellPlan();
    } else applySummary = true;
  };

  return {
    take: ({ resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent }) => {
      if (resourcePreEvent !== undefined) {
        const told = toldStep(resourcePreEvent.metadata);
        if (portOp(told) === null) return;
        if (resourcePreEvent.planning !== true) return begin(told);
        const update = told.op === "update" && plan.some(({ op, urn }) => op === "import" && urn === told.urn);
        plan.push(told);
        held.planned(told);
        if (isLeading(told) && !update) onEvent({ type: "resource.planned", step: describeTold(told) });
      }
      if (resOutputsEvent !== undefined) {
        takeOutputs(resOutputsEvent.metadata);
        const told = toldStep(resOutputsEvent.metadata);
        if (resOutputsEvent.planning !== true && portOp(told) !== null) finish(told);
      }
      if (resOpFailedEvent !== undefined) {
        const told = toldStep(resOpFailedEvent.metadata);
        failed.push(told);
        settle(told);
      }
      if (diagnosticEvent !== undefined) {
        const severity = severities[diagnosticEvent.severity];
        // Debug lines carry secrets in clear: they end here.
        if (severity === undefined || diagnosticEvent.ephemeral === true) return;
        diagnose({ urn: diagnosticEvent.urn ?? null, severity, message: diagnosticEvent.message });
      }
      if (summaryEvent !== undefined) takeSummary(summaryEvent);
    },
    planTold,
    told: () => plan,
    planned: () => mergedSteps(plan),
    done: () => {
      const intended = new Map(mergedSteps(plan).map((step) => [`${step.op} ${step.urn}`, step]));
      return mergedSteps(done).map((step) => intended.get(`${step.op} ${step.urn}`) ?? step);
    },
    open: () => [...open.values()],
    failed: () => failed,
    diagnostics: () => diagnostics,
    resources: held.all,
    outputs: () => outputs,
    applySummary: () => applySummary,
    diagnose,
  };
}
