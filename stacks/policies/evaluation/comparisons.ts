import { arnMatcher, splitPattern } from "./arn-pattern.ts";
import type { RequestContext } from "./context.ts";
import { compareDecimals, decimalOf } from "./decimal.ts";
import { charactersOf, globMatcher, type Token } from "./glob.ts";
import { instantOf } from "./instant.ts";
import { ipRange } from "./ip-range.ts";
import { type Compiled, refuse } from "./problem.ts";
import { hasVariables, parseTemplate, resolving, type Version } from "./template.ts";
import type { Truth } from "./truth.ts";

/** Whether one value of the request fits one value of the policy; `null`: it is not of the operator's type. */
export type Comparison = (value: string, context: RequestContext) => Truth;

/** Makes the comparison of one value of the policy. */
export type Compile = (text: string, version: Version) => Compiled<Comparison>;

const text =
  (wildcards: boolean, test: (tokens: Token[]) => (value: string) => boolean): Compile =>
  (given, version) => {
    const template = parseTemplate(given, version, wildcards);
    return "complaint" in template ? template : { value: resolving(template.value, test) };
  };

export const equalText = text(false, (tokens) => {
  const wanted = tokens.join("");
  return (value) => value === wanted;
});

export const equalTextIgnoringCase = text(false, (tokens) => {
  const wanted = tokens.join("").toLowerCase();
  return (value) => value.toLowerCase() === wanted;
});

export const likeText = text(true, globMatcher);

/** A pattern with a variable may turn into an ARN; any other must be one now. */
export const likeArn: Compile = (given, version) => {
  const template = parseTemplate(given, version, true);
  if ("complaint" in template) return template;
  if (!hasVariables(template.value) && splitPattern(charactersOf(given)).length < 6) {
    return refuse("malformed_value", "must be an ARN of six segments, separated by colons");
  }
  return { value: resolving(template.value, arnMatcher) };
};

/** Compares what both sides parse to. IAM resolves no variables in these families. */
const parsed =
  <Value>(
    form: string,
    parse: (given: string) => Value | null,
    holds: (value: Value, wanted: Value) => boolean,
  ): Compile =>
  (given) => {
    const wanted = parse(given);
    if (wanted === null) return refuse("malformed_value", `must be ${form}`);
    return {
      value: (candidate) => {
        const value = parse(candidate);
        return value === null ? null : holds(value, wanted);
      },
    };
  };

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);
const booleanOf = (given: string): boolean | null => booleans.get(given.toLowerCase()) ?? null;

/** Base64, with or without its padding. */
const bytesOf = (given: string): string | null => {
  const unpadded = given.replace(/={1,2}$/u, "");
  return Buffer.from(unpadded, "base64").toString("base64").replace(/=+$/u, "") === unpadded ? unpadded : null;
};

/** Whether an operator holds, by the sign of the comparison of a value with the wanted one. */
type Order = (sign: number) => boolean;

export const compareNumbers = (holds: Order): Compile =>
  parsed("a number", decimalOf, (value, wanted) => holds(compareDecimals(value, wanted)));
export const compareInstants = (holds: Order): Compile =>
  parsed("a date: ISO 8601 with a zone, or seconds since 1970", instantOf, (value, wanted) => holds(value - wanted));
export const equalBoolean = parsed("true or false", booleanOf, (value, wanted) => value === wanted);
export const equalBytes = parsed("base64", bytesOf, (value, wanted) => value === wanted);

export const withinRange: Compile = (given) => {
  const range = ipRange(given);
  return range === null
    ? refuse("malformed_value", "must be an IP address, or a range of them in CIDR form")
    : { value: range };
};
