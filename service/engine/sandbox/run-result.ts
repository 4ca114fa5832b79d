/** What a run comes to, as the contract tells it. */
import {
  countChanges,
  type PendingResource,
  type RunOutcome,
  type RunProblem,
  type RunResult,
  type Step,
} from "../engine.ts";
import { shownProperties, type Properties } from "../pulumi/properties.ts";
import type { RunRecord } from "./run-record.ts";
import { stackResources } from "./stack-resources.ts";
import type { CheckpointData, PendingOperation } from "./state.ts";

const describePending = ({ kind, urn, id }: PendingOperation): string =>
  `${kind} ${urn}${id === null ? "" : ` (${id})`}`;

/** Names what nobody knows the end of. */
export const pendingDetail = (pending: readonly PendingOperation[]): string =>
  `An earlier run ended while it was ${pending.map(describePending).join("; ")}. Nobody knows whether AWS did it: recover the stack first.`;

export const pendingProblem = (pending: readonly PendingOperation[]): RunProblem => ({
  code: "recovery_required",
  detail: pendingDetail(pending),
  urn: null,
});

export const pendingResources = (pending: readonly PendingOperation[]): PendingResource[] =>
  pending.map(({ urn, type, kind }) => ({ urn, type, kind }));

export const canceledProblem = {
  code: "canceled",
  detail: "The run was canceled; the steps that were running have ended.",
  urn: null,
} as const satisfies RunProblem;

export const lockedProblem = (stack: string): RunProblem => ({
  code: "stack_locked",
  detail: `A newer run has begun on ${stack}, so this one may not change it.`,
  urn: null,
});

/** How a run ended whose checkpoint is true, by what stopped it. Everything else is a failure. */
const endings: Readonly<Record<string, RunOutcome>> = {
  canceled: "canceled",
  interrupted: "interrupted",
  stack_locked: "interrupted",
};

export const outcomeOf = (record: Pick<RunRecord, "problem">): RunOutcome => {
  const problem = record.problem();
  return problem === null ? "succeeded" : (endings[problem.code] ?? "failed");
};

export const stepsOf = (steps: Step[]): Pick<RunResult, "steps" | "changes"> => ({
  steps,
  changes: countChanges(steps),
});

/** Says what would be done now; which steps were approved, only their digest knows. */
export const staleDetail = (record: RunRecord): string => {
  const changing = record.planned.map(({ step }) => step).filter(({ op }) => op !== "same");
  const steps = changing.map(({ op, urn }) => `${op} ${urn}`).join("; ");
  return `What would be done is not what was approved any more. Now it is: ${steps === "" ? "nothing" : steps}. Preview again.`;
};

export interface ResultParts {
  outcome: RunOutcome;
  record: Pick<RunRecord, "diagnostics" | "problem">;
  /** What the stack holds now. */
  checkpoint: CheckpointData;
  planDigest: string | null;
  steps?: Step[];
  /** What the account had otherwise than the state, where it was read. */
  drift?: Step[];
  /** Where they are not the checkpoint's: a preview shows what they would be. */
  outputs?: Properties;
  problem?: RunProblem;
}

export const runResult = ({ outcome, record, checkpoint, planDigest, ...details }: ResultParts): RunResult => {
  const steps = details.steps ?? [];
  return {
    outcome,
    ...stepsOf(steps),
    planDigest,
    drift: details.drift ?? [],
    outputs: shownProperties(details.outputs ?? checkpoint.outputs),
    diagnostics: record.diagnostics,
    resources: stackResources(checkpoint.resources),
    pending: pendingResources(checkpoint.pending),
    problem: details.problem ?? record.problem(),
  };
};
