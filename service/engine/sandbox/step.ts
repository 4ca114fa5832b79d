/** Steps as people and the contract see them. */
import type { Step, StepOp } from "../engine.ts";
import type { Change } from "./decision.ts";
import { shown, type Properties } from "../pulumi/properties.ts";
import type { ResourceState } from "./state.ts";
import { urnName, urnType } from "../pulumi/urn.ts";

/** What a step is told from. */
export interface StepParts {
  op: StepOp;
  urn: string;
  changes: readonly Change[];
  old: Pick<ResourceState, "inputs" | "outputs" | "retainOnDelete"> | null;
  draft: { inputs: Properties } | null;
}

/** A step with its differences, secrets masked: a value that is secret on either side is shown on neither, but for none at all. */
export function describeStep({ op, urn, changes, old, draft }: StepParts): Step {
  const secrets = [...(old?.inputs.secrets ?? []), ...(old?.outputs.secrets ?? []), ...(draft?.inputs.secrets ?? [])];
  return {
    op,
    urn,
    type: urnType(urn),
    name: urnName(urn),
    diff: changes.map(({ path, from, to, replaces }) => ({
      path,
      from: from === undefined ? null : shown(from, path, secrets),
      to: to === undefined ? null : shown(to, path, secrets),
      ...(replaces ? { replaces: true as const } : {}),
    })),
    ...(op === "delete" && old?.retainOnDelete ? { retain: true as const } : {}),
  };
}
