/** What a stack holds, as the CLI's events tell it while a run goes: no further CLI process has to be asked. */
import type { JsonObject } from "../../../domain/json.ts";
import type { StackResource } from "../../engine.ts";
import type { Scope } from "../../../cloud/provider.ts";
import { regionOf, scopeOf } from "../../pulumi/scope.ts";
import { isProviderType, providerUrn, urnName } from "../../pulumi/urn.ts";
import { portOp, type ToldState, type ToldStep } from "./told-steps.ts";

interface HeldResources {
  /** A planned step: what is there before. */
  planned(step: ToldStep): void;
  /** The plan is whole: what it does not name is not there. */
  planComplete(): void;
  /** A step that was done. */
  done(step: ToldStep): void;
  /** Everything that exists in an account; components, providers and what is only left to be deleted are not listed. */
  all(): StackResource[];
}

/**
 * @param known What the stack held after its last run; counts until a plan says what is there.
 * @param home Account and region of providers that name none.
 */
export function createHeldResources(known: readonly StackResource[], home: Scope): HeldResources {
  const held = new Map(known.map((resource) => [resource.urn, resource]));
  const providers = new Map<string, JsonObject>();
  const seen = new Set<string>();
  /** Planned to be imported: the update that follows says what it was as if the stack held it already. */
  const imported = new Set<string>();
  const replaced = new Set<string>();

  const keep = ({ urn, type }: ToldStep, state: ToldState | null): void => {
    if (state === null) return;
    if (isProviderType(type)) providers.set(urn, state.inputs);
    if (!state.custom || isProviderType(type) || state.id === "" || state.delete) return;
    const provider = state.provider === "" ? undefined : providers.get(providerUrn(state.provider));
    const before = held.get(urn);
    held.set(urn, {
      urn,
      type,
      name: urnName(urn),
      id: state.id,
      account: provider === undefined ? (before?.account ?? null) : scopeOf(provider, {}, home).account,
      region: regionOf(state.outputs, state.inputs),
      retainOnDelete: state.retainOnDelete,
    });
  };

  return {
    planned: (step) => {
      if (portOp(step) === null) return;
      seen.add(step.urn);
      if (step.op === "import") imported.add(step.urn);
      if (!imported.has(step.urn)) keep(step, step.old);
      if (isProviderType(step.type) && step.new !== null) providers.set(step.urn, step.new.inputs);
    },
    planComplete: () => {
      for (const urn of held.keys()) if (!seen.has(urn)) held.delete(urn);
    },
    done: (step) => {
      if (portOp(step) === null || step.op === "replace") return;
      if (step.op === "delete" || step.op === "delete-replaced") {
        // One that is deleted after its replacement was made must not take that away, also where both have one id.
        if (!replaced.has(step.urn) && held.get(step.urn)?.id === step.old?.id) held.delete(step.urn);
        return;
      }
      if (step.op === "create-replacement") replaced.add(step.urn);
      keep(step, step.new);
    },
    all: () => [...held.values()],
  };
}
