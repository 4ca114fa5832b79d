/** How a run by the CLI ended: from events, exit code and our own record of signals, never from an exit code of 0 alone. */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { PendingResource, RunProblem, RunResult, Step } from "../../engine.ts";
import { canceledProblem, outcomeOf, stepsOf } from "../../run-result.ts";
import { failureClasses, type FailureClass } from "../../../domain/failure-classes.ts";
import type { CliEnd } from "../process/cli-command.ts";
import { problemOfCli } from "../failures/failures.ts";
import { stepKey } from "./told-steps.ts";
import type { RunEvents } from "./run-events.ts";
import type { ProgramFailure } from "./watched-program.ts";

/** Why the gate let nothing through. */
export interface GateRefusal {
  code: "preview_stale" | "stack_locked" | "adoption_differs" | "canceled" | "interrupted" | "engine_failed";
  failure?: FailureClass;
  detail: string;
  urn: string | null;
}

export interface RunEvidence {
  events: RunEvents;
  /** `null` when the CLI ended with code 0. */
  cliEnd: CliEnd | null;
  refusal: GateRefusal | null;
  programFailure: ProgramFailure | null;
  /** Whether we told it to stop. */
  signaled: boolean;
  /** Whether the gate was passed. */
  applying: boolean;
  /** Whether it had to be, for the run to have succeeded. */
  mustApply: boolean;
  /** Whether everything was to go. */
  destroys: boolean;
  redact: (message: string) => string;
  /** All that the CLI told. */
  cliEvents: readonly CliEvent[];
  /** What nobody may be told, beside the secrets that `redact` knows. */
  secrets: readonly string[];
}

/**
 * Whether everything that was planned is done: what a run that was told to stop has to show to have succeeded, and a destroy
 * whoever stopped it. Of an up that went through, the CLI does not tell each part that turned out to be nothing.
 */
const isWhole = (planned: readonly Step[], done: readonly Step[]): boolean => {
  const keys = new Set(done.map(stepKey));
  return planned.every((step) => step.op === "same" || keys.has(stepKey(step)));
};

/** A CLI that ends well says what it did. One that says nothing was exchanged for something else since the service started. */
const nothingTold: RunProblem = {
  code: failureClasses.cli_mismatch.code,
  failure: "cli_mismatch",
  detail: `The Pulumi CLI ended as if all went well, and told nothing of it. ${failureClasses.cli_mismatch.advice}`,
  urn: null,
};

/** Somebody else sent it a SIGINT: a destroy may exit with 0 then, and say that it succeeded. */
const stoppedByOthers: RunProblem = {
  code: failureClasses.killed.code,
  failure: "killed",
  detail: `The Pulumi CLI ended before everything was deleted. ${failureClasses.killed.advice}`,
  urn: null,
};

/** What went wrong; `null` when the run succeeded. */
export function problemOf(evidence: RunEvidence): RunProblem | null {
  const { events, cliEnd, cliEvents, refusal, programFailure, signaled, redact, secrets } = evidence;
  const { applying, mustApply, destroys } = evidence;
  if (refusal !== null) return { ...refusal, detail: redact(refusal.detail) };
  const isLeft = applying && (signaled || destroys) && !isWhole(events.planned(), events.done());
  const isIdle = mustApply && !applying;
  if (signaled && (cliEnd !== null || isLeft || isIdle)) return canceledProblem;
  if (cliEnd === null && (isIdle || !events.isPlanTold())) return nothingTold;
  if (cliEnd === null) return isLeft ? stoppedByOthers : null;
  const problem = problemOfCli(cliEnd, { events: cliEvents, secrets });
  const detail = redact(problem.detail);
  // The program itself knows best which resource its error belongs to.
  if (programFailure !== null && events.failed().length === 0)
    return { ...problem, code: "program_failed", detail, urn: programFailure.urn };
  return { ...problem, detail };
}

/** Of a run that was not let on at the gate. */
export const turnedBack: GateRefusal = {
  code: "canceled",
  detail: "The run was stopped before anything was applied.",
  urn: null,
};

/** Of an account that somebody changed between this run's plan and its apply. */
export const driftedDetail = (urns: readonly string[]): string =>
  `The account was changed while this was planned: ${urns.join("; ")}. Preview again.`;

/** A result without steps, of a run that did nothing. */
export const idleResult = (
  problem: RunProblem,
  { resources, outputs }: Pick<RunResult, "resources" | "outputs">,
  pending: PendingResource[] = [],
): RunResult => ({
  outcome: outcomeOf(problem),
  ...stepsOf([]),
  resources,
  outputs,
  planDigest: null,
  drift: [],
  diagnostics: [],
  pending,
  problem,
});
