import { anyRun, charactersOf, globMatcher, type Token } from "./glob.ts";

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

interface Segment {
  matches: (text: string) => boolean;
  /** It ends in `*`, which spans colons too. */
  open: boolean;
}

const compileSegment = (tokens: readonly Token[]): Segment => ({
  matches: globMatcher(tokens),
  open: tokens.at(-1) === anyRun,
});

const covers = (pattern: readonly Segment[], last: Segment, value: readonly string[]): boolean => {
  const [head, ...rest] = pattern;
  if (head === undefined) return last.matches(value.join(":"));
  const [text, ...following] = value;
  if (text === undefined || !head.matches(text)) return false;
  if (!head.open) return following.length > 0 && covers(rest, last, following);
  return following.some((_, index) => covers(rest, last, following.slice(index)));
};

const segmentsMatcher = (segments: readonly (readonly Token[])[]): ((resource: string) => boolean) => {
  const leading = segments.slice(0, -1).map(compileSegment);
  const last = segments.slice(-1).map(compileSegment);
  return (resource) => last.every((segment) => covers(leading, segment, resource.split(":")));
};

/**
 * `Resource` elements: each segment for itself, but a `*` that ends a segment also spans colons; segments that are not
 * written are `*`.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
 */
export const resourceMatcher = (tokens: readonly Token[]): ((resource: string) => boolean) => {
  if (tokens.length === 1 && tokens[0] === anyRun) return () => true;
  const written = splitPattern(tokens);
  const asWritten = segmentsMatcher(written);
  if (written.length === arnSegments) return asWritten;
  const missing = Array.from({ length: arnSegments - written.length }, (): Token[] => [anyRun]);
  const completed = segmentsMatcher([...written, ...missing]);
  return (resource) => asWritten(resource) || completed(resource);
};

/**
 * ARN condition operators: each of the six segments for itself, with case. `ArnEquals` and `ArnLike` behave alike.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Amazon Resource Name (ARN) condition operators".
 */
export const arnMatcher = (tokens: readonly Token[]): ((value: string) => boolean) => {
  const pattern = splitPattern(tokens).map(globMatcher);
  return (value) => {
    const segments = splitPattern(charactersOf(value)).map((segment) => segment.map(String).join(""));
    return (
      segments.length === arnSegments &&
      pattern.length === arnSegments &&
      segments.every((segment, index) => pattern[index]?.(segment) === true)
    );
  };
};
