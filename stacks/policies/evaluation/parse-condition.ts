import type { Comparison } from "./comparisons.ts";
import { accept, below, complain, type Complaints, isObject, listOf } from "./json-shape.ts";
import { type Operator, operatorOf } from "./operators.ts";
import type { ParsedCondition } from "./parsed-policy.ts";
import { type Compiled, refuse } from "./problem.ts";
import type { Version } from "./template.ts";

/** Numbers and booleans may stand without quotes. Source: IAM User Guide, "Grammar of the IAM JSON policy language". */
const textOf = (value: unknown): Compiled<string> =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? { value: String(value) }
    : refuse("malformed_policy", "must be a string, a number, true or false, or a list of them");

const presences: ReadonlyMap<string, boolean> = new Map([
  ["true", false],
  ["false", true],
]);

/** `Null: "true"` wants the key absent. */
const wantedPresence = (text: string): Compiled<boolean> => {
  const wanted = presences.get(text.toLowerCase());
  return wanted === undefined ? refuse("malformed_value", "must be true or false") : { value: wanted };
};

const testOf = (
  complaints: Complaints,
  operator: Operator,
  version: Version,
  texts: { text: string; pointer: string }[],
): ParsedCondition["test"] => {
  const compileAll = <Value>(compile: (text: string) => Compiled<Value>): Value[] =>
    texts.flatMap(({ text, pointer }) => accept(complaints, pointer, compile(text)));
  if (operator.presence) return { presence: true, wanted: compileAll(wantedPresence) };
  const { compile, ...kind } = operator;
  return { ...kind, comparisons: compileAll((text): Compiled<Comparison> => compile(text, version)) };
};

/**
 * A prefix and a name; the prefix of a web identity provider is its host name, with a path for some.
 * Source: IAM User Guide, "IAM and AWS STS condition context keys", "Available keys for AWS OIDC federation".
 */
const keyForm = /^[a-z0-9._/-]+:./u;

const parseKeys = (
  complaints: Complaints,
  pointer: string,
  version: Version,
  operatorName: string,
  block: unknown,
): ParsedCondition[] => {
  const operator = operatorOf(operatorName);
  if (operator === null) {
    complain(complaints, pointer, { code: "unknown_operator", message: "must be a condition operator of IAM" });
    return [];
  }
  if (!isObject(block)) {
    complain(complaints, pointer, { code: "malformed_policy", message: "must be an object of condition keys" });
    return [];
  }
  const seen = new Set<string>();
  return Object.entries(block).flatMap(([keyName, given]) => {
    const place = below(pointer, keyName);
    const key = keyName.toLowerCase();
    if (!keyForm.test(key)) {
      complain(complaints, place, {
        code: "malformed_policy",
        message: "must be a condition key: a prefix, a colon and a name",
      });
    }
    if (seen.has(key)) {
      complain(complaints, place, { code: "malformed_policy", message: "differs only in case from another key" });
    }
    seen.add(key);
    const values = listOf(given);
    if (values.length === 0) complain(complaints, place, { code: "malformed_policy", message: "must not be empty" });
    const texts = values.flatMap((value, index) => {
      const valuePlace = Array.isArray(given) ? below(place, index) : place;
      return accept(complaints, valuePlace, textOf(value)).map((text) => ({ text, pointer: valuePlace }));
    });
    return [{ operatorName, keyName, key, test: testOf(complaints, operator, version, texts) }];
  });
};

/** The `Condition` element: all of its operators and keys must hold. Left out, there is nothing to hold. */
export const parseConditions = (
  complaints: Complaints,
  pointer: string,
  version: Version,
  element: unknown,
): ParsedCondition[] => {
  if (element === undefined) return [];
  if (!isObject(element)) {
    complain(complaints, pointer, { code: "malformed_policy", message: "must be an object of condition operators" });
    return [];
  }
  return Object.entries(element).flatMap(([operatorName, block]) =>
    parseKeys(complaints, below(pointer, operatorName), version, operatorName, block),
  );
};
