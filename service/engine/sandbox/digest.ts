/**
 * The digest of a plan: what people approve, and what a later run is held to. It covers every planned step and the state
 * that it starts from. Steps are sorted, as their order varies from run to run while their content does not; secrets enter
 * as an HMAC, so that a changed secret changes the digest and nobody can guess one from it.
 */
import { createHash, createHmac } from "node:crypto";
import canonicalize from "canonicalize";
import type { Json } from "../../domain/json.ts";
import type { Step } from "../engine.ts";
import { sealed, type Properties } from "../pulumi/properties.ts";
import type { ResourceState } from "./state.ts";

export interface PlannedStep {
  step: Step;
  /** `null` for a create. */
  old: Pick<ResourceState, "id" | "inputs" | "outputs"> | null;
  /** `null` for a delete. */
  inputs: Properties | null;
}

/** RFC 8785: one text for one value. */
const canonical = (value: Json): string => canonicalize(value) ?? "null";

/** `sha256:` and 64 hexadecimal digits. */
export function planDigest(steps: readonly PlannedStep[], key: string): string {
  const seal = (secret: Json): Json => `hmac:${createHmac("sha256", key).update(canonical(secret)).digest("hex")}`;
  const lines = steps.map(({ step, old, inputs }) =>
    canonical({
      op: step.op,
      urn: step.urn,
      retain: step.retain ?? false,
      old: old && { id: old.id, inputs: sealed(old.inputs, seal), outputs: sealed(old.outputs, seal) },
      inputs: inputs && sealed(inputs, seal),
      diff: step.diff.map(({ path, from, to, replaces }) => ({ path, from, to, replaces: replaces ?? false })),
    }),
  );
  return `sha256:${createHash("sha256").update(lines.sort().join("\n")).digest("hex")}`;
}
