import { below, complain, type Complaints, isObject, type JsonObject, listOf } from "./json-shape.ts";
import { parseConditions } from "./parse-condition.ts";
import { parseActions, parseResources } from "./parse-selection.ts";
import type { Effect, ParsedPolicy, ParsedStatement } from "./parsed-policy.ts";
import type { PolicyProblem } from "./problem.ts";
import type { Version } from "./template.ts";

const statementElements = new Set(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]);
const policyElements = new Set(["Version", "Id", "Statement"]);
const effects: readonly Effect[] = ["Allow", "Deny"];
const versions: readonly Version[] = ["2008-10-17", "2012-10-17"];

const malformed = (complaints: Complaints, pointer: string, message: string): void => {
  complain(complaints, pointer, { code: "malformed_policy", message });
};

const refuseOthers = (complaints: Complaints, pointer: string, object: JsonObject, known: Set<string>): void => {
  for (const element of Object.keys(object)) {
    if (!known.has(element)) {
      malformed(complaints, below(pointer, element), "is no element of an identity policy");
    }
  }
};

const parseStatement = (
  complaints: Complaints,
  pointer: string,
  version: Version,
  index: number,
  given: unknown,
): ParsedStatement[] => {
  if (!isObject(given)) {
    malformed(complaints, pointer, "must be an object");
    return [];
  }
  refuseOthers(complaints, pointer, given, statementElements);
  const { Sid: sid = null } = given;
  const effect = effects.find((candidate) => candidate === given["Effect"]);
  if (effect === undefined) malformed(complaints, below(pointer, "Effect"), 'must be "Allow" or "Deny"');
  if (sid !== null && typeof sid !== "string") malformed(complaints, below(pointer, "Sid"), "must be a string");
  return [
    {
      policy: complaints.policy,
      index,
      sid: typeof sid === "string" ? sid : null,
      // With a complaint noted, the whole policy is refused: what stands here is never evaluated.
      effect: effect ?? "Deny",
      actions: parseActions(complaints, pointer, version, given),
      resources: parseResources(complaints, pointer, version, given),
      conditions: parseConditions(complaints, below(pointer, "Condition"), version, given["Condition"]),
    },
  ];
};

/** What came of parsing: the policy, or everything that was not understood. */
export type Parsed = { policy: ParsedPolicy } | { problems: PolicyProblem[] };

/**
 * Parses an identity policy: JSON as people paste it, of either version (2008-10-17 where none is written). A policy that is
 * not understood whole is refused whole, since the part that was not might be its Deny.
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language".
 */
export const parsePolicy = (name: string, document: unknown): Parsed => {
  const complaints: Complaints = { policy: name, problems: [] };
  if (!isObject(document)) {
    malformed(complaints, "", "must be an object");
    return { problems: complaints.problems };
  }
  refuseOthers(complaints, "", document, policyElements);
  const { Version: written = "2008-10-17", Statement: given } = document;
  const version = versions.find((candidate) => candidate === written);
  if (version === undefined) malformed(complaints, "/Version", 'must be "2012-10-17" or "2008-10-17"');
  const statements = listOf(given).flatMap((statement, index) =>
    parseStatement(
      complaints,
      Array.isArray(given) ? below("/Statement", index) : "/Statement",
      version ?? "2012-10-17",
      index,
      statement,
    ),
  );
  return complaints.problems.length > 0 ? { problems: complaints.problems } : { policy: { name, statements } };
};
