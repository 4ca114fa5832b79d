/** When two of what a document names are the same to AWS. */

/** Tags of one key, which IAM compares without case, and one value, which it compares with case. */
export const isSameTag = (one: { key: string; value: string }, other: { key: string; value: string }): boolean =>
  one.key.toLowerCase() === other.key.toLowerCase() && one.value === other.value;

/** One account, and one region of it. */
export const isSamePlace = (
  one: { account: string; region: string },
  other: { account: string; region: string },
): boolean => one.account === other.account && one.region === other.region;
