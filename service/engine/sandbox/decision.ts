/**
 * Which step a registration comes to. Pure: old state, new inputs and the provider's own comparison in, a decision out.
 * Rules after the Pulumi documentation, "Resource options" and "How Pulumi works: creation and deletion order".
 */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../domain/json.ts";
import { unknown, type ProviderDiff, type ResourceProvider, type Scope } from "../../cloud/provider.ts";
import { matchesPattern } from "../pulumi/property-path.ts";
import type { Goal, ResourceState } from "./state.ts";
import { isProviderType } from "../pulumi/urn.ts";

/** A property that differs. */
export type Change = ProviderDiff["changes"][number];

/** What a registration comes to. */
export type Decision =
  | { op: "create"; changes: Change[] }
  | { op: "same"; changes: [] }
  | { op: "update"; changes: Change[] }
  | { op: "replace"; changes: Change[]; deleteFirst: boolean };

/** Changes by top-level property: for components and providers, whose inputs no provider compares. */
const plainChanges = (before: JsonObject, after: JsonObject): Change[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => ({ path: key, from: before[key], to: after[key], replaces: false }));

/**
 * A changed region makes another provider of it, and with it everything that it made: the AWS provider replaces its
 * configuration then. Other settings (roles, accounts allowed) only say how to get in.
 */
const providerChanges = (before: JsonObject, after: JsonObject): Change[] =>
  plainChanges(before, after).map((change) => ({ ...change, replaces: change.path === "region" }));

/** What a creation sets. */
export const creationChanges = (inputs: JsonObject): Change[] =>
  Object.entries(inputs).map(([path, to]) => ({ path, from: undefined, to, replaces: false }));

/** The property that carries a resource's name in AWS, by which old and new would clash. */
const physicalName = (type: string): string => (type === "aws:s3/bucket:Bucket" ? "bucket" : "name");

/**
 * Two of one fixed name cannot exist side by side, so the old one goes first. The AWS provider asks for this where the
 * program gave the name itself and it stays; a generated name is new each time.
 */
const nameWouldClash = (type: string, before: JsonObject, after: JsonObject): boolean => {
  const name = after[physicalName(type)];
  return typeof name === "string" && name !== unknown && name === before[physicalName(type)];
};

interface Comparison {
  old: ResourceState;
  goal: Goal;
  inputs: JsonObject;
  scope: Scope | null;
  provider: ResourceProvider;
  /** Whether it must be replaced whatever its inputs: what it stands on was, or it is deleted already. */
  forced: boolean;
}

const changesOf = ({ old, goal, inputs, provider }: Comparison): Change[] => {
  if (!goal.custom) return plainChanges(old.inputs.values, inputs);
  if (isProviderType(goal.type)) return providerChanges(old.inputs.values, inputs);
  return provider.diff(goal.type, old.inputs.values, inputs, old.outputs.values).changes;
};

/** The step for a resource that the stack holds already. */
export function decide(comparison: Comparison): Decision {
  const { old, goal, inputs, scope, forced } = comparison;
  const own = changesOf(comparison);
  const changes = own.map((change) =>
    goal.custom && goal.replaceOnChanges.some((pattern) => matchesPattern(change.path, pattern))
      ? { ...change, replaces: true }
      : change,
  );
  const moved = scope !== null && old.scope !== null && scope.account !== old.scope.account;
  if (forced || moved || changes.some((change) => change.replaces)) {
    // The provider asks only where it replaces itself: it is not told of `replaceOnChanges`.
    const providerAsks = forced || own.some((change) => change.replaces);
    const clashes = !moved && providerAsks && nameWouldClash(goal.type, old.inputs.values, inputs);
    const deleteFirst = goal.deleteBeforeReplace ?? clashes;
    return { op: "replace", changes, deleteFirst };
  }
  return changes.length === 0 ? { op: "same", changes: [] } : { op: "update", changes };
}

/**
 * Which other resources must be replaced when one is deleted before its replacement exists: those with an input that comes
 * from it and cannot be changed in place, and what stands on them in turn. Gives them dependents last.
 */
export function dependentReplacements(
  root: ResourceState,
  ordered: readonly ResourceState[],
  provider: ResourceProvider,
): ResourceState[] {
  const replaced = new Set([root.urn]);
  const dependents: ResourceState[] = [];
  for (const state of ordered) {
    if (!state.custom || state.pendingDelete || replaced.has(state.urn)) continue;
    const providerGone = state.provider !== null && replaced.has(state.provider);
    const affected = Object.keys(state.inputs.values).filter((input) =>
      state.propertyDependencies[input]?.some((urn) => replaced.has(urn)),
    );
    if (!providerGone && affected.length === 0) continue;
    const inputs = { ...state.inputs.values, ...Object.fromEntries(affected.map((input) => [input, unknown])) };
    const { changes } = provider.diff(state.type, state.inputs.values, inputs, state.outputs.values);
    if (!providerGone && !changes.some((change) => change.replaces)) continue;
    replaced.add(state.urn);
    dependents.push(state);
  }
  return dependents;
}
