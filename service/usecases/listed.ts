/** How many are named one by one. */
const mostNamed = 10;

const listing =
  (between: string, beforeTheRest: string) =>
  (parts: readonly string[]): string =>
    parts.length <= mostNamed
      ? parts.join(between)
      : `${parts.slice(0, mostNamed).join(between)}${beforeTheRest}${parts.length - mostNamed} more`;

/** Names in a sentence; of many, the first and how many more. */
export const listed = listing(", ", " and ");

/** The same of parts that have commas of their own. */
export const listedParts = listing("; ", "; and ");
