/** From a goal to a resource: which step it comes to, and taking it. */
import type { ResourceProvider, Scope } from "../../cloud/provider.ts";
import { creationChanges, decide, dependentReplacements, type Decision } from "./decision.ts";
import { isManaged, type Executor } from "./executor.ts";
import { plainProperties } from "../pulumi/properties.ts";
import { withIgnoredChanges } from "../pulumi/property-path.ts";
import { StepError } from "./run-record.ts";
import type { StackView } from "./stack-view.ts";
import type { Draft, Goal, ResourceState } from "./state.ts";
import { refuseProtected, type StepTaker } from "./step-taker.ts";

interface RegistrationOptions {
  view: StackView;
  provider: ResourceProvider;
  executor: Executor;
  taker: StepTaker;
}

interface Registration {
  urn: string;
  goal: Goal;
  /** The provider resource and where it works; `null` for components and providers. */
  placed: { provider: ResourceState; scope: Scope } | null;
}

interface Registrar {
  /** @throws StepError */
  register(registration: Registration): Promise<ResourceState>;
  /** Deleted to make room for replacements that the program then did not register. */
  abandoned(): ResourceState[];
}

/** Registers one resource after the other, as the program names them. */
export function createRegistrar({ view, provider, executor, taker }: RegistrationOptions): Registrar {
  /** URNs whose resource another took the place of: what a replaced provider made must follow. */
  const replaced = new Set<string>();
  const removedEarly: ResourceState[] = [];

  async function removeEarly(old: ResourceState): Promise<void> {
    const dependents = dependentReplacements(old, view.remaining(), provider);
    const doomed = [...dependents.reverse(), old];
    for (const state of doomed) refuseProtected(state, "replaced");
    for (const state of doomed) {
      await executor.remove(state, null);
      view.forget(state);
      removedEarly.push(state);
    }
  }

  async function adopt(goal: Goal, draft: Draft, importId: string, scope: Scope): Promise<ResourceState> {
    const { urn, type } = draft;
    const found = await provider.read(type, importId, scope);
    if (found === null) {
      const message = `There is no ${type} "${importId}" in account ${scope.account}, ${scope.region} to import.`;
      throw new StepError(message, { failure: "not_found", urn });
    }
    const values = withIgnoredChanges(found.inputs, draft.inputs.values, goal.ignoreChanges);
    const wanted = { ...draft, inputs: { values, secrets: draft.inputs.secrets } };
    const { changes } = provider.diff(type, found.inputs, values, found.outputs);
    const replacing = changes.filter((change) => change.replaces).map((change) => change.path);
    if (replacing.length > 0) {
      const message = `${type} "${importId}" cannot be imported: it differs in ${replacing.join(", ")}, which cannot be changed in place.`;
      throw new StepError(message, { failure: "import_differs", urn });
    }
    const old = {
      id: importId,
      inputs: plainProperties(found.inputs),
      outputs: plainProperties(found.outputs),
      retainOnDelete: false,
    };
    return taker.take({ op: "import", changes, old, draft: wanted, urn }, (step) =>
      executor.adopt(wanted, found, changes.length > 0, step),
    );
  }

  async function carryOut(decision: Decision, old: ResourceState, draft: Draft): Promise<ResourceState> {
    const deletesFirst = decision.op === "replace" && decision.deleteFirst;
    const parts = { op: decision.op, changes: decision.changes, old, draft, urn: draft.urn, deletesFirst };
    if (decision.op === "same") return taker.take(parts, () => executor.keep(old, draft));
    if (decision.op === "update") return taker.take(parts, (step) => executor.update(old, draft, step));
    refuseProtected(old, "replaced");
    return taker.take(parts, async (step) => {
      if (deletesFirst && !view.isGone(old)) await removeEarly(old);
      const gone = view.isGone(old);
      const state = await executor.create({ ...draft, sequence: view.nextSequence() }, gone ? null : old, step);
      if (!gone) view.supersede(old);
      replaced.add(draft.urn);
      return state;
    });
  }

  /** The id to import by, unless the stack has it already: then the option does nothing. */
  const importIdOf = ({ goal, urn }: Registration, old: ResourceState | null): string | null => {
    if (!isManaged(goal) || goal.importId === null) return null;
    if (old === null) return goal.importId;
    if (goal.importId === old.importId || goal.importId === old.id) return null;
    const message = `${urn} is "${old.id ?? ""}" already, and cannot be "${goal.importId}" too. Leave out its import.`;
    throw new StepError(message, { urn });
  };

  const refuseInvalid = ({ goal, urn, placed }: Registration, draft: Draft): void => {
    const failures = placed ? provider.check(goal.type, draft.inputs.values, placed.scope) : [];
    if (failures.length === 0) return;
    const reasons = failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
    const message = `AWS would refuse ${goal.type} "${goal.name}": ${reasons}`;
    throw new StepError(message, { failure: "invalid_input", urn });
  };

  const draftOf = ({ goal, urn, placed }: Registration, old: ResourceState | null): Draft => {
    const { values, secrets } = goal.inputs;
    const parent = goal.parent === null ? undefined : view.registered(goal.parent);
    return {
      sequence: old?.sequence ?? view.nextSequence(),
      urn,
      type: goal.type,
      name: goal.name,
      custom: goal.custom,
      inputs: { values: old ? withIgnoredChanges(old.inputs.values, values, goal.ignoreChanges) : values, secrets },
      parent: goal.parent,
      provider: placed?.provider.urn ?? null,
      dependencies: goal.dependencies,
      propertyDependencies: goal.propertyDependencies,
      protect: goal.protect ?? parent?.protect ?? false,
      retainOnDelete: goal.retainOnDelete ?? parent?.retainOnDelete ?? false,
      scope: placed?.scope ?? null,
      pendingDelete: false,
      importId: goal.importId ?? old?.importId ?? null,
      additionalSecretOutputs: goal.additionalSecretOutputs,
    };
  };

  return {
    abandoned: () => removedEarly.filter((state) => view.registered(state.urn) === undefined),
    register: async (registration) => {
      const { goal, urn, placed } = registration;
      const old = view.oldOf(urn, goal);
      if (!view.claim(urn, old)) {
        const message = `Duplicate resource URN '${urn}'; try giving it a unique name`;
        throw new StepError(message, { failure: "program_error", urn });
      }
      const draft = draftOf(registration, old);
      refuseInvalid(registration, draft);
      const importId = importIdOf(registration, old);
      if (importId !== null && placed) return adopt(goal, draft, importId, placed.scope);
      const inputs = draft.inputs.values;
      if (old === null)
        return taker.take({ op: "create", changes: creationChanges(inputs), old, draft, urn }, (step) =>
          executor.create(draft, null, step),
        );
      const forced = view.isGone(old) || (placed !== null && replaced.has(placed.provider.urn));
      return carryOut(decide({ old, goal, inputs, scope: draft.scope, provider, forced }), old, draft);
    },
  };
}
