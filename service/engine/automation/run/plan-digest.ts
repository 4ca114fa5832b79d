/**
 * The digest of what the CLI planned: every step and the state that it starts from, sorted, since their order varies from run to
 * run while their content does not. The CLI masks secrets, so their digests come beside, from the program.
 */
import { createHash } from "node:crypto";
import type { Json } from "../../../domain/json.ts";
import { stackType } from "../../pulumi/urn.ts";
import { canonical } from "../../seal.ts";
import { givenInputs, type ToldState, type ToldStep } from "./told-steps.ts";

const oldOf = (state: ToldState | null): Json =>
  state && { id: state.id, inputs: state.inputs, outputs: state.outputs, retain: state.retainOnDelete };

/**
 * As it is to be, by the program: what the provider fills in is its version's, and a name that it makes up is another one in each
 * preview (an activation's). Options count like inputs: what is done is the same, but to what, and what becomes of it later, is not. */
const newOf = (state: ToldState | null): Json =>
  state && {
    id: state.id,
    inputs: givenInputs(state.inputs),
    provider: state.provider,
    retain: state.retainOnDelete,
    protect: state.protect,
  };

/** Whether a replacement deletes before it creates: its parts are the same either way, and the lines are sorted. */
const deletesFirst = (told: readonly ToldStep[], { op, urn }: ToldStep): boolean => {
  if (op !== "replace") return false;
  const parts = told.filter((part) => part.urn === urn).map((part) => part.op);
  const [created, deleted] = [parts.indexOf("create-replacement"), parts.indexOf("delete-replaced")];
  return deleted !== -1 && deleted < created;
};

interface PlanToDigest {
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
    .map((step) =>
      canonical({
        op: step.op,
        urn: step.urn,
        old: oldOf(step.old),
        new: newOf(step.new),
        deletesFirst: deletesFirst(told, step),
        detailedDiff: step.detailedDiff,
        diffs: step.diffs.toSorted(),
        keys: step.keys.toSorted(),
      }),
    );
  const text = [...lines.sort(), canonical([...seals])].join("\n");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
