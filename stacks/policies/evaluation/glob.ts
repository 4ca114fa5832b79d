/** Any run of characters, also none. */
export const anyRun = Symbol("*");
/** Any one character. */
export const anyOne = Symbol("?");

/** One literal character, or a wildcard. Resolved variables are literal, whatever characters they hold. */
export type Token = string | typeof anyRun | typeof anyOne;

export const charactersOf = (text: string): string[] => Array.from(text);

const isWildcard = (token: Token): boolean => typeof token !== "string";
const literal = (tokens: readonly Token[]): string => tokens.map(String).join("");

/**
 * Takes the last `*` back one character at a time, which is enough: at most pattern × text steps, whatever was pasted in.
 */
const matches = (pattern: readonly Token[], text: readonly string[]): boolean => {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    const token = pattern[at];
    if (token === anyRun) {
      star = at++;
      resume = position;
    } else if (token === anyOne || token === text[position]) {
      at++;
      position++;
    } else if (star === -1) {
      return false;
    } else {
      at = star + 1;
      position = ++resume;
    }
  }
  return pattern.slice(at).every((token) => token === anyRun);
};

/** Whether a pattern covers the whole text, case included. Most patterns are plain text, or plain text and a `*`. */
export const globMatcher = (pattern: readonly Token[]): ((text: string) => boolean) => {
  const first = pattern.findIndex(isWildcard);
  const start = literal(first === -1 ? pattern : pattern.slice(0, first));
  if (first === -1) return (text) => text === start;
  if (first === pattern.length - 1 && pattern[first] === anyRun) return (text) => text.startsWith(start);
  return (text) => matches(pattern, charactersOf(text));
};
