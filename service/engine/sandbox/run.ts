/**
 * One run of the sandbox on one stack: plan, and for up and destroy the comparison with what was approved and the apply.
 */
import type { EngineEvent, ProgramRun, RunProblem, RunResult } from "../engine.ts";
import type { ResourceProvider, Scope } from "../../cloud/provider.ts";
import { checkpointWriter, loadCheckpoint, lockStack, unlockStack, type CheckpointConnection } from "./checkpoint.ts";
import { createDeployment } from "./deployment.ts";
import { planDigest } from "./digest.ts";
import { applyingExecutor, planningExecutor } from "./executor.ts";
import { runProgram, type Program } from "./program-run.ts";
import { noProperties } from "./properties.ts";
import { createRedactor } from "./redaction.ts";
import { countChanges, createRunRecord, StepError, type RunRecord } from "./run-record.ts";
import { pendingDetail, runResult, staleDetail } from "./run-result.ts";
import { createStackView, type StackView } from "./stack-view.ts";
import type { CheckpointData } from "./state.ts";
import type { PlannedOps } from "./step-taker.ts";

export interface SandboxOptions {
  /** Of the run alone: the stack's lock is held by its session. */
  connection: CheckpointConnection;
  provider: ResourceProvider;
  /** The program that a run names, ready to be called. */
  program: (run: ProgramRun) => Program;
  project: string;
  /** Account and region of a provider that names none. */
  home: Scope;
  /** Keys the digests of secrets. */
  digestKey: string;
  newId: () => string;
}

export interface SandboxRun {
  run: ProgramRun;
  onEvent: (event: EngineEvent) => void;
  signal: AbortSignal;
}

interface Plan {
  record: RunRecord;
  view: StackView;
  digest: string;
}

/**
 * Does the run. Every way in which it can end is a result.
 *
 * @throws Error when the checkpoint cannot be read or written, so that no result could be true
 */
export async function sandboxRun(options: SandboxOptions, { run, onEvent, signal }: SandboxRun): Promise<RunResult> {
  const { connection, provider, project, home, digestKey, newId } = options;
  const { stack, of } = run;
  const redactor = createRedactor();

  /** One pass: over the program, or over what there is to destroy. */
  async function pass(view: StackView, record: RunRecord, plan: PlannedOps, traces = false): Promise<void> {
    const writer = checkpointWriter(connection, stack);
    const executor = plan === null ? planningExecutor() : applyingExecutor({ provider, writer, newId });
    const deployment = createDeployment({ stack, project, view, provider, executor, record, redactor, home, plan });
    const cancel = (): void =>
      record.stop(new StepError("The run was canceled; the steps that were running have ended.", { code: "canceled" }));
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
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  const endOf = (record: RunRecord): RunResult["outcome"] => {
    if (record.doubtful()) return "needs_recovery";
    if (record.problem() === null) return "succeeded";
    return record.problem()?.code === "canceled" ? "canceled" : "failed";
  };

  const refused = (checkpoint: CheckpointData, outcome: "failed" | "needs_recovery", problem: RunProblem): RunResult =>
    runResult({ outcome, record: createRunRecord(onEvent, redactor), checkpoint, planDigest: null, problem });

  /** A program's error that names no resource: planned once more with stack traces, which tell what was being made. */
  async function located(checkpoint: CheckpointData, problem: RunProblem | null): Promise<{ problem?: RunProblem }> {
    if (problem?.code !== "program_failed" || problem.urn !== null) return {};
    const record = createRunRecord(() => undefined, redactor);
    await pass(createStackView(checkpoint), record, null, true);
    return { problem: { ...problem, urn: record.problem()?.urn ?? null } };
  }

  async function makePlan(checkpoint: CheckpointData): Promise<Plan | RunResult> {
    for (const { inputs, outputs } of checkpoint.resources) [inputs, outputs].forEach(redactor.learn);
    redactor.learn(checkpoint.outputs);
    const view = createStackView(checkpoint);
    const record = createRunRecord(onEvent, redactor);
    if (checkpoint.pending.length > 0)
      record.diagnose({ urn: null, severity: "warning", message: pendingDetail(checkpoint.pending) });
    await pass(view, record, null);
    if (record.problem() !== null) {
      const problem = await located(checkpoint, record.problem());
      return runResult({ outcome: endOf(record), record, checkpoint, planDigest: null, ...problem });
    }
    onEvent({ type: "plan.done", changes: countChanges(record.planned.map(({ step }) => step)) });
    return { record, view, digest: planDigest(record.planned, digestKey) };
  }

  async function preview(checkpoint: CheckpointData): Promise<RunResult> {
    const plan = await makePlan(checkpoint);
    if ("outcome" in plan) return plan;
    const steps = plan.record.planned.map(({ step }) => step);
    const outputs = run.of === "up" ? plan.view.outputs : noProperties();
    const { record, digest } = plan;
    return runResult({ outcome: "succeeded", record, checkpoint, planDigest: digest, steps, outputs });
  }

  async function apply(checkpoint: CheckpointData): Promise<RunResult> {
    if (checkpoint.pending.length > 0) {
      const detail = pendingDetail(checkpoint.pending);
      return refused(checkpoint, "needs_recovery", { code: "recovery_required", detail, urn: null });
    }
    const plan = await makePlan(checkpoint);
    if ("outcome" in plan) return plan;
    const planned = plan.record;
    if (run.approvedPlan !== null && run.approvedPlan !== plan.digest) {
      const problem = { code: "preview_stale", detail: redactor.redact(staleDetail(planned)), urn: null };
      return { ...refused(checkpoint, "failed", problem), planDigest: plan.digest };
    }
    onEvent({ type: "apply.started" });
    const record = createRunRecord(onEvent, redactor, planned.diagnostics);
    const stepsByUrn = Map.groupBy(planned.planned, ({ step }) => step.urn);
    const ops = new Map([...stepsByUrn].map(([urn, steps]) => [urn, steps.map(({ step }) => step.op)]));
    await pass(createStackView(checkpoint), record, ops);
    // Read back: the checkpoint says what was done, also where the run broke off in the middle of a step.
    const after = await loadCheckpoint(connection, stack);
    const outcome = after.pending.length > 0 ? "needs_recovery" : endOf(record);
    return runResult({ outcome, record, checkpoint: after, planDigest: plan.digest, steps: record.done });
  }

  if (run.kind === "preview") return preview(await loadCheckpoint(connection, stack));
  if (!(await lockStack(connection, stack))) {
    const problem = {
      code: "stack_locked",
      detail: `Another run is changing ${stack}. Wait for it to end.`,
      urn: null,
    };
    return refused(await loadCheckpoint(connection, stack), "failed", problem);
  }
  try {
    return await apply(await loadCheckpoint(connection, stack));
  } finally {
    await unlockStack(connection, stack);
  }
}
