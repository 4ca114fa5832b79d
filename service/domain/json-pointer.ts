/** A longer key is cut: it comes from the caller, and an answer should not carry it back by the megabyte. */
const longestToken = 128;

const token = (part: PropertyKey): string => {
  const text = String(part).toWellFormed();
  const short = text.length > longestToken ? `${text.slice(0, longestToken).toWellFormed()}…` : text;
  return short.replaceAll("~", "~0").replaceAll("/", "~1");
};

/** JSON Pointer (RFC 6901) of a path: `["tags", "a/b"]` → `/tags/a~1b`; the whole document is the empty pointer. */
export const jsonPointer = (path: readonly PropertyKey[]): string => path.map((part) => `/${token(part)}`).join("");
