/** Parts of a list, so long at most. */
export const chunksOf = <Item>(items: readonly Item[], length: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );

/** Does something for each item, so many at the same time; gives the results in the order of the items. */
export const inChunks = async <Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  for (const chunk of chunksOf(items, atOnce)) results.push(...(await Promise.all(chunk.map(work))));
  return results;
};
