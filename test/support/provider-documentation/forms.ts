/**
 * Forms of values, as test/fixtures/provider-documentation/computed-outputs/ writes them. A text is a template: `{name}` is the
 * resource's own output of that name, `{$word}` a pattern of the table below or a fact of the place. Recordings have `…` for
 * what AWS makes up, so patterns of such things take it too.
 */
import { isDeepStrictEqual } from "node:util";
import type { Json, JsonObject } from "../../../service/domain/json.ts";

export type Form =
  | string
  /** Exactly this value. */
  | { equals: Json }
  /** What another output is, or that where there is none. */
  | { same: string; else: Json }
  /** This value while the flag of that name is set; nothing is said of it otherwise. */
  | { when: string; then: Json }
  /** The end of another output, behind its last slash. */
  | { lastPart: string }
  /** The text at a key of another output, which is a JSON text. */
  | { textOf: string; at: string }
  /** A list of some of these, each once. */
  | { someOf: Json[] }
  /** What is listed for the region; nothing is said of other regions. */
  | { byRegion: Record<string, string> }
  /** This value, with templates for texts. */
  | { like: Json }
  /** The same as a JSON text. */
  | { document: Json }
  /** The input of that name, with more in it. */
  | { given: JsonObject };

/** Where and as what a resource was made. */
export interface Made {
  account: string;
  region: string;
  logicalName: string;
  inputs: JsonObject;
  outputs: JsonObject;
}

const madeUp = (pattern: string): string => `(?:…|${pattern})`;

const patterns: Readonly<Record<string, string>> = {
  any: ".*",
  text: ".+",
  uuid: madeUp("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
  instant: madeUp("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"),
  hex7: madeUp("[0-9a-f]{7}"),
  hex10: madeUp("[0-9a-f]{10}"),
  hex16: madeUp("[0-9a-f]{16}"),
  sha256: madeUp("[0-9a-f]{64}"),
  iamId: madeUp("[0-9A-Z]{17}"),
  code: madeUp(".{20,250}"),
};

const isChina = (region: string): boolean => region.startsWith("cn-");

const facts: Readonly<Record<string, (made: Made) => string>> = {
  partition: ({ region }) => (isChina(region) ? "aws-cn" : "aws"),
  dnsSuffix: ({ region }) => (isChina(region) ? "amazonaws.com.cn" : "amazonaws.com"),
  account: ({ account }) => account,
  region: ({ region }) => region,
  logicalName: ({ logicalName }) => logicalName,
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);

/** @throws Error for a word that is no pattern, no fact and no output */
const meaning = (word: string, made: Made): string => {
  if (!word.startsWith("$")) {
    const value = made.outputs[word];
    if (typeof value !== "string") throw new Error(`there is no text ${word} among the outputs`);
    return escaped(value);
  }
  const name = word.slice(1);
  const fact = facts[name];
  if (fact !== undefined) return escaped(fact(made));
  const pattern = patterns[name];
  if (pattern === undefined) throw new Error(`{${word}} is no known part of a form`);
  return pattern;
};

/** A template as a regular expression over the whole of a text. */
const expression = (template: string, made: Made): RegExp => {
  const parts = template.split(/\{([^}]+)\}/);
  return new RegExp(`^${parts.map((part, at) => (at % 2 === 0 ? escaped(part) : meaning(part, made))).join("")}$`, "s");
};

const textAt = (outputs: JsonObject, name: string): string => {
  const value = outputs[name];
  return typeof value === "string" ? value : "";
};

const isBag = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isLike = (value: Json | undefined, wanted: Json, made: Made): boolean => {
  if (typeof wanted === "string") return typeof value === "string" && expression(wanted, made).test(value);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value) || value.length !== wanted.length) return false;
    return wanted.every((each, at) => isLike(value[at], each, made));
  }
  if (!isBag(wanted)) return value === wanted;
  if (!isBag(value) || !isDeepStrictEqual(Object.keys(value).sort(), Object.keys(wanted).sort())) return false;
  return Object.entries(wanted).every(([key, each]) => isLike(value[key], each, made));
};

const parsed = (value: Json | undefined): Json => (typeof value === "string" ? (JSON.parse(value) as Json) : null);

/** What a form without a template says the value is; `undefined`: nothing. */
const expected = (form: Exclude<Form, string>, name: string, made: Made): Json | undefined => {
  if ("equals" in form) return form.equals;
  if ("same" in form) return made.outputs[form.same] ?? form.else;
  if ("when" in form) return made.outputs[form.when] === true ? form.then : undefined;
  if ("lastPart" in form) return textAt(made.outputs, form.lastPart).replace(/^.*\//, "");
  if ("byRegion" in form) return form.byRegion[made.region];
  if ("like" in form) return form.like;
  if ("document" in form) return form.document;
  if ("given" in form) {
    const input = made.inputs[name];
    return { ...form.given, ...(isBag(input) ? input : {}) };
  }
  if (!("textOf" in form)) return undefined;
  const within = parsed(made.outputs[form.textOf]);
  return isBag(within) ? (within[form.at] ?? "") : "";
};

const exact = (form: Exclude<Form, string>): boolean => !("like" in form || "document" in form || "given" in form);

/** Whether the output of that name has the form. */
export const hasForm = (name: string, form: Form, made: Made): boolean => {
  const value = made.outputs[name];
  if (typeof form === "string") return isLike(value, form, made);
  if ("someOf" in form) {
    const all = Array.isArray(value) ? value : [];
    return all.length > 0 && new Set(all).size === all.length && all.every((each) => form.someOf.includes(each));
  }
  const wanted = expected(form, name, made);
  if (wanted === undefined) return value !== undefined;
  if (exact(form)) return isDeepStrictEqual(value, wanted);
  return isLike("document" in form ? parsed(value) : value, wanted, made);
};
