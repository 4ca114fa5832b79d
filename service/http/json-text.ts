/**
 * Reads JSON more strictly than `JSON.parse`: a key given twice is refused, since readers disagree on which one counts
 * (RFC 8259, section 4), nesting is bounded, and a fault is told with its place and without repeating the text.
 */
export interface TextFault {
  /** Where: the offset in the text, in UTF-16 units. */
  offset: number;
  /** Completes "line 1, column 2: …". */
  reason: string;
}

export type TextResult = { ok: true; value: unknown } | { ok: false; fault: TextFault };

const whitespace = /[ \t\n\r]*/y;
/**
 * A string: runs of plain characters (all from U+0020 on, without quote and backslash) between escapes. Written so that no
 * two parts can match the same characters: an unclosed string of a megabyte fails in one pass.
 */
const plain = "[\\u0020\\u0021\\u0023-\\u005b\\u005d-\\u{10ffff}]*";
const string = new RegExp(`"${plain}(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})${plain})*"`, "uy");
const literal = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![A-Za-z0-9_.+-])/y;

/** What may come next, by the place in the text. */
const expectations = {
  value: "a value",
  first: "a value or ]",
  key: "a key in double quotes",
  firstKey: "a key in double quotes or }",
  colon: ":",
  afterItem: ", or ]",
  afterMember: ", or }",
  end: "the end of the text",
} as const;
type Place = keyof typeof expectations;

interface Reader {
  text: string;
  offset: number;
  /** One for each open object (its keys so far) or list (`null`): a stack of our own, so depth costs no recursion. */
  frames: (Set<string> | null)[];
  deepest: number;
}

const take = (reader: Reader, pattern: RegExp): string | null => {
  pattern.lastIndex = reader.offset;
  const found = pattern.exec(reader.text)?.[0] ?? null;
  reader.offset += found?.length ?? 0;
  return found;
};

const afterValue = ({ frames }: Reader): Place =>
  frames.length === 0 ? "end" : frames.at(-1) === null ? "afterItem" : "afterMember";

const open = (reader: Reader, frame: Set<string> | null): Place | TextFault => {
  if (reader.frames.length >= reader.deepest) {
    return { offset: reader.offset, reason: `nested deeper than ${reader.deepest} levels` };
  }
  reader.frames.push(frame);
  reader.offset += 1;
  return frame === null ? "first" : "firstKey";
};

const close = (reader: Reader): Place => {
  reader.frames.pop();
  reader.offset += 1;
  return afterValue(reader);
};

const step = (reader: Reader, place: Place): Place => {
  reader.offset += 1;
  return place;
};

/** Reads what is at one place: the place after it, a fault of its own, or `null` for anything that may not stand here. */
type Rule = (reader: Reader, character: string) => Place | TextFault | null;

const brokenString = ({ offset }: Reader): TextFault => ({
  offset,
  reason: "this string is not closed, or holds a line end or control character that must be escaped",
});

const readValue: Rule = (reader, character) => {
  if (character === "{") return open(reader, new Set());
  if (character === "[") return open(reader, null);
  if (character === '"') return take(reader, string) === null ? brokenString(reader) : afterValue(reader);
  return take(reader, literal) === null ? null : afterValue(reader);
};

const readKey: Rule = (reader, character) => {
  const start = reader.offset;
  if (character !== '"') return null;
  const token = take(reader, string);
  if (token === null) return brokenString(reader);
  const key = String(JSON.parse(token));
  const keys = reader.frames.at(-1);
  if (keys?.has(key) === true) return { offset: start, reason: "the same key stands twice in one object" };
  keys?.add(key);
  return "colon";
};

const rules: Readonly<Record<Place, Rule>> = {
  value: readValue,
  first: (reader, character) => (character === "]" ? close(reader) : readValue(reader, character)),
  key: readKey,
  firstKey: (reader, character) => (character === "}" ? close(reader) : readKey(reader, character)),
  colon: (reader, character) => (character === ":" ? step(reader, "value") : null),
  afterItem: (reader, character) =>
    character === "," ? step(reader, "value") : character === "]" ? close(reader) : null,
  afterMember: (reader, character) =>
    character === "," ? step(reader, "key") : character === "}" ? close(reader) : null,
  end: () => null,
};

/** The first fault of a JSON text, or `null` for one that is well-formed and within the limits. */
const jsonFault = (text: string, deepest: number): TextFault | null => {
  const reader: Reader = { text, offset: 0, frames: [], deepest };
  let place: Place = "value";
  for (;;) {
    take(reader, whitespace);
    const character = text[reader.offset];
    if (character === undefined) {
      const reason = `the text ends where ${expectations[place]} should follow`;
      return place === "end" ? null : { offset: reader.offset, reason };
    }
    const next = rules[place](reader, character);
    if (next === null) return { offset: reader.offset, reason: `${expectations[place]} should stand here` };
    if (typeof next !== "string") return next;
    place = next;
  }
};

/** The value of a JSON text, or its first fault. */
export const readJson = (text: string, deepest: number): TextResult => {
  const fault = jsonFault(text, deepest);
  return fault === null ? { ok: true, value: JSON.parse(text) } : { ok: false, fault };
};
