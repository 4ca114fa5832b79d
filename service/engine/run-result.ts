/** What runs come to, in the words of the contract: both engines tell it the same. */
import {
  countChanges,
  type PendingResource,
  type RunOutcome,
  type RunProblem,
  type RunResult,
  type Step,
} from "./engine.ts";

/** How a run ended, by what stopped it. Everything else is a failure. */
const endings: Readonly<Record<string, RunOutcome>> = {
  canceled: "canceled",
  interrupted: "interrupted",
  stack_locked: "interrupted",
  recovery_required: "needs_recovery",
};

/** The outcome that a problem stands for; `null`: nothing stopped the run. */
export const outcomeOf = (problem: RunProblem | null): RunOutcome =>
  problem === null ? "succeeded" : (endings[problem.code] ?? "failed");

/** Steps of a result, counted. */
export const stepsOf = (steps: Step[]): Pick<RunResult, "steps" | "changes"> => ({
  steps,
  changes: countChanges(steps),
});

/** Steps of a look at the account that found something otherwise. */
export const differing = (steps: readonly Step[]): Step[] => steps.filter(({ op }) => op !== "same");

/** Of a run that was told to stop, and came to an end in order. */
export const canceledProblem = {
  code: "canceled",
  detail: "The run was canceled; the steps that were running have ended.",
  urn: null,
} as const satisfies RunProblem;

/** Of a run that was overtaken by a newer one. */
export const lockedProblem = (stack: string): RunProblem => ({
  code: "stack_locked",
  detail: `A newer run has begun on ${stack}, so this one may not change it.`,
  urn: null,
});

/** Something that nobody knows the end of, with the id of its resource where that has one. */
type Doubtful = Pick<PendingResource, "kind" | "urn"> & { id?: string | null };

const describeDoubtful = ({ kind, urn, id = null }: Doubtful): string =>
  `${kind} ${urn}${id === null ? "" : ` (${id})`}`;

/** Names what nobody knows the end of. */
export const pendingDetail = (pending: readonly Doubtful[]): string =>
  `An earlier run ended while it was ${pending.map(describeDoubtful).join("; ")}. Nobody knows whether AWS did it: recover the stack first.`;

/** Of a run that does nothing on a stack in doubt. */
export const pendingProblem = (pending: readonly Doubtful[]): RunProblem => ({
  code: "recovery_required",
  detail: pendingDetail(pending),
  urn: null,
});

/** What is in doubt as the contract names it, of whatever an engine notes with it. */
export const pendingResources = (pending: readonly PendingResource[]): PendingResource[] =>
  pending.map(({ urn, type, kind }) => ({ urn, type, kind }));

/** Says what would be done now; which steps were approved, only their digest knows. */
export const staleDetail = (planned: readonly Step[]): string => {
  const steps = differing(planned).map(({ op, urn }) => `${op} ${urn}`);
  return `What would be done is not what was approved any more. Now it is: ${steps.length === 0 ? "nothing" : steps.join("; ")}. Preview again.`;
};
