/** Takes one step: holds it to the plan, records it, carries it out, and tells how it went. */
import type { Step, StepOp } from "../engine.ts";
import { AwsError } from "../../cloud/provider.ts";
import { isDatabaseUnavailable } from "../../database-unavailable.ts";
import type { PlannedStep } from "./digest.ts";
import { FencedError } from "./fence.ts";
import { refusedByAws, StepError, type RunRecord } from "./run-record.ts";
import type { ResourceState } from "./state.ts";
import { describeStep, type StepParts } from "./step.ts";

/**
 * A plan to keep to: the ops of each URN, of which there are two where a resource that was replaced earlier is still to be
 * deleted. `null` while planning.
 */
export type PlannedOps = ReadonlyMap<string, readonly StepOp[]> | null;

/** Takes the steps of one pass. */
export interface StepTaker {
  /** Records the step and does `work`. @throws StepError, already recorded with its step */
  take<Result>(parts: TakenStep, work: (step: Step) => Promise<Result>): Promise<Result>;
}

interface TakenStep extends StepParts {
  old: Pick<ResourceState, "id" | "inputs" | "outputs" | "retainOnDelete"> | null;
  draft: PlannedStep["wanted"];
  /** Of a replacement. */
  deletesFirst?: boolean;
}

/** What a planned step may turn out to be once everything is known: never more than people saw. */
const allowedBy: Record<StepOp, readonly StepOp[]> = {
  create: ["create"],
  update: ["update", "same"],
  replace: ["replace", "update", "same"],
  delete: ["delete"],
  import: ["import"],
  same: ["same"],
};

/** @throws StepError when the resource is protected */
export const refuseProtected = (state: Pick<ResourceState, "protect" | "urn">, what: "replaced" | "deleted"): void => {
  if (!state.protect) return;
  throw new StepError(`${state.urn} is protected, so it cannot be ${what}.`, { failure: "protected", urn: state.urn });
};

/** What stops a run, from whatever was thrown. */
export const asStepError = (error: unknown, urn: string | null): StepError => {
  if (error instanceof StepError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AwsError) return refusedByAws(error, urn);
  if (error instanceof FencedError) return new StepError(message, { code: "stack_locked", urn });
  // Not an answer of AWS. What it leaves in doubt is noted in the checkpoint.
  return new StepError(message, { code: isDatabaseUnavailable(error) ? "interrupted" : "engine_failed", urn });
};

/** @param plan that no step may go beyond; `null` while planning */
export function createStepTaker(record: RunRecord, plan: PlannedOps): StepTaker {
  const refuseUnplanned = (urn: string, op: StepOp): void => {
    const planned = plan?.get(urn) ?? [];
    if (plan === null || planned.some((each) => allowedBy[each].includes(op))) return;
    const intended = planned.length === 0 ? "leave out" : planned.join(" and ");
    const message = `The plan was to ${intended} ${urn}, and now it would be ${op}. Preview again.`;
    throw new StepError(message, { code: "preview_stale", urn });
  };

  return {
    take: async (parts, work) => {
      refuseUnplanned(parts.urn, parts.op);
      if (record.stopped.aborted) throw new StepError("The run has stopped.", { code: "canceled" });
      const step = describeStep(parts);
      if (plan === null)
        record.planStep({ step, old: parts.old, wanted: parts.draft, deletesFirst: parts.deletesFirst ?? false });
      else if (parts.op !== "same") record.started(step);
      try {
        const result = await work(step);
        if (plan !== null) record.finished(step);
        return result;
      } catch (error) {
        const failure = asStepError(error, parts.urn);
        record.stop(failure, step);
        throw failure;
      }
    },
  };
}
