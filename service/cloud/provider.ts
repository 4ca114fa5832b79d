/**
 * What a Pulumi resource provider does for one resource, in plain values. The simulated account implements it; the sandbox
 * engine calls it in process, and the local resource plugin serves it to the real CLI over gRPC.
 *
 * Values are plain JSON. Inside `diff` and `check` a value that is not known yet is the constant `unknown`.
 */
import { isObject, type Json, type JsonObject } from "../domain/json.ts";

/** The constant that the Pulumi SDK and CLI write for a value that is not known before apply. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is unknown, or holds something unknown. */
export const holdsUnknown = (value: Json | undefined): boolean => {
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) ? Object.values(value).some(holdsUnknown) : value === unknown;
};

/** Where a call lands: the provider's account and the resource's region. */
export interface Scope {
  account: string;
  region: string;
}

/** An input that AWS or the provider would refuse. */
export interface CheckFailure {
  /** Input property, such as `name` or `tags.Name`. */
  property: string;
  /** What is wrong and what AWS allows. */
  reason: string;
}

/** What differs between two sets of inputs, by the provider's rules. */
export interface ProviderDiff {
  /** Dotted paths of what changed, each with old and new value. Empty: nothing to do. */
  changes: { path: string; from: Json | undefined; to: Json | undefined; replaces: boolean }[];
}

/** An error as AWS answers it. The code is AWS's own: `ConflictException`, `ResourceNotFoundException`, … */
export class AwsError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "AwsError";
    this.code = code;
  }
}

/** The provider, for every type of resource. */
export interface ResourceProvider {
  /** AWS's own validation of the inputs; pure. */
  check(type: string, inputs: JsonObject, scope: Scope): CheckFailure[];
  /** Compares by the provider's rules (replace triggers per type, defaults, JSON policies by meaning); pure. */
  diff(type: string, oldInputs: JsonObject, newInputs: JsonObject, oldOutputs: JsonObject): ProviderDiff;
  /**
   * Looks for what a create made whose answer never came: resources that are as it asked for and were made since, oldest
   * first. Where AWS keeps names unique there is one at most; what AWS names itself (a key, an activation) is known by all of
   * its inputs only, so that somebody else's equal one of the same moments would be given too. An input that is `unknown` (a
   * secret, to whoever has it only masked) fits anything. @throws AwsError
   */
  findCreated(type: string, inputs: JsonObject, scope: Scope, since: Date): Promise<string[]>;
  /** @throws AwsError */
  create(type: string, name: string, inputs: JsonObject, scope: Scope): Promise<{ id: string; outputs: JsonObject }>;
  /** What exists under this id, as inputs and outputs; `null` when it does not. */
  read(type: string, id: string, scope: Scope): Promise<{ inputs: JsonObject; outputs: JsonObject } | null>;
  /** @throws AwsError */
  update(type: string, id: string, newInputs: JsonObject, scope: Scope): Promise<JsonObject>;
  /** Deleting what is gone already succeeds, as with the real provider. @throws AwsError */
  delete(type: string, id: string, scope: Scope): Promise<void>;
  /** A data source, such as `aws:ssoadmin/getInstances:getInstances`. @throws AwsError */
  invoke(token: string, inputs: JsonObject, scope: Scope): Promise<JsonObject>;
}
