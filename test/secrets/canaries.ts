/** Secrets that are looked for: values that exist nowhere else, and the forms in which one could lie about. */
import { randomBytes } from "node:crypto";

/** What is secret, by a name that a failed test can show. */
export interface Canary {
  name: string;
  value: string;
}

/** A value of 40 hexadecimal digits: no encoder of URLs, JSON or shells changes it. */
export const newCanary = (name: string): Canary => ({ name, value: `ca0a${randomBytes(18).toString("hex")}` });

/** What of a text's base64 is the same wherever the text stands in what was encoded: three alignments, without their edges. */
const base64Forms = (value: string): string[] =>
  [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${" ".repeat(offset)}${value}`)
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(offset === 0 ? 0 : offset + 1, -2);
  });

const formsOf = (value: string): string[] => [
  value,
  value.toUpperCase(),
  Buffer.from(value).toString("hex"),
  ...base64Forms(value),
  // A secret that was cut short is a secret still.
  value.slice(0, 12),
  value.slice(-12),
];

export interface CanarySearch {
  /** Canaries in a text or in a file's bytes: their names. */
  in(content: string | Buffer): string[];
  /** Likewise, each with what stands before it. */
  placesIn(content: string): string[];
}

/** Makes a search for these. */
export const searchFor = (canaries: readonly Canary[]): CanarySearch => {
  const forms = canaries.map(({ name, value }) => ({ name, needles: [...new Set(formsOf(value))] }));
  return {
    placesIn: (content) =>
      forms.flatMap(({ name, needles }) => {
        const [at] = needles.map((needle) => content.indexOf(needle)).filter((index) => index >= 0);
        return at === undefined ? [] : [`${name} after ${content.slice(Math.max(0, at - 100), at)}`];
      }),
    in: (content) =>
      forms.filter(({ needles }) => needles.some((needle) => content.includes(needle))).map(({ name }) => name),
  };
};
