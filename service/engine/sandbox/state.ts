/** What the sandbox remembers of a stack between runs, and what a program asks for. */
import type { Step } from "../engine.ts";
import type { Scope } from "../../cloud/provider.ts";
import type { Properties } from "../pulumi/properties.ts";

/** A resource, as the checkpoint has it. */
export interface ResourceState {
  /** Order in which the stack took the resource; unique in a stack, also among two resources of one URN. */
  sequence: number;
  urn: string;
  type: string;
  /** Whether a provider manages it; components are not custom. */
  custom: boolean;
  /** `null` for components. */
  id: string | null;
  inputs: Properties;
  outputs: Properties;
  /** URNs. */
  parent: string | null;
  provider: string | null;
  dependencies: string[];
  /** Per input, the URNs that its value comes from. */
  propertyDependencies: Record<string, string[]>;
  protect: boolean;
  retainOnDelete: boolean;
  /** Where it lives; `null` for components and providers. Kept, so that a delete needs no program. */
  scope: Scope | null;
  /** Replaced by another of the same URN, and still to be deleted. */
  pendingDelete: boolean;
  /** The id that it was imported by. */
  importId: string | null;
}

/** A resource as the program wants it, before it has an id and outputs. */
export interface Draft extends Omit<ResourceState, "id" | "outputs"> {
  name: string;
  additionalSecretOutputs: string[];
}

/** Something that was about to be done in the account. Found at the start of a run, nobody knows whether it was. */
export interface PendingOperation {
  urn: string;
  type: string;
  kind: "creating" | "updating" | "deleting";
  /** `null` while creating. */
  id: string | null;
  /** What the resource was to become; `null` for a delete. */
  draft: Draft | null;
  /** Sequence of the resource that a create takes the place of. */
  replaces: number | null;
}

/** As it is kept. */
export interface NotedOperation extends PendingOperation {
  /** By the clock of the process that asked the account. */
  startedAt: Date;
}

/** All that is remembered of a stack. */
export interface CheckpointData {
  resources: ResourceState[];
  outputs: Properties;
  pending: NotedOperation[];
}

/**
 * Writes of one run to its stack's checkpoint; each is durable when it resolves. A step that a write completes is kept with
 * it, in the same transaction.
 *
 * @throws FencedError from each of them, once a newer run has begun on the stack
 */
export interface CheckpointWriter {
  /** Notes what is about to happen, before the account is asked. */
  begin(operation: PendingOperation): Promise<void>;
  /** The account refused: nothing happened. */
  abandon(urn: string): Promise<void>;
  /** Keeps the resources as they now are, all or none, and clears what was pending for their URNs. */
  save(states: ResourceState[], step: Step | null): Promise<void>;
  /** Forgets the resource, and clears what was pending for its URN. */
  remove(state: ResourceState, step: Step | null): Promise<void>;
  saveOutputs(outputs: Properties): Promise<void>;
  /** Forgets the stack: it was destroyed. */
  clear(): Promise<void>;
}

/** What a program asks for when it registers a resource. Options as in the Pulumi documentation, "Resource options". */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  /** URN; `null` for the root. */
  parent: string | null;
  inputs: Properties;
  /** `<urn>::<id>` of the provider; `null` for components and where none was given. */
  provider: string | null;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  /** `undefined`: inherited from the parent. */
  protect: boolean | undefined;
  retainOnDelete: boolean | undefined;
  /** `undefined`: as the resource needs it. */
  deleteBeforeReplace: boolean | undefined;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  /** URNs that the resource had before. */
  aliases: string[];
  importId: string | null;
}

/** What the program gets back. An id of `null` is not known yet, or does not exist. */
export interface Registered {
  urn: string;
  id: string | null;
  outputs: Properties;
}
