import type { RequestContext } from "./context.ts";
import type { Comparison } from "./comparisons.ts";
import type { Quantifier } from "./operators.ts";
import type { Template } from "./template.ts";
import type { Truth } from "./truth.ts";

/** A policy that was understood whole. */
export interface ParsedPolicy {
  name: string;
  statements: ParsedStatement[];
}

export type Effect = "Allow" | "Deny";

export interface ParsedStatement {
  policy: string;
  /** Place in the policy, from 0. */
  index: number;
  sid: string | null;
  effect: Effect;
  actions: Selection;
  resources: Selection & {
    /** The same patterns as written, for the question which resources they could cover. */
    templates: Template[];
  };
  conditions: ParsedCondition[];
}

/** `Action`, `Resource`, or with `negated` their `Not…`: everything that no pattern covers. */
export interface Selection {
  negated: boolean;
  patterns: ((value: string, context: RequestContext) => Truth)[];
}

/** One condition key under one operator. */
export interface ParsedCondition {
  /** As written, `StringEquals` and `aws:userid`, and the key in lower case. */
  operatorName: string;
  keyName: string;
  key: string;
  /** Values of the policy, any of which may fit. */
  test:
    | { presence: true; wanted: boolean[] }
    | { presence: false; quantifier: Quantifier; ifExists: boolean; negated: boolean; comparisons: Comparison[] };
}
