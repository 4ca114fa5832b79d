/**
 * The digest of what the CLI planned: every step and the state that it starts from, sorted, since their order varies from run to
 * run while their content does not. The CLI masks secrets, so their digests come beside, from the program.
 */
import { createHash } from "node:crypto";
import type { Json } from "../../../domain/json.ts";
import { stackType } from "../../pulumi/urn.ts";
import { canonical } from "../../seal.ts";
import type { ToldState, ToldStep } from "./told-steps.ts";

const oldOf = (state: ToldState | null): Json =>
  state && { id: state.id, inputs: state.inputs, outputs: state.outputs, retain: state.retainOnDelete };

export interface PlanToDigest {
  told: readonly ToldStep[];
  /** Sealed secrets of the run's arguments and of those that were applied last; `null` where there were none. */
  seals: readonly (string | null)[];
}

/**
 * `sha256:` and 64 hexadecimal digits. Without the stack itself, unless it goes: it has nothing that could be approved, and a run
 * that was refused at the gate has recorded it already.
 */
export function planDigest({ told, seals }: PlanToDigest): string {
  const lines = told
    .filter(({ op, type }) => type !== stackType || op.startsWith("delete"))
    .map(({ op, urn, old, new: after, detailedDiff, diffs, keys }) =>
      canonical({
        op,
        urn,
        old: oldOf(old),
        inputs: after?.inputs ?? null,
        detailedDiff,
        diffs: diffs.toSorted(),
        keys: keys.toSorted(),
      }),
    );
  const text = [...lines.sort(), canonical([...seals])].join("\n");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
