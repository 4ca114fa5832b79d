/**
 * The stack as a run finds it and changes it: which resources it held, which of them the program has claimed, which are
 * gone already. In memory; the executor keeps the checkpoint.
 */
import { dependencyOrder, deletionOrder } from "./dependency-order.ts";
import type { Properties } from "../pulumi/properties.ts";
import type { CheckpointData, Goal, ResourceState } from "./state.ts";

/** The resources of a stack during one pass. */
export interface StackView {
  /** The old state of what a program registers, by its URN or one that it had before. */
  oldOf(urn: string, goal: Goal): ResourceState | null;
  /** Whether the program registered it in this run; a URN can be claimed once. */
  claim(urn: string, old: ResourceState | null): boolean;
  /** A resource of this run, registered and done. */
  registered(urn: string): ResourceState | undefined;
  register(state: ResourceState): void;
  /** Replaced by `register`ing another of its URN; deleted when everything else is done. */
  supersede(old: ResourceState): void;
  forget(state: ResourceState): void;
  /** Deleted before its replacement was registered. */
  isGone(old: ResourceState): boolean;
  /** What the stack still holds of old, dependencies first. */
  remaining(): ResourceState[];
  /** What is to be deleted at the end, dependents first. */
  leftovers(): ResourceState[];
  /** Whether its replacement in this run makes an old resource a leftover. */
  isSuperseded(state: ResourceState): boolean;
  nextSequence(): number;
  outputs: Properties;
}

/** The view of a pass that begins. */
export function createStackView(checkpoint: CheckpointData): StackView {
  const current = new Map(checkpoint.resources.map((state) => [state.sequence, state]));
  const olds = new Map(checkpoint.resources.filter((state) => !state.pendingDelete).map((state) => [state.urn, state]));
  const claimed = new Set<string>();
  const claimedOlds = new Set<number>();
  const superseded = new Set<number>();
  const registered = new Map<string, ResourceState>();
  let sequence = Math.max(0, ...checkpoint.resources.map((state) => state.sequence));

  const isOld = (state: ResourceState): boolean => registered.get(state.urn)?.sequence !== state.sequence;

  return {
    outputs: checkpoint.outputs,
    oldOf: (urn, goal) =>
      [urn, ...goal.aliases]
        .map((each) => olds.get(each))
        .find((old) => old !== undefined && !claimedOlds.has(old.sequence)) ?? null,
    claim: (urn, old) => {
      if (claimed.has(urn)) return false;
      claimed.add(urn);
      if (old) claimedOlds.add(old.sequence);
      return true;
    },
    registered: (urn) => registered.get(urn),
    register: (state) => {
      registered.set(state.urn, state);
      current.set(state.sequence, state);
    },
    supersede: (old) => {
      superseded.add(old.sequence);
      current.set(old.sequence, { ...old, pendingDelete: true });
    },
    forget: (state) => void current.delete(state.sequence),
    isGone: (old) => !current.has(old.sequence),
    remaining: () => dependencyOrder([...current.values()].filter(isOld)),
    leftovers: () =>
      deletionOrder(
        [...current.values()].filter(
          (state) => isOld(state) && (state.pendingDelete || !claimedOlds.has(state.sequence)),
        ),
      ),
    isSuperseded: (state) => superseded.has(state.sequence),
    nextSequence: () => (sequence += 1),
  };
}
