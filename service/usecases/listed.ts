/** Names that a message lists; of many, the first and how many more. */
const mostNamed = 10;

export const listed = (names: readonly string[]): string =>
  names.length <= mostNamed
    ? names.join(", ")
    : `${names.slice(0, mostNamed).join(", ")} and ${names.length - mostNamed} more`;
