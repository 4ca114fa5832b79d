import { type AccessRequest, type RequestContext, valuesOf } from "./context.ts";
import { below } from "./json-shape.ts";
import type { Effect, ParsedCondition, ParsedPolicy, ParsedStatement, Selection } from "./parsed-policy.ts";
import type { PolicyProblem } from "./problem.ts";
import { allOf, anyOf, not, type Truth } from "./truth.ts";

export type Decision = "allow" | "explicit_deny" | "implicit_deny";

/** A statement that decided. */
export interface Reason {
  policy: string;
  sid: string | null;
  /** Place in the policy, from 0; what names a statement without Sid. */
  index: number;
  effect: Effect;
}

/** What IAM answers, or why that cannot be told. An implicit deny has no reasons: nothing spoke of the request. */
export type Evaluation =
  { decision: Decision; because: Reason[] } | { decision: "undecided"; because: Reason[]; problems: PolicyProblem[] };

type ValueTest = Exclude<ParsedCondition["test"], { presence: true }>;

const emptyContext: RequestContext = { values: new Map(), isUnknown: () => false };

const compare = (test: ValueTest, value: string, context: RequestContext): Truth => {
  const fits = anyOf(test.comparisons, (comparison) => comparison(value, context));
  return test.negated ? not(fits) : fits;
};

/** A set that IAM calls null: no value, or nothing but one empty text. */
const isNullSet = (values: readonly string[]): boolean => values.every((value) => value === "") && values.length <= 1;

/**
 * How the values of the request are held against those of the policy. AWS requires a set operator for several values and does
 * not say what becomes of a condition without one: undecided.
 * Source: IAM User Guide, "Single-valued vs. multivalued context keys".
 */
const quantifiers: Record<
  ValueTest["quantifier"],
  (test: ValueTest, values: readonly string[], each: (value: string) => Truth) => Truth
> = {
  single: ({ negated }, values, each) => {
    if (values.length === 0) return negated;
    return values.length === 1 ? allOf(values, each) : null;
  },
  all: (_, values, each) => isNullSet(values) || allOf(values, each),
  any: (_, values, each) => anyOf(values, each),
};

/** Whether a condition holds for a request; `null`: that cannot be told. */
export const holds = ({ key, test }: ParsedCondition, context: RequestContext): Truth => {
  const values = valuesOf(context, key);
  if (values === null) return null;
  if (test.presence) return test.wanted.includes(values.length > 0);
  if (values.length === 0 && test.ifExists) return true;
  return quantifiers[test.quantifier](test, values, (value) => compare(test, value, context));
};

const selects = ({ negated, patterns }: Selection, value: string, context: RequestContext): Truth => {
  const covered = anyOf(patterns, (pattern) => pattern(value, context));
  return negated ? not(covered) : covered;
};

/** A pattern that covers `*` is `*` itself. */
const selectsResource = (selection: Selection, resource: string | null, context: RequestContext): Truth => {
  if (resource !== null) return selects(selection, resource, context);
  const covered: Truth = selection.patterns.some((pattern) => pattern("*", context) === true) ? true : null;
  return selection.negated ? not(covered) : covered;
};

/** Whether the statement is about this action at all, whatever the resource. */
export const namesAction = (statement: ParsedStatement, { action, context }: AccessRequest): boolean =>
  selects(statement.actions, action, context) === true;

/** Whether it speaks of every resource, under no condition. */
export const coversEverything = ({ resources, conditions }: ParsedStatement): boolean =>
  conditions.length === 0 && !resources.negated && selects(resources, "*", emptyContext) === true;

const problemsOf = (
  statement: ParsedStatement,
  request: AccessRequest,
  resource: Truth,
  undecided: readonly ParsedCondition[],
): PolicyProblem[] => {
  const pointer = below("/Statement", statement.index);
  const about = { policy: statement.policy };
  const resourceProblem: PolicyProblem = {
    ...about,
    code: "undecided_resource",
    pointer,
    message:
      request.resource === null
        ? `whether ${request.action} is covered depends on the resource, which the question does not name`
        : `whether it covers ${request.resource} depends on a variable whose value is not known`,
  };
  return [
    ...(resource === null ? [resourceProblem] : []),
    ...undecided.map(({ operatorName, keyName }): PolicyProblem => {
      const place = below(below(below(pointer, "Condition"), operatorName), keyName);
      const message = `${request.action} cannot be decided: ${keyName} is not known, has several values, or is not of ${operatorName}'s type`;
      return { ...about, code: "undecided_condition", pointer: place, message };
    }),
  ];
};

interface Outcome {
  applies: Truth;
  problems: PolicyProblem[];
}

const doesNotApply: Outcome = { applies: false, problems: [] };

const outcomeOf = (statement: ParsedStatement, request: AccessRequest): Outcome => {
  const { context } = request;
  if (!namesAction(statement, request)) return doesNotApply;
  const resource = selectsResource(statement.resources, request.resource, context);
  if (resource === false) return doesNotApply;
  const undecided: ParsedCondition[] = [];
  for (const condition of statement.conditions) {
    const truth = holds(condition, context);
    if (truth === false) return doesNotApply;
    if (truth === null) undecided.push(condition);
  }
  const applies = resource !== null && undecided.length === 0;
  return applies
    ? { applies, problems: [] }
    : { applies: null, problems: problemsOf(statement, request, resource, undecided) };
};

export const reasonOf = ({ policy, sid, index, effect }: ParsedStatement): Reason => ({ policy, sid, index, effect });

/**
 * Evaluates identity policies as IAM does: an applicable Deny wins, else an applicable Allow, else it is denied implicitly.
 * What cannot be decided matters only where it could change the answer, and is then reported, never taken for an allow.
 * Source: IAM User Guide, "Policy evaluation logic".
 */
export const evaluate = (policies: readonly ParsedPolicy[], request: AccessRequest): Evaluation => {
  const outcomes = policies
    .flatMap(({ statements }) => statements)
    .map((statement) => ({ statement, ...outcomeOf(statement, request) }));
  const reasons = (effect: Effect): Reason[] =>
    outcomes
      .filter((item) => item.applies === true && item.statement.effect === effect)
      .map((item) => reasonOf(item.statement));
  const problems = (effect: Effect): PolicyProblem[] =>
    outcomes.filter((item) => item.statement.effect === effect).flatMap((item) => item.problems);

  const denies = reasons("Deny");
  if (denies.length > 0) return { decision: "explicit_deny", because: denies };
  const allows = reasons("Allow");
  const doubts = problems("Allow");
  if (allows.length === 0 && doubts.length === 0) return { decision: "implicit_deny", because: [] };
  const relevant = [...problems("Deny"), ...(allows.length === 0 ? doubts : [])];
  return relevant.length > 0
    ? { decision: "undecided", because: allows, problems: relevant }
    : { decision: "allow", because: allows };
};
