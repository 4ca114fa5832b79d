/** Any run of characters, also none. */
export const anyRun = Symbol("*");
/** Any one character. */
export const anyOne = Symbol("?");

/** One literal character, or a wildcard. Resolved variables are literal, whatever characters they hold. */
export type Token = string | typeof anyRun | typeof anyOne;

export const charactersOf = (text: string): string[] => Array.from(text);

/**
 * Whether a pattern covers the whole text, case included. Takes the last `*` back one character at a time, which is enough:
 * at most pattern × text steps, whatever was pasted in.
 */
export const matchesGlob = (pattern: readonly Token[], text: readonly string[]): boolean => {
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
