/** Kleene's three values: `null` is what cannot be decided from what is known. */
export type Truth = boolean | null;

/** False if any is false, else undecided if any is undecided. */
export const allOf = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : !truths.includes(null) || null;

export const not = (truth: Truth): Truth => (truth === null ? null : !truth);

/** True if any is true, else undecided if any is undecided. */
export const anyOf = (truths: readonly Truth[]): Truth => not(allOf(truths.map(not)));
