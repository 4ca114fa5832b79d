import { type ContextValues, requestContext } from "../../../../stacks/policies/evaluation/context.ts";
import { evaluate, type Evaluation } from "../../../../stacks/policies/evaluation/evaluate.ts";
import { type Parsed, parsePolicy } from "../../../../stacks/policies/evaluation/parse-policy.ts";
import type { ParsedPolicy } from "../../../../stacks/policies/evaluation/parsed-policy.ts";
import type { PolicyProblem } from "../../../../stacks/policies/evaluation/problem.ts";

export interface Asked {
  action?: string;
  resource?: string;
  context?: ContextValues;
  unknown?: string[];
}

/** Parses, and fails the test with what was not understood. */
export const understood = (document: unknown, name = "policy"): ParsedPolicy => {
  const parsed: Parsed = parsePolicy(name, document);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
};

export const problemsOf = (document: unknown): PolicyProblem[] => {
  const parsed = parsePolicy("policy", document);
  return "problems" in parsed ? parsed.problems : [];
};

/** Evaluates policies given as statements, of version 2012-10-17. */
export const ask = (statements: object[], asked: Asked = {}, version = "2012-10-17"): Evaluation => {
  const { action = "svc:Act", resource = "*", context = {}, unknown = [] } = asked;
  return evaluate([understood({ Version: version, Statement: statements })], {
    action,
    resource,
    context: requestContext(context, (key) => unknown.includes(key)),
  });
};

export const allow = (rest: object = {}): object => ({ Effect: "Allow", Action: "*", Resource: "*", ...rest });
export const deny = (rest: object = {}): object => ({ Effect: "Deny", Action: "*", Resource: "*", ...rest });
