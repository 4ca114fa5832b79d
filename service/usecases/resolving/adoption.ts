/**
 * Taking over what exists because the document lists it in `adopt`. To Pulumi, importing and changing are one step, so a
 * document that only names something would also rewrite it. What `adopt` takes over is left as it is unless `adoptChanges`
 * lists it too. (What Gatehouse itself retained is taken back and brought to the document without asking.)
 */
import type { RunResult, Step } from "../../engine/engine.ts";

/** Something that is taken over because the document says so. */
export interface Adoption {
  /** Entry of `adopt`. */
  as: string;
  /** Type token; of what is imported together with it too. */
  types: readonly string[];
  /** Logical name; `null`: any of the types. */
  name: string | null;
}

/** What the document says of taking over. */
export interface Adopting {
  adopted: readonly Adoption[];
  /** The kinds of which it says that they may be changed. */
  adoptChanges: readonly string[];
}

/** Where nothing is taken over. */
export const adoptingNothing: Adopting = { adopted: [], adoptChanges: [] };

const isOf = ({ types, name }: Adoption, step: Step): boolean =>
  types.includes(step.type) && (name === null || name === step.name);

const paths = ({ diff }: Step, only: (entry: Step["diff"][number]) => boolean = () => true): string =>
  diff
    .filter(only)
    .map(({ path }) => path)
    .join(", ");

/**
 * A preview's result, failed with `adoption_differs` where it would change or replace what is taken over and the document does
 * not say that it may. The steps stay: they show what differs.
 */
export const holdAdoptions = (result: RunResult, { adopted, adoptChanges }: Adopting): RunResult => {
  if (result.outcome !== "succeeded") return result;
  const changed = result.steps.flatMap((step) => {
    const adoption = step.op === "import" && step.diff.length > 0 ? adopted.find((one) => isOf(one, step)) : undefined;
    return adoption === undefined ? [] : [{ step, as: adoption.as }];
  });
  const replaced = changed.find(({ step }) => step.diff.some(({ replaces }) => replaces === true));
  if (replaced !== undefined) {
    const { step, as } = replaced;
    const detail = `"adopt" takes ${as} over, but ${step.name} differs in ${paths(step, ({ replaces }) => replaces === true)}, which AWS cannot change. Make the document say what is there (the preview's steps show both), or choose another name.`;
    return { ...result, outcome: "failed", problem: { code: "adoption_differs", detail, urn: step.urn } };
  }
  const unasked = changed.filter(({ as }) => !adoptChanges.includes(as));
  const [first] = unasked;
  if (first === undefined) return result;
  const kinds = [...new Set(unasked.map(({ as }) => as))];
  const what = unasked.map(({ step }) => `${step.name} (${paths(step)})`).join(", ");
  const detail = `What is taken over differs from the document, and would be changed: ${what}. The preview's steps show both. Make the document say what is there, or write "adoptChanges": ${JSON.stringify(kinds)} in it to have the account changed.`;
  return { ...result, outcome: "failed", problem: { code: "adoption_differs", detail, urn: first.step.urn } };
};
