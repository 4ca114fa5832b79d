/** Refreshes and drift checks: what the account has otherwise than the state, and for a refresh the state takes it over. */
import type { RefreshRun, RunResult, Step } from "../engine.ts";
import { driftOf, keepReading, notRead, readAccount, readSteps, type AccountReading } from "./account-reading.ts";
import { loadCheckpoint } from "./checkpoint.ts";
import { checkpointWriter } from "./checkpoint-writer.ts";
import { beginRun, doneSteps, endRun, type Fence } from "./fence.ts";
import { createRedactor } from "../pulumi/redaction.ts";
import { createRunRecord, StepError, type RunRecord } from "./run-record.ts";
import type { GivenRun } from "../runner/performed.ts";
import { differing, lockedProblem, outcomeOf, pendingDetail, pendingProblem } from "../run-result.ts";
import { runResult } from "./run-result.ts";
import type { SandboxOptions } from "./run.ts";
import type { CheckpointData } from "./state.ts";
import { asStepError } from "./step-taker.ts";

/**
 * Does it. Every way in which it can end is a result.
 *
 * @throws Error when the checkpoint cannot be read or written, so that no result could be true
 */
export async function sandboxRefresh(
  { connection, runner, provider, now }: Pick<SandboxOptions, "connection" | "runner" | "provider" | "now">,
  { run, onEvent, signal }: GivenRun<RefreshRun>,
): Promise<RunResult> {
  const { stack, operationId } = run;
  const redactor = createRedactor();
  const record = createRunRecord(onEvent, redactor);

  async function look(checkpoint: CheckpointData): Promise<AccountReading> {
    for (const { inputs, outputs } of checkpoint.resources) [inputs, outputs].forEach(redactor.learn);
    const reading = await readAccount(provider, checkpoint, onEvent).catch((error: unknown) => {
      record.stop(asStepError(error, null));
      return notRead(checkpoint);
    });
    if (signal.aborted)
      record.stop(new StepError("It was canceled before anything was taken over.", { code: "canceled" }));
    return reading;
  }

  const told = (checkpoint: CheckpointData, steps: Step[]): RunResult =>
    record.stopped.aborted
      ? runResult({ outcome: outcomeOf(record.problem()), record, checkpoint, planDigest: null })
      : runResult({ outcome: "succeeded", record, checkpoint, planDigest: null, steps, drift: differing(steps) });

  async function check(): Promise<RunResult> {
    const checkpoint = await loadCheckpoint(connection, stack);
    warnOfPending(record, checkpoint);
    return told(checkpoint, readSteps(await look(checkpoint)));
  }

  async function refresh(fence: Fence): Promise<RunResult> {
    const begun = await beginRun(connection, { ...fence, operationId, runner });
    const before = await loadCheckpoint(connection, stack);
    const refused = { record, checkpoint: before, planDigest: null };
    if (begun === null) return runResult({ ...refused, outcome: "interrupted", problem: lockedProblem(stack) });
    if (before.pending.length > 0) {
      await endRun(connection, fence);
      return runResult({ ...refused, outcome: "needs_recovery", problem: pendingProblem(before.pending) });
    }
    // Of an earlier run of this operation whose result was lost: the account has nothing new to say of these.
    const earlier = await doneSteps(connection, stack, operationId);
    const reading = await look(before);
    if (!record.stopped.aborted)
      await keepReading(checkpointWriter(connection, fence, now), reading, true).catch((error: unknown) =>
        record.stop(asStepError(error, null)),
      );
    const after = await loadCheckpoint(connection, stack);
    await endRun(connection, fence);
    const taken = new Set([...earlier, ...driftOf(reading)].map(({ urn }) => urn));
    return told(after, [...earlier, ...readSteps(reading).filter(({ urn, op }) => op !== "same" || !taken.has(urn))]);
  }

  return run.kind === "refresh" ? refresh({ stack, number: run.fence }) : check();
}

const warnOfPending = (record: RunRecord, { pending }: CheckpointData): void => {
  if (pending.length > 0) record.diagnose({ urn: null, severity: "warning", message: pendingDetail(pending) });
};
