/** When two values of a property mean the same to the provider, though they are written differently. */
import canonicalize from "canonicalize";
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { statementsOf } from "./policy-document.ts";
import type { Comparison } from "./resource-type.ts";
import { parsedObject } from "./rules.ts";

/** One text for all ways to write a JSON value: keys in order, no white space (RFC 8785). */
const canonical = (value: Json): string => canonicalize(value) ?? "null";

/**
 * What the provider takes for nothing: an absent value, `null`, an empty text, list or object (Terraform's zero values,
 * https://developer.hashicorp.com/terraform/plugin/sdkv2/schemas/schema-behaviors).
 */
export const isAbsent = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** A list without order; a single value is a list of one. */
const asSet = (value: Json): Json =>
  Array.isArray(value) ? [...value].sort((one, other) => (canonical(one) < canonical(other) ? -1 : 1)) : [value];

const mapValues = (values: JsonObject, change: (value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));

/** Elements of a statement that hold one text or a set of them. */
const setElements: Record<string, (value: Json) => Json> = {
  Action: asSet,
  NotAction: asSet,
  Resource: asSet,
  NotResource: asSet,
  Principal: (value) => (isObject(value) ? mapValues(value, asSet) : value === "*" ? { AWS: ["*"] } : value),
  NotPrincipal: (value) => (isObject(value) ? mapValues(value, asSet) : value),
  Condition: (value) =>
    isObject(value)
      ? mapValues(value, (operator) => (isObject(operator) ? mapValues(operator, asSet) : operator))
      : value,
};

/**
 * A policy with all freedom of writing taken out: IAM keeps no order of actions, resources, principals and condition
 * values, nor a difference between one value and a list of one
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
 */
const plainPolicy = (policy: JsonObject): JsonObject => ({
  ...policy,
  Statement: statementsOf(policy).map((statement) =>
    isObject(statement)
      ? Object.fromEntries(Object.entries(statement).map(([key, value]) => [key, setElements[key]?.(value) ?? value]))
      : statement,
  ),
});

/** The form of a text that two texts of the same meaning share. */
const textForms: Record<Exclude<Comparison, "value" | "set">, (value: string) => Json> = {
  json: (value) => parsedObject(value) ?? value,
  policy: (value) => {
    const parsed = parsedObject(value);
    return parsed === null ? value : plainPolicy(parsed);
  },
  instant: (value) => (Number.isNaN(Date.parse(value)) ? value : Date.parse(value)),
  // A KMS key goes by its ARN or by the id at the end of it.
  key: (value) => value.replace(/^arn:[^/]*:key\//, ""),
};

const formOf = (value: Json, comparison: Comparison): Json => {
  if (comparison === "set") return asSet(value);
  if (comparison === "value" || typeof value !== "string") return value;
  return textForms[comparison](value);
};

/** Whether two values mean the same under a property's comparison. */
export const sameMeaning = (one: Json | undefined, other: Json | undefined, comparison: Comparison): boolean => {
  if (isAbsent(one) || isAbsent(other)) return isAbsent(one) && isAbsent(other);
  return canonical(formOf(one ?? null, comparison)) === canonical(formOf(other ?? null, comparison));
};
