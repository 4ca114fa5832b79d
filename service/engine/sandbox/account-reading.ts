/**
 * What the account has of a stack, beside what its state says: for refreshes, drift checks, and runs that begin with a
 * refresh. The account is only read; rules after `pulumi refresh` (Pulumi documentation, "Detecting and reconciling drift").
 */
import { isDeepStrictEqual } from "node:util";
import type { EngineEvent, Step } from "../engine.ts";
import type { ResourceProvider } from "../../cloud/provider.ts";
import { differing } from "../run-result.ts";
import type { Change } from "./decision.ts";
import { isManaged } from "./executor.ts";
import type { CheckpointData, CheckpointWriter, ResourceState } from "./state.ts";
import { describeStep } from "./step.ts";
import { asStepError } from "./step-taker.ts";

/** One resource, as the state says it is and as it was found. */
interface ReadResource {
  before: ResourceState;
  /** `null`: it does not exist any more. */
  now: ResourceState | null;
  /** Inputs that differ, from what is recorded to what the account has. */
  changes: Change[];
}

/**
 * Reads one resource; `null` for what no account has (components, providers). Inputs are taken over only where the provider
 * finds a difference: the account may write the same in other words.
 *
 * @throws AwsError
 */
export async function readResource(provider: ResourceProvider, before: ResourceState): Promise<ReadResource | null> {
  const { type, id, scope } = before;
  if (!isManaged(before) || id === null || scope === null) return null;
  const found = await provider.read(type, id, scope);
  if (found === null) return { before, now: null, changes: [] };
  const { changes } = provider.diff(type, before.inputs.values, found.inputs, before.outputs.values);
  const inputs = changes.length === 0 ? before.inputs : { ...before.inputs, values: found.inputs };
  return { before, now: { ...before, inputs, outputs: { ...before.outputs, values: found.outputs } }, changes };
}

/** What was read of a stack's resources. */
export interface AccountReading {
  /** The stack's state, with what was read taken over. */
  checkpoint: CheckpointData;
  read: { resource: ReadResource; step: Step }[];
}

/** Of a run that does not read the account: the state is taken at its word. */
export const notRead = (checkpoint: CheckpointData): AccountReading => ({ checkpoint, read: [] });

/** Every resource of the stack; an older one that waits for its deletion is no part of it any more. */
export const readSteps = ({ read }: AccountReading): Step[] =>
  read.flatMap(({ resource, step }) => (resource.before.pendingDelete ? [] : [step]));

/** What the account has otherwise than the state. */
export const driftOf = (reading: AccountReading): Step[] => differing(readSteps(reading));

const stepOf = ({ before, now, changes }: ReadResource): Step =>
  describeStep({
    op: now === null ? "delete" : changes.length > 0 ? "update" : "same",
    urn: before.urn,
    changes,
    // Whether it would stay at a delete of ours says nothing of somebody else's.
    old: { ...before, retainOnDelete: false },
    draft: null,
  });

/**
 * Reads every resource of a stack.
 *
 * @throws StepError with the resource that could not be read
 */
export async function readAccount(
  provider: ResourceProvider,
  checkpoint: CheckpointData,
  onEvent: (event: EngineEvent) => void,
): Promise<AccountReading> {
  const read = await Promise.all(
    checkpoint.resources.map(async (state) => {
      try {
        const resource = await readResource(provider, state);
        if (resource === null) return [];
        const step = stepOf(resource);
        onEvent({ type: "resource.read", step });
        return [{ resource, step }];
      } catch (error) {
        throw asStepError(error, state.urn);
      }
    }),
  );
  const found = new Map(read.flat().map(({ resource: { before, now } }) => [before.sequence, now]));
  const resources = checkpoint.resources.flatMap((state) => {
    const now = found.get(state.sequence);
    return now === undefined ? [state] : now === null ? [] : [now];
  });
  return { checkpoint: { ...checkpoint, resources }, read: read.flat() };
}

/**
 * Has the state take over what was read.
 *
 * @param told Whether the steps are those of the operation, and kept with what they are about.
 * @throws FencedError
 */
export async function keepReading(writer: CheckpointWriter, { read }: AccountReading, told: boolean): Promise<void> {
  for (const { resource, step } of read) {
    const { before, now } = resource;
    const kept = told && step.op !== "same" ? step : null;
    if (now === null) await writer.remove(before, kept);
    else if (!isDeepStrictEqual(now, before)) await writer.save([now], kept);
  }
}
