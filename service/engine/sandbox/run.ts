/**
 * One run of the sandbox on one stack: plan, and for up and destroy the comparison with what was approved and the apply.
 */
import {
  countChanges,
  type ProgramRun,
  type RunOutcome,
  type RunProblem,
  type RunResult,
  type Step,
} from "../engine.ts";
import type { ResourceProvider } from "../../cloud/provider.ts";
import { driftOf, keepReading, notRead, readAccount, type AccountReading } from "./account-reading.ts";
import { loadCheckpoint, type CheckpointStore } from "./checkpoint.ts";
import { checkpointWriter } from "./checkpoint-writer.ts";
import { createDeployment } from "./deployment.ts";
import { planDigest } from "./digest.ts";
import { applyingExecutor, planningExecutor } from "./executor.ts";
import { beginRun, doneSteps, endRun, markApply, type Fence, type Marker } from "./fence.ts";
import type { GivenRun, RunMeans } from "../runner/performed.ts";
import { runProgram } from "./program-run.ts";
import { noProperties } from "../pulumi/properties.ts";
import { createRedactor } from "../pulumi/redaction.ts";
import { createRunRecord, StepError, type RunRecord } from "./run-record.ts";
import { beyondPlan, wholeOperation } from "../resumption.ts";
import {
  canceledProblem,
  lockedProblem,
  outcomeOf,
  pendingDetail,
  pendingProblem,
  staleDetail,
  stepsOf,
} from "../run-result.ts";
import { runResult } from "./run-result.ts";
import { createStackView, type StackView } from "./stack-view.ts";
import type { CheckpointData } from "./state.ts";
import { asStepError, type PlannedOps } from "./step-taker.ts";

/** What the sandbox has for its runs. */
export interface SandboxOptions extends RunMeans {
  connection: CheckpointStore;
  /** Name of the database sessions that the connection and the provider use: a newer run ends them by it. */
  runner: string;
  provider: ResourceProvider;
  newId: () => string;
}

interface Plan {
  record: RunRecord;
  /** What the plan starts from. */
  reading: AccountReading;
  view: StackView;
  steps: Step[];
  digest: string;
}

/**
 * Does the run. Every way in which it can end is a result.
 *
 * @throws Error when the checkpoint cannot be read or written, so that no result could be true
 */
export async function sandboxRun(
  options: SandboxOptions,
  { run, onEvent, signal, mayApply }: GivenRun<ProgramRun>,
): Promise<RunResult> {
  const { connection, provider, project, home, digestKey, newId, now, runner } = options;
  const { stack, of, operationId } = run;
  const fence: Fence = { stack, number: run.fence };
  const redactor = createRedactor();

  /** One pass: over the program, or over what there is to destroy. */
  async function pass(view: StackView, record: RunRecord, plan: PlannedOps, traces = false): Promise<void> {
    const writer = checkpointWriter(connection, fence, now);
    const executor = plan === null ? planningExecutor() : applyingExecutor({ provider, writer, newId });
    const deployment = createDeployment({ stack, project, view, provider, executor, record, redactor, home, plan });
    const cancel = (): void => record.stop(new StepError(canceledProblem.detail, { code: canceledProblem.code }));
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel);
    try {
      if (of === "up" && !record.stopped.aborted)
        await runProgram({
          program: options.program(run),
          dryRun: plan === null,
          ...{ stack, project, deployment, record, traces },
        });
      await deployment.finish();
      await deployment.settled();
      if (plan === null || record.stopped.aborted) return;
      await (of === "up" ? writer.saveOutputs(view.outputs) : writer.clear());
    } catch (error) {
      record.stop(asStepError(error, null));
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  const refused = (checkpoint: CheckpointData, outcome: RunOutcome, problem: RunProblem): RunResult =>
    runResult({ outcome, record: createRunRecord(onEvent, redactor), checkpoint, planDigest: null, problem });

  /** A program's error that names no resource: planned once more with stack traces, which tell what was being made. */
  async function located(checkpoint: CheckpointData, problem: RunProblem | null): Promise<{ problem?: RunProblem }> {
    if (problem?.code !== "program_failed" || problem.urn !== null) return {};
    const record = createRunRecord(() => undefined, redactor);
    await pass(createStackView(checkpoint), record, null, true);
    return { problem: { ...problem, urn: record.problem()?.urn ?? null } };
  }

  const learn = ({ resources, outputs: ofStack }: CheckpointData): void => {
    for (const { inputs, outputs } of resources) [inputs, outputs].forEach(redactor.learn);
    redactor.learn(ofStack);
  };

  /** The stack as its state says it is, and with a refresh as the account has it. */
  async function look(checkpoint: CheckpointData, record: RunRecord): Promise<AccountReading> {
    learn(checkpoint);
    if (!run.refresh || signal.aborted) return notRead(checkpoint);
    try {
      const reading = await readAccount(provider, checkpoint, onEvent);
      learn(reading.checkpoint);
      return reading;
    } catch (error) {
      record.stop(asStepError(error, null));
      return notRead(checkpoint);
    }
  }

  async function makePlan(checkpoint: CheckpointData): Promise<Plan | RunResult> {
    const record = createRunRecord(onEvent, redactor);
    const reading = await look(checkpoint, record);
    const view = createStackView(reading.checkpoint);
    if (checkpoint.pending.length > 0)
      record.diagnose({ urn: null, severity: "warning", message: pendingDetail(checkpoint.pending) });
    await pass(view, record, null);
    if (record.problem() !== null) {
      const problem = await located(reading.checkpoint, record.problem());
      return runResult({ outcome: outcomeOf(record.problem()), record, checkpoint, planDigest: null, ...problem });
    }
    const steps = record.planned.map(({ step }) => step);
    onEvent({ type: "plan.done", changes: countChanges(steps) });
    return { record, reading, view, steps, digest: planDigest(record.planned, digestKey) };
  }

  async function preview(checkpoint: CheckpointData): Promise<RunResult> {
    const plan = await makePlan(checkpoint);
    if ("outcome" in plan) return plan;
    const outputs = of === "up" ? plan.view.outputs : noProperties();
    const { record, digest, steps } = plan;
    const drift = driftOf(plan.reading);
    return runResult({ outcome: "succeeded", record, checkpoint, planDigest: digest, steps, drift, outputs });
  }

  /**
   * Whether the plan is what people approved. An operation that began to apply earlier passed that gate then, and what is left
   * has to be a part of it.
   */
  const isStale = (plan: Plan, marker: Marker | null): boolean =>
    marker === null
      ? run.approvedPlan !== null && run.approvedPlan !== plan.digest
      : beyondPlan(marker.planned, plan.steps).length > 0;

  async function apply(checkpoint: CheckpointData, marker: Marker | null): Promise<RunResult> {
    const earlier = marker === null ? [] : await doneSteps(connection, stack, operationId);
    const whole = (held: CheckpointData, now: readonly Step[]): Step[] =>
      marker === null
        ? [...now]
        : wholeOperation({ ...marker, earlier, now, held: new Set(held.resources.map(({ urn }) => urn)) });
    if (checkpoint.pending.length > 0) {
      const result = refused(checkpoint, "needs_recovery", pendingProblem(checkpoint.pending));
      return { ...result, ...stepsOf(whole(checkpoint, [])) };
    }
    const plan = await makePlan(checkpoint);
    if ("outcome" in plan) return { ...plan, ...stepsOf(whole(checkpoint, [])) };
    if (isStale(plan, marker)) {
      const problem = { code: "preview_stale", detail: redactor.redact(staleDetail(plan.steps)), urn: null };
      const result = refused(checkpoint, "failed", problem);
      const drift = driftOf(plan.reading);
      return { ...result, ...stepsOf(whole(checkpoint, [])), planDigest: plan.digest, drift };
    }
    if (!(await mayApply())) {
      const result = refused(checkpoint, "canceled", canceledProblem);
      return { ...result, ...stepsOf(whole(checkpoint, [])) };
    }
    if (marker === null && !(await markApply(connection, fence, plan.steps)))
      return refused(checkpoint, "interrupted", lockedProblem(stack));
    onEvent({ type: "apply.started" });
    const record = createRunRecord(onEvent, redactor, plan.record.diagnostics);
    const stepsByUrn = Map.groupBy(plan.steps, (step) => step.urn);
    const ops = new Map([...stepsByUrn].map(([urn, steps]) => [urn, steps.map(({ op }) => op)]));
    await keepReading(checkpointWriter(connection, fence, now), plan.reading, false).catch((error: unknown) =>
      record.stop(asStepError(error, null)),
    );
    await pass(createStackView(plan.reading.checkpoint), record, ops);
    // Read back: the checkpoint says what was done, also where the run broke off in the middle of a step.
    const after = await loadCheckpoint(connection, stack);
    return runResult({
      outcome: after.pending.length > 0 ? "needs_recovery" : outcomeOf(record.problem()),
      record,
      checkpoint: after,
      planDigest: marker === null ? plan.digest : (run.approvedPlan ?? plan.digest),
      steps: whole(after, record.done),
      drift: driftOf(plan.reading),
    });
  }

  if (run.kind === "preview") return preview(await loadCheckpoint(connection, stack));
  const begun = await beginRun(connection, { ...fence, operationId, runner });
  if (begun === null) return refused(await loadCheckpoint(connection, stack), "interrupted", lockedProblem(stack));
  const result = await apply(await loadCheckpoint(connection, stack), begun.marker);
  await endRun(connection, fence);
  return result;
}
