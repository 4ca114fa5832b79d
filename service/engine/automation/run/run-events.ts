/**
 * What the CLI tells while it runs, as the port's events and the parts of its result: the plan first, then, in the same
 * process, what is done.
 */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { JsonObject } from "../../../domain/json.ts";
import type { Diagnostic, EngineEvent, RunProblem, Step, StackResource } from "../../engine.ts";
import type { Scope } from "../../../cloud/provider.ts";
import { stackType } from "../../pulumi/urn.ts";
import { differing } from "../../run-result.ts";
import { createAccountReads } from "./account-reads.ts";
import { createHeldResources } from "./held-resources.ts";
import { lostStateProblem, missingWarning, othersStateProblem } from "./lost-state.ts";
import { createRunDiagnostics } from "./run-diagnostics.ts";
import type { StackRecord } from "./stack-record.ts";
import {
  describeTold,
  isComponent,
  isLeading,
  mergedSteps,
  portOp,
  shownBag,
  stepKey,
  toldStep,
  withKnown,
  type StepMetadata,
  type ToldStep,
} from "./told-steps.ts";

/** The declared type of a summary leaves out of what it is, and how that ended. */
type Summary = NonNullable<CliEvent["summaryEvent"]> & { isPreview?: boolean; result?: string };

interface RunEventsOptions {
  onEvent: (event: EngineEvent) => void;
  redact: (message: string) => string;
  /** Whether everything is to go: then the stack itself, which a program registers whatever it does, is no step but a delete. */
  destroys: boolean;
  /** Told of each step that was done, other than `same`, as soon as it is. */
  onDone: (step: Step) => void;
  /** What is kept of the stack's last run. */
  record: Pick<StackRecord, "resources" | "appliedArguments">;
  home: Scope;
}

/** What a run told so far. */
export interface RunEvents {
  take(event: CliEvent): void;
  /** Resolves when the CLI has told the whole plan. */
  planTold: Promise<void>;
  isPlanTold(): boolean;
  /** The plan in the CLI's own terms, for its digest. */
  told(): readonly ToldStep[];
  planned(): Step[];
  /** What was done, apart from planning. */
  done(): Step[];
  /** Why the state cannot be that of our last run, of which this much is left; `null`: it may be. */
  stateProblem(left: (known: StackResource) => boolean): RunProblem | null;
  /** Says so where the state has not all that was there after the last run, and nobody was seen to take it away. */
  warnOfMissing(): void;
  /** Steps that failed. */
  failed(): ToldStep[];
  /** What a refresh at the begin found otherwise than the state has it. */
  drift(): Step[];
  /** URNs of what the account has otherwise than it was while planning; resolves when it was read for real. */
  driftSincePlan(): Promise<string[]>;
  diagnostics(): Diagnostic[];
  resources(): StackResource[];
  /** Outputs of the stack as they were told last; `null` when they were not. */
  outputs(): JsonObject | null;
  /** Puts a diagnostic of ours among those of the CLI. */
  diagnose(diagnostic: Diagnostic): void;
}

/** Nothing is told yet. */
export function createRunEvents(options: RunEventsOptions): RunEvents {
  const { onEvent, onDone, redact, destroys, record, home } = options;
  const { resources: known } = record;
  const isStep = (told: ToldStep): boolean => portOp(told) !== null && (!destroys || portOp(told) === "delete");
  const plan: ToldStep[] = [];
  const done: ToldStep[] = [];
  const components: ToldStep[] = [];
  const failed: ToldStep[] = [];
  const started = new Set<string>();
  const finished = new Set<string>();
  const held = createHeldResources(known, home);
  const diagnostics = createRunDiagnostics({ onEvent, redact });
  const reads = createAccountReads({ onEvent, readsOnly: false });
  let outputs: JsonObject | null = null;
  let isPlanTold = false;
  let tellPlan: () => void = () => undefined;
  const planTold = new Promise<void>((resolve) => {
    tellPlan = resolve;
  });

  /** The planned step that a part belongs to; of what was not planned, the part itself. */
  const wholeOf = (told: ToldStep): Step => {
    const key = stepKey({ op: portOp(told) ?? "same", urn: told.urn });
    return mergedSteps(plan).find((step) => stepKey(step) === key) ?? describeTold(told);
  };

  const begin = (told: ToldStep): void => {
    const step = wholeOf(told);
    if (started.has(stepKey(step))) return;
    started.add(stepKey(step));
    onEvent({ type: "resource.started", step });
  };

  /** A replacement is done when the new one is there; its parts before and after are told by it. */
  const completes = (told: ToldStep): boolean =>
    portOp(told) !== "replace" || told.op === "create-replacement" || told.op === "import-replacement";

  const finish = (told: ToldStep): void => {
    held.done(told);
    // What was not known while planning is by now. Of other steps the plan says more than their last part.
    const whole = { ...told, op: portOp(told) ?? told.op };
    const step = whole.op === "create" ? describeTold(told) : withKnown(wholeOf(told), describeTold(whole));
    if (!completes(told)) return;
    done.push(whole);
    if (finished.has(stepKey(step))) return;
    finished.add(stepKey(step));
    onEvent({ type: "resource.done", step });
    if (step.op !== "same") onDone(step);
  };

  /** Why is told before, by a diagnostic of the resource. */
  const fail = (told: ToldStep): void => {
    failed.push(told);
    const said = diagnostics.all().find(({ urn, severity }) => urn === told.urn && severity === "error");
    onEvent({ type: "resource.failed", step: wholeOf(told), message: said?.message ?? `${told.op} failed` });
  };

  const takeOutputs = (metadata: StepMetadata): void => {
    if (metadata.type === stackType && metadata.new != null) outputs = shownBag(metadata.new.outputs);
  };

  const takeSummary = (summary: Summary): void => {
    if (summary.isPreview !== true || summary.result !== "succeeded") return;
    isPlanTold = true;
    held.planComplete();
    tellPlan();
  };

  return {
    take: (event) => {
      const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } = event;
      reads.take(event);
      diagnostics.take(event);
      if (resourcePreEvent !== undefined) {
        const told = toldStep(resourcePreEvent.metadata);
        if (!isStep(told)) return;
        if (resourcePreEvent.planning !== true) {
          begin(told);
          if (isComponent(told)) components.push(told);
          return;
        }
        const update = told.op === "update" && plan.some(({ op, urn }) => op === "import" && urn === told.urn);
        plan.push(told);
        held.planned(told);
        if (isLeading(told) && !update) onEvent({ type: "resource.planned", step: describeTold(told) });
      }
      if (resOutputsEvent !== undefined) {
        takeOutputs(resOutputsEvent.metadata);
        const told = toldStep(resOutputsEvent.metadata);
        if (resOutputsEvent.planning !== true && isStep(told)) finish(told);
      }
      if (resOpFailedEvent !== undefined) {
        fail(toldStep(resOpFailedEvent.metadata));
      }
      if (summaryEvent !== undefined) takeSummary(summaryEvent);
    },
    planTold,
    isPlanTold: () => isPlanTold,
    told: () => plan,
    planned: () => mergedSteps(plan),
    done: () => {
      const intended = new Map(mergedSteps(plan).map((step) => [`${step.op} ${step.urn}`, step]));
      // The stack itself is registered before the gate: alone it is nothing that was done.
      return mergedSteps(done.length === 0 ? [] : [...done, ...components]).map((step) =>
        step.op === "create" ? step : withKnown(intended.get(`${step.op} ${step.urn}`) ?? step, step),
      );
    },
    stateProblem: (left) => {
      const told = { plan, reads: reads.all() };
      return lostStateProblem(told, known.filter(left)) ?? othersStateProblem(told, record);
    },
    warnOfMissing: () => {
      const message = missingWarning({ plan, reads: reads.all() }, known);
      if (message !== null) diagnostics.diagnose({ urn: null, severity: "warning", message });
    },
    failed: () => failed,
    drift: () => differing(reads.steps()),
    driftSincePlan: reads.changedSincePlan,
    diagnostics: diagnostics.all,
    resources: held.all,
    outputs: () => outputs,
    diagnose: diagnostics.diagnose,
  };
}
