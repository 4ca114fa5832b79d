/** What a run tells while it goes and leaves behind when it ends: steps, diagnostics, and what went wrong first. */
import { isDeepStrictEqual } from "node:util";
import type { Diagnostic, EngineEvent, RunProblem, Step } from "../engine.ts";
import type { AwsError } from "../../cloud/provider.ts";
import { refusalClass } from "../../cloud/aws-refusals.ts";
import { adviceOn, failureClasses, typeOfUrn, type FailureClass } from "../../domain/failure-classes.ts";
import type { PlannedStep } from "./digest.ts";
import type { Redactor } from "../pulumi/redaction.ts";

/** What stops a run: a refusal by AWS or by a rule of the engine, with the resource where there is one. */
export class StepError extends Error {
  readonly code: string;
  readonly urn: string | null;
  /** What kind of failure it was, as the automation engine would tell it; `null` for what only the sandbox refuses. */
  readonly failure: FailureClass | null;
  constructor(message: string, details: { code?: string; urn?: string | null; failure?: FailureClass } = {}) {
    super(message);
    this.name = "StepError";
    const failure = details.failure === undefined ? undefined : failureClasses[details.failure];
    this.code = details.code ?? failure?.code ?? "resource_failed";
    this.urn = details.urn ?? null;
    this.failure = details.failure ?? null;
  }
}

/** AWS's refusal of a resource, told as the automation engine tells it. */
export const refusedByAws = ({ code, message }: AwsError, urn: string | null): StepError => {
  const failure = refusalClass(code, message);
  return new StepError(`${code}: ${message}`, { urn, failure });
};

const problemOf = ({ code, urn, failure }: StepError, detail: string): RunProblem => {
  if (failure === null) return { code, detail, urn };
  const said = /[.!?]$/.test(detail) ? detail : `${detail}.`;
  return { code, detail: `${said} ${adviceOn(failure, urn === null ? null : typeOfUrn(urn))}`, urn, failure };
};

/** What one pass planned or did, said and ran into. */
export interface RunRecord {
  readonly planned: PlannedStep[];
  readonly done: Step[];
  readonly diagnostics: Diagnostic[];
  /** Aborted when the run takes no more steps, for whatever reason. */
  readonly stopped: AbortSignal;
  problem(): RunProblem | null;
  planStep(step: PlannedStep): void;
  started(step: Step): void;
  finished(step: Step): void;
  diagnose(diagnostic: Diagnostic): void;
  /** Stops the run; the first problem is the one that is told, later ones are diagnostics. */
  stop(error: StepError, step?: Step): void;
}

/** `told` are diagnostics of an earlier pass over the same program, which are not told twice. */
export function createRunRecord(
  emit: (event: EngineEvent) => void,
  redactor: Redactor,
  told: readonly Diagnostic[] = [],
): RunRecord {
  const planned: PlannedStep[] = [];
  const done: Step[] = [];
  const diagnostics = [...told];
  const stopping = new AbortController();
  let problem: RunProblem | null = null;
  const stops = new Set<StepError>();

  const diagnose = ({ urn, severity, message }: Diagnostic): void => {
    const diagnostic = { urn, severity, message: redactor.redact(message) };
    if (diagnostics.some((known) => isDeepStrictEqual(known, diagnostic))) return;
    diagnostics.push(diagnostic);
    emit({ type: "diagnostic", diagnostic });
  };

  return {
    planned,
    done,
    diagnostics,
    stopped: stopping.signal,
    problem: () => problem,
    planStep: (step) => {
      planned.push(step);
      emit({ type: "resource.planned", step: step.step });
    },
    started: (step) => emit({ type: "resource.started", step }),
    finished: (step) => {
      done.push(step);
      emit({ type: "resource.done", step });
    },
    diagnose,
    stop: (error, step) => {
      // One failure comes by here twice: with its step, and where the registration ends.
      if (stops.has(error)) return;
      stops.add(error);
      const detail = redactor.redact(error.message);
      problem ??= problemOf(error, detail);
      if (step) emit({ type: "resource.failed", step, message: detail });
      if (error.code !== "canceled") diagnose({ urn: error.urn, severity: "error", message: detail });
      stopping.abort();
    },
  };
}
