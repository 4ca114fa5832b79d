/**
 * How steps are carried out. Two executors with one interface: one predicts (preview, and the plan before an up), one does it
 * and keeps the checkpoint. The account and the checkpoint are never one transaction, as with AWS: a pending operation is
 * noted before each write to the account and cleared with its outcome.
 */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../engine.ts";
import { AwsError, unknown, type ResourceProvider, type Scope } from "../../cloud/provider.ts";
import { noProperties, outputSecrets, type Properties } from "./properties.ts";
import { StepError } from "./run-record.ts";
import type { CheckpointWriter, PendingOperation, ResourceState } from "./state.ts";
import { isProviderType } from "./urn.ts";

/** A resource as the program wants it, before it has an id and outputs. */
export interface Draft extends Omit<ResourceState, "id" | "outputs"> {
  name: string;
  additionalSecretOutputs: string[];
}

export interface Executor {
  /** `replaces` is the resource in whose stead this one is made; it is still there and is marked for deletion. */
  create(draft: Draft, replaces: ResourceState | null): Promise<ResourceState>;
  update(old: ResourceState, draft: Draft): Promise<ResourceState>;
  /** Nothing changes in the account; the checkpoint takes what the program now says of the resource. */
  keep(old: ResourceState, draft: Draft): Promise<ResourceState>;
  /** Takes in what exists under the draft's import id, then updates it where `update` says so. */
  adopt(draft: Draft, found: { inputs: JsonObject; outputs: JsonObject }, update: boolean): Promise<ResourceState>;
  /** Deletes, or with `retainOnDelete` only forgets. */
  remove(state: ResourceState): Promise<void>;
  /** What a component, or the stack, says its outputs are. */
  complete(state: ResourceState, outputs: Properties): Promise<ResourceState>;
}

/** Whether a provider manages it in the account: neither a component nor a provider itself. */
export const isManaged = (resource: { custom: boolean; type: string }): boolean =>
  resource.custom && !isProviderType(resource.type);

const asState = (
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

export interface ApplyingOptions {
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
    await writer.begin(operation);
    try {
      return await write();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof AwsError)) throw new StepError(message, { urn: operation.urn, doubtful: true });
      await writer.abandon(operation.urn);
      throw new StepError(`${error.code}: ${message}`, { urn: operation.urn });
    }
  }

  const save = async (state: ResourceState, ...others: ResourceState[]): Promise<ResourceState> => {
    await writer.save([state, ...others]);
    return state;
  };

  const made = async (draft: Draft): Promise<ResourceState> => {
    if (!isManaged(draft)) return asState(draft, draft.custom ? newId() : null, draft.inputs.values);
    const scope = scopeFor(draft);
    const { urn, type } = draft;
    const { id, outputs } = await inAccount({ urn, type, kind: "creating", id: null }, () =>
      provider.create(type, draft.name, draft.inputs.values, scope),
    );
    return asState(draft, id, outputs);
  };

  const updated = async (old: ResourceState, draft: Draft): Promise<ResourceState> => {
    const { urn, type } = draft;
    const { id } = old;
    if (!isManaged(draft) || id === null) return asState(draft, id, draft.inputs.values, old.outputs);
    const scope = scopeFor(draft);
    const outputs = await inAccount({ urn, type, kind: "updating", id }, () =>
      provider.update(type, id, draft.inputs.values, scope),
    );
    return asState(draft, id, outputs, old.outputs);
  };

  return {
    create: async (draft, replaces) => {
      const state = await made(draft);
      return save(state, ...(replaces ? [{ ...replaces, pendingDelete: true }] : []));
    },
    update: async (old, draft) => save(await updated(old, draft)),
    keep: async (old, draft) => {
      const state = asState(draft, old.id, old.outputs.values, old.outputs);
      return isDeepStrictEqual(state, old) ? old : save(state);
    },
    adopt: async (draft, found, update) => {
      const inputs = { values: found.inputs, secrets: draft.inputs.secrets };
      const adopted = asState({ ...draft, inputs }, draft.importId, found.outputs);
      if (!update) return save({ ...adopted, inputs: draft.inputs });
      await writer.save([adopted]);
      return save(await updated(adopted, draft));
    },
    remove: async (state) => {
      const { urn, type, id } = state;
      if (isManaged(state) && id !== null && !state.retainOnDelete) {
        const scope = scopeFor(state);
        await inAccount({ urn, type, kind: "deleting", id }, () => provider.delete(type, id, scope));
      }
      await writer.remove(state);
    },
    complete: async (state, outputs) => {
      const completed = { ...state, outputs };
      return isDeepStrictEqual(completed, state) ? state : save(completed);
    },
  };
}
