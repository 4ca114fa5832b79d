/** What a run comes to, as the contract tells it. */
import type { RunProblem, RunResult, Step } from "../engine.ts";
import { shownProperties, type Properties } from "./properties.ts";
import { countChanges, type RunRecord } from "./run-record.ts";
import { stackResources } from "./stack-resources.ts";
import type { CheckpointData, PendingOperation } from "./state.ts";

const describePending = ({ kind, urn, id }: PendingOperation): string =>
  `${kind} ${urn}${id === null ? "" : ` (${id})`}`;

/** Names what nobody knows the end of. */
export const pendingDetail = (pending: readonly PendingOperation[]): string =>
  `An earlier run ended while it was ${pending.map(describePending).join("; ")}. Nobody knows whether AWS did it: recover the stack first.`;

/** Says what would be done now; which steps were approved, only their digest knows. */
export const staleDetail = (record: RunRecord): string => {
  const changing = record.planned.map(({ step }) => step).filter(({ op }) => op !== "same");
  const steps = changing.map(({ op, urn }) => `${op} ${urn}`).join("; ");
  return `What would be done is not what was approved any more. Now it is: ${steps === "" ? "nothing" : steps}. Preview again.`;
};

export interface ResultParts {
  outcome: RunResult["outcome"];
  record: Pick<RunRecord, "diagnostics" | "problem">;
  /** What the stack holds now. */
  checkpoint: CheckpointData;
  planDigest: string | null;
  steps?: Step[];
  /** Where they are not the checkpoint's: a preview shows what they would be. */
  outputs?: Properties;
  problem?: RunProblem;
}

export const runResult = ({ outcome, record, checkpoint, planDigest, ...details }: ResultParts): RunResult => {
  const steps = details.steps ?? [];
  return {
    outcome,
    steps,
    changes: countChanges(steps),
    planDigest,
    outputs: shownProperties(details.outputs ?? checkpoint.outputs),
    diagnostics: record.diagnostics,
    resources: stackResources(checkpoint.resources),
    pending: checkpoint.pending.map(({ urn, type, kind }) => ({ urn, type, kind })),
    problem: details.problem ?? record.problem(),
  };
};
