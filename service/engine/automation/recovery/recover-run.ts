/** The run that brings a stack home, as the port has it: `recover.ts` does it, and here it comes to a result. */
import { createRedactor } from "../../pulumi/redaction.ts";
import type { Diagnostic, RecoverRun, RunOutcome, RunResult } from "../../engine.ts";
import type { GivenRun } from "../../runner/performed.ts";
import { secretsOf } from "../process/cli-environment.ts";
import { quotedForms } from "../failures/failures-redaction.ts";
import { beginRun } from "../run/fence.ts";
import { leftoverProblem, withStackState } from "./recover-access.ts";
import { recoverStack, stackResourcesOf, type Recovered } from "./recover.ts";
import { lockedProblem, outcomeOf, pendingResources } from "../../run-result.ts";
import { noRoomProblem } from "../run/room.ts";
import { idleResult } from "../run/run-result.ts";
import type { AutomationOptions } from "../run/run-workspace.ts";
import { findStackRecord, keepHeld } from "../run/stack-record.ts";

/** A process of an earlier run that still lives had its time: its operation is over. */
const graceMilliseconds = 0;

const outcomeOfRecovery = ({ pending, problem }: Recovered): RunOutcome =>
  pending.length > 0 ? "needs_recovery" : outcomeOf(problem);

/**
 * Does the recovery. Every way in which it can end is a result.
 *
 * @throws Error when our own records cannot be read or written, so that no result could be true
 */
export async function recoverRun(
  options: AutomationOptions,
  { run, onEvent, signal }: GivenRun<RecoverRun>,
): Promise<RunResult> {
  const { connection, provider, home, now } = options;
  const { stack, resolution, operationId } = run;
  const record = await findStackRecord(connection, stack);
  const held = { resources: record?.resources ?? [], outputs: record?.outputs ?? {} };
  if ((await beginRun(connection, { stack, number: run.fence }, operationId)) === null)
    return idleResult(lockedProblem(stack), held);
  const diagnostics: Diagnostic[] = [];
  const secrets = secretsOf(options.settings);
  const { redact } = createRedactor(quotedForms(secrets));
  const tell = (said: Diagnostic): void => {
    const diagnostic = { ...said, message: redact(said.message) };
    diagnostics.push(diagnostic);
    onEvent({ type: "diagnostic", diagnostic });
  };
  const nothing = { ...idleResult(lockedProblem(stack), held), problem: null, outcome: "succeeded" as const };
  if (record === null) return nothing;
  const noRoom = await noRoomProblem(options.settings);
  if (noRoom !== null) return idleResult(noRoom, held);
  try {
    const recovered = await withStackState(options, run, { record, signal }, (state) => {
      const earlier = { connection, stack, upToFence: run.fence - 1, now, graceMilliseconds };
      return recoverStack({ ...earlier, state, resolution, provider, home, tell, signal });
    });
    const resources = recovered.state === null ? held.resources : stackResourcesOf(recovered.state, home);
    await keepHeld(connection, run, { ...held, resources });
    const { problem, pending } = recovered;
    const outcome = outcomeOfRecovery(recovered);
    const told = problem && { ...problem, detail: redact(problem.detail) };
    return { ...nothing, outcome, resources, diagnostics, pending: pendingResources(pending), problem: told };
  } catch (error) {
    const problem = leftoverProblem(error, options.settings, signal.aborted);
    if (problem === null) throw error;
    return { ...idleResult(problem, held), diagnostics };
  }
}
