/**
 * The digest of a plan: what people approve, and what a later run is held to. It covers every planned step and the state
 * that it starts from. Steps are sorted, as their order varies from run to run while their content does not; secrets enter
 * as an HMAC, so that a changed secret changes the digest and nobody can guess one from it.
 */
import { createHash } from "node:crypto";
import type { Json } from "../../domain/json.ts";
import type { Step } from "../engine.ts";
import { sealed } from "../pulumi/properties.ts";
import { canonical, seal } from "../seal.ts";
import type { Draft, ResourceState } from "./state.ts";

/** A step with the values that people approve by its digest. */
export interface PlannedStep {
  step: Step;
  /** `null` for a create. */
  old: Pick<ResourceState, "id" | "inputs" | "outputs"> | null;
  /** As it is to be; `null` for a delete. Options count like inputs: they say where it is, and what becomes of it later. */
  wanted: Pick<Draft, "inputs" | "provider" | "protect" | "retainOnDelete" | "scope"> | null;
  /** Of a replacement: whether the old one is deleted before the new one is made. */
  deletesFirst: boolean;
}

/** `sha256:` and 64 hexadecimal digits. */
export function planDigest(steps: readonly PlannedStep[], key: string): string {
  const keyed = (secret: Json): Json => `hmac:${seal(key, secret)}`;
  const lines = steps.map(({ step, old, wanted, deletesFirst }) =>
    canonical({
      op: step.op,
      urn: step.urn,
      retain: step.retain ?? false,
      old: old && { id: old.id, inputs: sealed(old.inputs, keyed), outputs: sealed(old.outputs, keyed) },
      wanted: wanted && {
        inputs: sealed(wanted.inputs, keyed),
        provider: wanted.provider,
        protect: wanted.protect,
        retain: wanted.retainOnDelete,
        scope: wanted.scope && { account: wanted.scope.account, region: wanted.scope.region },
      },
      deletesFirst,
      diff: step.diff.map(({ path, from, to, replaces }) => ({ path, from, to, replaces: replaces ?? false })),
    }),
  );
  return `sha256:${createHash("sha256").update(lines.sort().join("\n")).digest("hex")}`;
}
