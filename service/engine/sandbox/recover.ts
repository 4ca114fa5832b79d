/**
 * Brings a stack home whose last run left something in doubt: looks each doubtful resource up in the account, records what is
 * true, and then reads every resource that the stack holds, as `pulumi refresh` does. The account is only read.
 */
import { isDeepStrictEqual } from "node:util";
import type { RecoverRun, RunResult } from "../engine.ts";
import type { ResourceProvider } from "../../cloud/provider.ts";
import { readResource } from "./account-reading.ts";
import { heldIds, loadCheckpoint, type CheckpointStore } from "./checkpoint.ts";
import { checkpointWriter } from "./checkpoint-writer.ts";
import { asState, superseded } from "./executor.ts";
import { beginRun, endRun, type Fence } from "./fence.ts";
import { createRedactor } from "../pulumi/redaction.ts";
import { createRunRecord, StepError, type RunRecord } from "./run-record.ts";
import type { GivenRun } from "../runner/performed.ts";
import { lockedProblem, outcomeOf, pendingProblem } from "../run-result.ts";
import { runResult } from "./run-result.ts";
import type { SandboxOptions } from "./run.ts";
import type { CheckpointData, CheckpointWriter, NotedOperation, ResourceState } from "./state.ts";
import { asStepError } from "./step-taker.ts";

interface Recovery {
  connection: CheckpointStore;
  provider: ResourceProvider;
  writer: CheckpointWriter;
  checkpoint: CheckpointData;
  record: RunRecord;
}

const tell = ({ record }: Recovery, urn: string, message: string): void =>
  record.diagnose({ urn, severity: "info", message });

/** A create that happened is recorded, so that it is never made a second time; one that did not is forgotten. */
async function settleCreate(recovery: Recovery, noted: NotedOperation): Promise<void> {
  const { connection, provider, writer, checkpoint } = recovery;
  const { urn, type, draft, replaces, startedAt } = noted;
  if (draft?.scope == null)
    throw new StepError("What was to be created is not noted, so it cannot be looked for.", { urn });
  const held = await heldIds(connection, type, draft.scope);
  const found = await provider.findCreated(type, draft.inputs.values, draft.scope, startedAt);
  const [id, ...others] = found.filter((each) => !held.has(each));
  if (id === undefined) {
    await writer.abandon(urn);
    tell(recovery, urn, "It was not created: it will be when the stack is brought up again.");
    return;
  }
  if (others.length > 0) {
    const message = `Several resources could be the one that was created: ${[id, ...others].join(", ")}. Delete those that are not wanted, or all of them, and recover again.`;
    throw new StepError(message, { code: "recovery_required", urn });
  }
  const resource = await provider.read(type, id, draft.scope);
  if (resource === null) throw new StepError(`${id} went away while it was looked at. Recover again.`, { urn });
  const replaced = checkpoint.resources.filter(({ sequence }) => sequence === replaces).map(superseded);
  await writer.save([asState(draft, id, resource.outputs), ...replaced], null);
  tell(recovery, urn, `It was created, as ${id}, and is recorded now.`);
}

/** An update or delete is settled by what is there. */
async function settleChange(recovery: Recovery, noted: NotedOperation): Promise<void> {
  const { writer, checkpoint } = recovery;
  const { urn, id, draft } = noted;
  const state = checkpoint.resources.find((each) => each.urn === urn && each.id === id);
  if (state !== undefined) await readBack(recovery, draft === null ? state : { ...state, ...wantedOf(draft) }, true);
  else await writer.abandon(urn);
}

/** What an update was about beside the inputs: the read says what became of those. */
const wantedOf = ({
  name: _name,
  additionalSecretOutputs: _named,
  inputs: _inputs,
  ...wanted
}: NonNullable<NotedOperation["draft"]>) => wanted;

/** Reads a resource and keeps what is true of it; `always` also when that is nothing new. */
async function readBack(recovery: Recovery, state: ResourceState, always = false): Promise<void> {
  const { provider, writer, checkpoint } = recovery;
  const { urn } = state;
  const resource = await readResource(provider, state);
  if (resource === null) return;
  const { now: read, changes } = resource;
  if (read === null) {
    await writer.remove(state, null);
    tell(recovery, urn, `${state.id ?? urn} does not exist any more: it is forgotten.`);
    return;
  }
  const known = checkpoint.resources.find(({ sequence }) => sequence === state.sequence);
  const changed = !isDeepStrictEqual(read, known);
  if (changed || always) await writer.save([read], null);
  if (!changed) return;
  const paths = changes.map(({ path }) => path);
  tell(
    recovery,
    urn,
    paths.length === 0 ? "Its outputs are read anew." : `It differs from what was recorded: ${paths.join(", ")}.`,
  );
}

const settle = (recovery: Recovery, noted: NotedOperation): Promise<void> =>
  noted.kind === "creating" ? settleCreate(recovery, noted) : settleChange(recovery, noted);

/**
 * Does the recovery. Every way in which it can end is a result.
 *
 * @throws Error when the checkpoint cannot be read or written, so that no result could be true
 */
export async function sandboxRecovery(
  { connection, runner, provider, now }: Pick<SandboxOptions, "connection" | "runner" | "provider" | "now">,
  { run, onEvent, signal }: GivenRun<RecoverRun>,
): Promise<RunResult> {
  const { stack, operationId } = run;
  const fence: Fence = { stack, number: run.fence };
  const redactor = createRedactor();
  const record = createRunRecord(onEvent, redactor);

  /** One thing after the other, until something goes wrong or somebody cancels. */
  async function each<Item extends { urn: string }>(
    items: readonly Item[],
    work: (item: Item) => Promise<void>,
  ): Promise<void> {
    for (const item of items) {
      if (signal.aborted) record.stop(new StepError("The recovery was canceled.", { code: "canceled" }));
      if (record.stopped.aborted) return;
      try {
        await work(item);
      } catch (error) {
        record.stop(asStepError(error, item.urn));
      }
    }
  }

  async function refresh(before: CheckpointData): Promise<void> {
    const writer = checkpointWriter(connection, fence, now);
    const recovery = (checkpoint: CheckpointData): Recovery => ({ connection, provider, writer, checkpoint, record });
    await each(before.pending, (noted) => settle(recovery(before), noted));
    const settled = await loadCheckpoint(connection, stack);
    await each(settled.resources, (state) => readBack(recovery(settled), state));
  }

  const begun = await beginRun(connection, { ...fence, operationId, runner });
  const before = await loadCheckpoint(connection, stack);
  const told = { record, planDigest: null };
  if (begun === null)
    return runResult({ ...told, outcome: "interrupted", checkpoint: before, problem: lockedProblem(stack) });
  for (const { inputs, outputs } of before.resources) [inputs, outputs].forEach(redactor.learn);
  for (const { draft } of before.pending) if (draft) redactor.learn(draft.inputs);
  if (run.resolution === "refresh") await refresh(before);
  const after = await loadCheckpoint(connection, stack);
  await endRun(connection, fence);
  if (after.pending.length === 0)
    return runResult({ ...told, outcome: outcomeOf(record.problem()), checkpoint: after });
  const problem = record.problem() ?? pendingProblem(after.pending);
  return runResult({ ...told, outcome: "needs_recovery", checkpoint: after, problem });
}
