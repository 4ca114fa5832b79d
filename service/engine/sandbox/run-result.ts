/** What a run comes to, as the contract tells it. */
import type { RunOutcome, RunProblem, RunResult, Step } from "../engine.ts";
import { shownProperties, type Properties } from "../pulumi/properties.ts";
import { pendingResources, stepsOf } from "../run-result.ts";
import type { RunRecord } from "./run-record.ts";
import { stackResources } from "./stack-resources.ts";
import type { CheckpointData } from "./state.ts";

/** What a result is made of. */
interface ResultParts {
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

/** The result of a run, told from its record and the checkpoint that it left. */
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
