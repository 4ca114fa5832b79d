/** Kleene's three values: `null` is what cannot be decided from what is known. */
export type Truth = boolean | null;

export const not = (truth: Truth): Truth => (truth === null ? null : !truth);

/** True if the test holds for any, else undecided if it is for any. Stops at the first that holds. */
export const anyOf = <Item>(items: readonly Item[], test: (item: Item) => Truth): Truth => {
  let result: Truth = false;
  for (const item of items) {
    const truth = test(item);
    if (truth === true) return true;
    if (truth === null) result = null;
  }
  return result;
};

/** False if the test fails for any, else undecided if it is for any. */
export const allOf = <Item>(items: readonly Item[], test: (item: Item) => Truth): Truth =>
  not(anyOf(items, (item) => not(test(item))));
