import { anyRun, charactersOf, matchesGlob, type Token } from "./glob.ts";

/** An ARN's colon-separated segments; the sixth, the resource, keeps the colons that it has. */
const arnSegments = 6;

/** Splits a pattern at its first five literal colons. */
export const splitPattern = (tokens: readonly Token[]): Token[][] => {
  const segments: Token[][] = [[]];
  for (const token of tokens) {
    if (token === ":" && segments.length < arnSegments) segments.push([]);
    else segments.at(-1)?.push(token);
  }
  return segments;
};

type Segments = readonly (readonly Token[])[];

const covers = (pattern: Segments, value: readonly string[]): boolean => {
  const [head = [], ...rest] = pattern;
  if (rest.length === 0) return matchesGlob(head, charactersOf(value.join(":")));
  if (!matchesGlob(head, charactersOf(value[0] ?? ""))) return false;
  if (head.at(-1) !== anyRun) return value.length > 1 && covers(rest, value.slice(1));
  return value.slice(1).some((_, index) => covers(rest, value.slice(index + 1)));
};

/**
 * `Resource` elements: each segment for itself, but a `*` that ends a segment also spans colons; segments that are not
 * written are `*`.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
 */
export const resourceMatcher = (tokens: readonly Token[]): ((resource: string) => boolean) => {
  if (tokens.length === 1 && tokens[0] === anyRun) return () => true;
  const written = splitPattern(tokens);
  const missing = Array.from({ length: arnSegments - written.length }, (): Token[] => [anyRun]);
  const pattern = [...written, ...missing];
  return (resource) => covers(pattern, resource.split(":"));
};

/**
 * ARN condition operators: each of the six segments for itself, with case. `ArnEquals` and `ArnLike` behave alike.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Amazon Resource Name (ARN) condition operators".
 */
export const arnMatcher = (tokens: readonly Token[]): ((value: string) => boolean) => {
  const pattern = splitPattern(tokens);
  return (value) => {
    const segments = splitPattern(charactersOf(value));
    return (
      segments.length === arnSegments &&
      pattern.length === arnSegments &&
      pattern.every((segment, index) => matchesGlob(segment, (segments[index] ?? []).map(String)))
    );
  };
};
