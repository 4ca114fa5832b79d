/**
 * How steps are carried out. Two executors with one interface: one predicts (preview, and the plan before an up), one does it
 * and keeps the checkpoint. The account and the checkpoint are never one transaction, as with AWS: a pending operation is
 * noted before each write to the account and cleared with its outcome.
 */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../domain/json.ts";
import type { Step } from "../engine.ts";
import { faultPoint } from "../../fault-points.ts";
import { AwsError, unknown, type ResourceProvider, type Scope } from "../../cloud/provider.ts";
import { noProperties, outputSecrets, type Properties } from "../pulumi/properties.ts";
import { refusedByAws, StepError } from "./run-record.ts";
import type { CheckpointWriter, Draft, PendingOperation, ResourceState } from "./state.ts";
import { isProviderType } from "../pulumi/urn.ts";

/** Each is given the step that it completes, so that what was done is kept together with what came of it. */
export interface Executor {
  /** `replaces` is the resource in whose stead this one is made; it is still there and is marked for deletion. */
  create(draft: Draft, replaces: ResourceState | null, step: Step): Promise<ResourceState>;
  update(old: ResourceState, draft: Draft, step: Step): Promise<ResourceState>;
  /** Nothing changes in the account; the checkpoint takes what the program now says of the resource. */
  keep(old: ResourceState, draft: Draft): Promise<ResourceState>;
  /** Takes in what exists under the draft's import id, then updates it where `update` says so. */
  adopt(draft: Draft, found: Found, update: boolean, step: Step): Promise<ResourceState>;
  /** Deletes, or with `retainOnDelete` only forgets. The step is `null` where this is a part of another. */
  remove(state: ResourceState, step: Step | null): Promise<void>;
  /** What a component, or the stack, says its outputs are. */
  complete(state: ResourceState, outputs: Properties): Promise<ResourceState>;
}

/** Whether a provider manages it in the account: neither a component nor a provider itself. */
export const isManaged = (resource: { custom: boolean; type: string }): boolean =>
  resource.custom && !isProviderType(resource.type);

/** A resource as it is in the account. */
interface Found {
  inputs: JsonObject;
  outputs: JsonObject;
}

/** The state of a resource that exists under an id, with these outputs. */
export const asState = (
  { name: _name, additionalSecretOutputs, ...rest }: Draft,
  id: string | null,
  values: JsonObject,
  inherited: Properties = noProperties(),
): ResourceState => {
  const secrets = outputSecrets(values, [...inherited.secrets, ...rest.inputs.secrets], additionalSecretOutputs);
  return { ...rest, id, outputs: { values, secrets } };
};

/** Predicts. What only AWS can tell is left out of a new resource's outputs: the SDK takes it for unknown. */
export const planningExecutor = (): Executor => ({
  create: (draft) => {
    const secretUnknowns = Object.fromEntries(draft.additionalSecretOutputs.map((name) => [name, unknown]));
    return Promise.resolve(
      asState(draft, null, isManaged(draft) ? { ...secretUnknowns, ...draft.inputs.values } : draft.inputs.values),
    );
  },
  update: (old, draft) =>
    Promise.resolve(asState(draft, old.id, { ...old.outputs.values, ...draft.inputs.values }, old.outputs)),
  keep: (old, draft) => Promise.resolve(asState(draft, old.id, old.outputs.values, old.outputs)),
  adopt: (draft, found) =>
    Promise.resolve(asState(draft, draft.importId, { ...found.outputs, ...draft.inputs.values })),
  remove: () => Promise.resolve(),
  complete: (state, outputs) => Promise.resolve({ ...state, outputs }),
});

/** Replaced by another of its URN, and still to be deleted. */
export const superseded = (old: ResourceState): ResourceState => ({ ...old, pendingDelete: true });

interface ApplyingOptions {
  provider: ResourceProvider;
  writer: CheckpointWriter;
  newId: () => string;
}

/** Does it. */
export function applyingExecutor({ provider, writer, newId }: ApplyingOptions): Executor {
  const scopeFor = ({ urn, scope }: { urn: string; scope: Scope | null }): Scope => {
    if (scope === null) throw new StepError("The resource has no account to be in.", { urn });
    return scope;
  };

  /** Runs one write to the account. AWS's refusal is certain; any other error leaves open whether it happened. */
  async function inAccount<Result>(operation: PendingOperation, write: () => Promise<Result>): Promise<Result> {
    faultPoint("pending-recording");
    await writer.begin(operation);
    faultPoint("pending-recorded");
    try {
      const result = await write();
      faultPoint("resource-written");
      return result;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      await writer.abandon(operation.urn);
      throw refusedByAws(error, operation.urn);
    }
  }

  const save = async (states: ResourceState[], step: Step | null): Promise<void> => {
    await writer.save(states, step);
    if (states.some(isManaged)) faultPoint("resource-recorded");
  };

  const made = async (draft: Draft, old: ResourceState | null): Promise<ResourceState> => {
    if (!isManaged(draft)) return asState(draft, draft.custom ? newId() : null, draft.inputs.values);
    const scope = scopeFor(draft);
    const { urn, type } = draft;
    const replaces = old?.sequence ?? null;
    const { id, outputs } = await inAccount({ urn, type, kind: "creating", id: null, draft, replaces }, () =>
      provider.create(type, draft.name, draft.inputs.values, scope),
    );
    return asState(draft, id, outputs);
  };

  const updated = async (old: ResourceState, draft: Draft): Promise<ResourceState> => {
    const { urn, type } = draft;
    const { id } = old;
    if (!isManaged(draft) || id === null) return asState(draft, id, draft.inputs.values, old.outputs);
    const scope = scopeFor(draft);
    const outputs = await inAccount({ urn, type, kind: "updating", id, draft, replaces: null }, () =>
      provider.update(type, id, draft.inputs.values, scope),
    );
    return asState(draft, id, outputs, old.outputs);
  };

  return {
    create: async (draft, replaces, step) => {
      const state = await made(draft, replaces);
      await save([state, ...(replaces ? [superseded(replaces)] : [])], step);
      return state;
    },
    update: async (old, draft, step) => {
      const state = await updated(old, draft);
      await save([state], step);
      return state;
    },
    keep: async (old, draft) => {
      const state = asState(draft, old.id, old.outputs.values, old.outputs);
      if (isDeepStrictEqual(state, old)) return old;
      await writer.save([state], null);
      return state;
    },
    adopt: async (draft, found, update, step) => {
      const inputs = { values: found.inputs, secrets: draft.inputs.secrets };
      const adopted = asState({ ...draft, inputs }, draft.importId, found.outputs);
      if (update) await writer.save([adopted], null);
      const state = update ? await updated(adopted, draft) : { ...adopted, inputs: draft.inputs };
      await save([state], step);
      return state;
    },
    remove: async (state, step) => {
      const { urn, type, id } = state;
      if (isManaged(state) && id !== null && !state.retainOnDelete) {
        const scope = scopeFor(state);
        await inAccount({ urn, type, kind: "deleting", id, draft: null, replaces: null }, () =>
          provider.delete(type, id, scope),
        );
      }
      await writer.remove(state, step);
      if (isManaged(state)) faultPoint("resource-recorded");
    },
    complete: async (state, outputs) => {
      const completed = { ...state, outputs };
      if (isDeepStrictEqual(completed, state)) return state;
      await writer.save([completed], null);
      return completed;
    },
  };
}
