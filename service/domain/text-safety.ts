/**
 * What no string and no key of any document may hold, wherever it stands. PostgreSQL cannot keep U+0000 or half a surrogate
 * pair in JSON (PostgreSQL manual, "JSON Types"); the rest would let people read something else than what is applied.
 */
interface DocumentFault {
  path: (string | number)[];
  message: string;
}

/** Documents are five levels deep; conditions of statements add some. */
export const deepestNesting = 32;

const controls = /\p{Cc}|[\u2028\u2029]/u;
const directionMarks = /[\u202a-\u202e\u2066-\u2069]/u;

/** Keys that reach the prototype of a plain object. */
const prototypeKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

const textFault = (value: string): string | null => {
  if (!value.isWellFormed()) return "must be valid Unicode: it holds half of a surrogate pair";
  if (controls.test(value)) return "must not hold control characters or line ends";
  if (directionMarks.test(value)) return "must not hold invisible marks that change the direction of writing";
  return null;
};

const keyFault = (key: string): string | null => (prototypeKeys.has(key) ? "is not a field here" : textFault(key));

/** The first `most` such faults of a value that came out of JSON or YAML. Does not recurse deeper than the limit. */
export const documentFaults = (value: unknown, most: number): DocumentFault[] => {
  const faults: DocumentFault[] = [];
  const visit = (inner: unknown, path: (string | number)[]): void => {
    if (faults.length >= most) return;
    if (typeof inner === "string") {
      const message = textFault(inner);
      if (message !== null) faults.push({ path, message });
    } else if (typeof inner === "object" && inner !== null) {
      if (path.length >= deepestNesting) {
        faults.push({ path, message: `must not be nested deeper than ${deepestNesting} levels` });
        return;
      }
      for (const [key, item] of Object.entries(inner)) {
        const itemPath = [...path, Array.isArray(inner) ? Number(key) : key];
        const message = Array.isArray(inner) ? null : keyFault(key);
        if (message !== null) faults.push({ path: itemPath, message });
        visit(item, itemPath);
      }
    }
  };
  visit(value, []);
  return faults.slice(0, most);
};
