/** The grammar of IAM policies, as far as AWS refuses what breaks it. */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import type { Rule } from "./resource-type.ts";
import { parsedObject } from "./rules.ts";

type Kind = "identity" | "resource" | "trust";

const statementKeys = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Which elements each kind of policy needs, one of each pair. */
const needed: Record<Kind, [string, string][]> = {
  identity: [
    ["Action", "NotAction"],
    ["Resource", "NotResource"],
  ],
  resource: [
    ["Principal", "NotPrincipal"],
    ["Action", "NotAction"],
    ["Resource", "NotResource"],
  ],
  trust: [
    ["Principal", "NotPrincipal"],
    ["Action", "NotAction"],
  ],
};

/** What is wrong with one statement, or `null`. */
const statementProblem = (statement: Json, kind: Kind): string | null => {
  if (!isObject(statement)) return "must have objects as statements";
  const strange = Object.keys(statement).find((key) => !statementKeys.has(key));
  if (strange !== undefined) return `has a statement with the element ${strange}, which IAM does not know`;
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") {
    return "must say Allow or Deny as Effect of each statement";
  }
  for (const [one, other] of needed[kind]) {
    if (one in statement === other in statement) return `must have either ${one} or ${other} in each statement`;
  }
  if (kind === "identity" && ("Principal" in statement || "NotPrincipal" in statement)) {
    return "must not name a Principal: the policy is attached to one";
  }
  return null;
};

/** The statements of a policy, also when it holds a single one without a list. */
export const statementsOf = (policy: JsonObject): Json[] => {
  const statement = policy["Statement"];
  return Array.isArray(statement) ? statement : statement === undefined ? [] : [statement];
};

/**
 * A policy as text: valid JSON, a version that IAM has, statements with their elements, unique Sids
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
 */
export const policy =
  (kind: Kind): Rule =>
  (value) => {
    const document = typeof value === "string" ? parsedObject(value) : null;
    if (document === null) return "must be a policy: a JSON object, written as text";
    const version = document["Version"];
    if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
      return 'must have the version "2012-10-17"';
    }
    const statements = statementsOf(document);
    if (statements.length === 0) return "must have at least one statement";
    for (const statement of statements) {
      const problem = statementProblem(statement, kind);
      if (problem !== null) return problem;
    }
    const sids = statements.flatMap((statement) =>
      isObject(statement) && typeof statement["Sid"] === "string" ? [statement["Sid"]] : [],
    );
    return new Set(sids).size === sids.length ? null : "must not use a Sid twice";
  };

/** At most so many characters, white space left out; IAM counts policies this way. */
export const atMostNonWhitespace =
  (maximum: number): Rule =>
  (value) => {
    const size = typeof value === "string" ? value.replaceAll(/\s/g, "").length : 0;
    return size <= maximum ? null : `must have at most ${maximum} characters without white space, and has ${size}`;
  };

/** The characters that IAM takes in a policy: tab, line feed, carriage return and Latin-1 from space on. */
export const latin1: Rule = (value) =>
  typeof value === "string" && /^[\t\n\r\u0020-\u00ff]*$/.test(value)
    ? null
    : "must have Latin-1 characters only: IAM policies take no others";

const textsOf = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");

const matches = (pattern: string, action: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "i",
  ).test(action);

/** Whether a policy lets a service principal do something, whatever its conditions say. */
export const letsService = (document: string, service: string, action: string): boolean =>
  statementsOf(parsedObject(document) ?? {}).some((statement) => {
    if (!isObject(statement) || statement["Effect"] !== "Allow") return false;
    const principal = statement["Principal"];
    const services = isObject(principal) ? textsOf(principal["Service"]) : [];
    return services.includes(service) && textsOf(statement["Action"]).some((pattern) => matches(pattern, action));
  });

/** Whether a policy has a statement that lets one of these AWS principals do something. */
export const letsPrincipal = (document: string, principals: string[], action: string): boolean =>
  statementsOf(parsedObject(document) ?? {}).some((statement) => {
    if (!isObject(statement) || statement["Effect"] !== "Allow") return false;
    const principal = statement["Principal"];
    const named = isObject(principal) ? textsOf(principal["AWS"]) : textsOf(principal);
    return (
      named.some((one) => one === "*" || principals.includes(one)) &&
      textsOf(statement["Action"]).some((pattern) => matches(pattern, action))
    );
  });
