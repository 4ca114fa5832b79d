import { type ContextValues, type RequestContext, requestContext } from "./context.ts";
import { holds, namesAction, type Reason, reasonOf } from "./evaluate.ts";
import type { ParsedPolicy, ParsedStatement } from "./parsed-policy.ts";
import { coversFamily, type ResourceFamily } from "./resource-family.ts";
import { allOf } from "./truth.ts";

/** `undecided`: whether the policy leads there turns on what nobody can tell beforehand, so it may. */
export interface FamilyReach {
  decision: "allow" | "undecided";
  because: Reason[];
}

/** What is known of every member: `values`, and that the keys of `absent` (in lower case) are not there unless they have one. */
export interface FamilyContext {
  values: ContextValues;
  absent: readonly string[];
}

/**
 * Everything else is unknown, other tags above all: a node may carry anything. A federated user has no `aws:username`.
 */
const contextOf = ({ values, absent }: FamilyContext): RequestContext => {
  const missing = new Set(["aws:username", ...absent]);
  return requestContext(values, (key) => !missing.has(key));
};

/**
 * Whether the policy may lead onto any member of the family. Cautious on both sides: an Allow of one member, or under a condition
 * that nobody can tell, counts; a Deny counts only where it holds for every member, whatever the request tells.
 *
 * @returns null where it does not
 */
export const reachOfFamily = (
  { statements }: ParsedPolicy,
  action: string,
  members: ResourceFamily,
  told: FamilyContext,
): FamilyReach | null => {
  const context = contextOf(told);
  const about = statements
    .filter((statement) => namesAction(statement, { action, resource: "*", context }))
    .map((statement) => ({
      statement,
      conditions: allOf(statement.conditions, (condition) => holds(condition, context)),
    }))
    .filter(({ conditions }) => conditions !== false)
    // The dear part, and most statements are bound to a tag that these do not carry.
    .map((item) => ({ ...item, covers: coversFamily(item.statement, members, context) }))
    .filter(({ covers }) => covers !== false);
  const of = (effect: ParsedStatement["effect"]) => about.filter(({ statement }) => statement.effect === effect);
  if (of("Deny").some(({ conditions, covers }) => conditions === true && covers === true)) return null;
  const allows = of("Allow");
  if (allows.length === 0) return null;
  const certain = of("Deny").length === 0 && allows.some(({ conditions }) => conditions === true);
  return { decision: certain ? "allow" : "undecided", because: allows.map(({ statement }) => reasonOf(statement)) };
};
