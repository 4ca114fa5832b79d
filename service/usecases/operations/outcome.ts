/** How a run's end becomes the operation's. */
import { DomainError, isProblemCode, toProblem } from "../../domain/errors.ts";
import type { OperationStatus, ProblemDetails } from "../../domain/operation.ts";
import type { PendingResource, RunResult, Step } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";
import { mostThrottled, wasBusy } from "./busy.ts";
import { isLastTry } from "./worn-out.ts";
import type { StopReason } from "../stop-control.ts";
import type { RunLimits } from "../watchdog.ts";

/** What is to be done with the operation after its run: it is over, or goes back, or is not ours to write. */
export type Verdict =
  | { is: "over"; status: Exclude<OperationStatus, "queued" | "running">; problem: ProblemDetails | null }
  /** AWS was busy: it is run again after a pause. */
  | { is: "busy" }
  /** `lost`: it counts among the times that it may come back. */
  | { is: "handed back"; lost: boolean }
  | { is: "lost" };

/** What a run's end means, and why it was stopped, if it was. */
export const verdictOf = (
  operation: OperationRow,
  result: RunResult,
  reason: StopReason | null,
  limits: RunLimits,
): Verdict => {
  if (reason === "lease_lost") return { is: "lost" };
  const over = (status: Exclude<OperationStatus, "queued" | "running">, problem: ProblemDetails | null): Verdict => ({
    is: "over",
    status,
    problem,
  });
  switch (result.outcome) {
    case "succeeded":
      return over("succeeded", null);
    case "failed":
      if (wasBusy(result)) {
        // Its state is true, and that is all that a cancel waits for.
        if (reason === "cancel") return over("canceled", problemOf(operation, canceled(result)));
        if ((reason === null || reason === "drain") && operation.throttled < mostThrottled) return { is: "busy" };
      }
      return over("failed", problemOfResult(operation, result));
    case "needs_recovery":
      return over(
        "needs_recovery",
        problemOf(operation, inDoubt(operation, result.pending, cutBy(operation, reason, limits, result))),
      );
    case "canceled":
    case "interrupted":
      if (reason === "silence" || reason === "wall_clock")
        return over("failed", problemOf(operation, timedOut(reason, limits, result)));
      if (reason === "drain") return { is: "handed back", lost: false };
      if (reason === "cancel" || result.outcome === "canceled")
        return over("canceled", problemOf(operation, canceled(result)));
      // Whoever holds the stack had time enough. Where something was applied, giving up says so.
      if (isLocked(result) && isLastTry(operation) && operation.applyStartedAt === null)
        return over("failed", problemOfResult(operation, result));
      return { is: "handed back", lost: true };
  }
};

/** Whether the run did nothing since somebody else holds its stack. */
const isLocked = ({ outcome, problem }: Pick<RunResult, "outcome" | "problem">): boolean =>
  outcome === "interrupted" && problem?.code === "stack_locked";

/** The problem details of what ended an operation. */
export const problemOf = ({ id }: Pick<OperationRow, "id">, error: DomainError): ProblemDetails =>
  toProblem(error, { instance: `/v1/operations/${id}` });

const problemOfResult = (operation: OperationRow, { problem }: RunResult): ProblemDetails =>
  problemOf(
    operation,
    new DomainError(
      problem !== null && isProblemCode(problem.code) ? problem.code : "engine_failed",
      problem?.detail ?? "The engine failed without a word; the log may say more.",
    ),
  );

const didSomething = (steps: readonly Step[]): boolean => steps.some(({ op }) => op !== "same");

/** What a canceled operation says. */
export const canceled = ({ steps }: Pick<RunResult, "steps">): DomainError =>
  new DomainError(
    "canceled",
    didSomething(steps)
      ? "Canceled. The steps that were done are listed and stay; what else the request wanted was not done. Post it again to go on from here."
      : "Canceled before anything was applied.",
  );

/** Why a run was cut short, as far as it is known. */
const cutBy = (
  { lastLoss }: OperationRow,
  reason: StopReason | null,
  limits: RunLimits,
  { problem }: RunResult,
): string | null => {
  if (reason === "silence" || reason === "wall_clock") return stoppedBy(reason, limits);
  if (reason === "cancel") return "It was canceled and ended at once.";
  // What an earlier attempt left may be found by a later one.
  return problem?.cause ?? lastLoss?.why ?? null;
};

/**
 * What an operation says whose last writes nobody knows the end of.
 *
 * @param why what cut it short, in sentences; `null` where nobody knows
 */
export const inDoubt = (
  { id, stack }: Pick<OperationRow, "id" | "stack">,
  pending: PendingResource[],
  why: string | null,
): DomainError => {
  const named = pending.map(({ urn, kind }) => `${kind} ${urn}`).join(", ");
  const what =
    named === "" ? "It was cut short, and what it had begun is not known" : `Cut short in the middle of: ${named}`;
  return new DomainError(
    "recovery_required",
    `${why === null ? "" : `${why} `}${what}. ${stack} takes no other work until that is cleared up: POST /v1/operations/${id}/recover with { "resolution": "refresh" } looks what is true in the account and records it.`,
  );
};

const timedOut = (
  reason: "silence" | "wall_clock",
  limits: RunLimits,
  { steps }: Pick<RunResult, "steps">,
): DomainError => {
  const left = didSomething(steps) ? "The steps that were done are listed and stay." : "Nothing was applied.";
  const next =
    reason === "wall_clock"
      ? "Post the request again; raise the limit if it needs more."
      : "Look at what the last step waited for, and post the request again.";
  return new DomainError("timed_out", `${stoppedBy(reason, limits)} ${left} ${next}`);
};

const stoppedBy = (
  reason: "silence" | "wall_clock",
  { operationSeconds, silenceSeconds }: Pick<RunLimits, "operationSeconds" | "silenceSeconds">,
): string =>
  reason === "wall_clock"
    ? `It ran longer than an operation may (GATEHOUSE_OPERATION_SECONDS, ${operationSeconds} s) and was stopped.`
    : `Nothing was heard of it for ${silenceSeconds} s (GATEHOUSE_SILENCE_SECONDS), so it was stopped.`;
