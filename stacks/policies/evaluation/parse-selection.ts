import { resourceMatcher } from "./arn-pattern.ts";
import { anyOne, anyRun, charactersOf, globMatcher } from "./glob.ts";
import { accept, below, complain, type Complaints, type JsonObject, listOf } from "./json-shape.ts";
import type { ParsedStatement, Selection } from "./parsed-policy.ts";
import { type Compiled, refuse } from "./problem.ts";
import { parseTemplate, resolving, type Template, type Version } from "./template.ts";

type Pattern = Selection["patterns"][number];
type CompilePattern<Made> = (text: string, version: Version) => Compiled<Made>;

/**
 * `service:Action` or `*`, without case, with wildcards in the action's name only and no variables.
 * Source: IAM User Guide, "IAM JSON policy elements: Action".
 */
const actionPattern: CompilePattern<Pattern> = (text) => {
  if (!/^(?:\*|\*:\*|[a-z0-9-]+:[a-z0-9*?]+)$/iu.test(text)) {
    return refuse("malformed_value", "must be service:Action, with * and ? as wildcards in the action's name, or *");
  }
  const tokens = charactersOf(text.toLowerCase()).map((character) =>
    character === "*" ? anyRun : character === "?" ? anyOne : character,
  );
  const matches = globMatcher(tokens);
  return { value: (action) => matches(action.toLowerCase()) };
};

/** IAM resolves variables in an ARN after its fifth colon only. */
const hasEarlyVariable = (template: Template): boolean => {
  let colons = 0;
  for (const part of template) {
    if ("key" in part) return colons < 5;
    colons += part.tokens.filter((token) => token === ":").length;
  }
  return false;
};

/**
 * `*` or an ARN, with case; neither partition nor service may be missing, and the service holds no wildcard.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource".
 */
const resourcePattern: CompilePattern<{ covers: Pattern; template: Template }> = (text, version) => {
  if (text !== "*" && !/^arn:[a-z0-9*?-]+:[a-z0-9-]+(?::|$)/u.test(text)) {
    return refuse("malformed_value", "must be an ARN whose service has no wildcard, or *");
  }
  const template = parseTemplate(text, version, true);
  if ("complaint" in template) return template;
  if (hasEarlyVariable(template.value)) {
    return refuse("unknown_variable", "must have no variable before its fifth colon, where IAM resolves none");
  }
  return { value: { covers: resolving(template.value, resourceMatcher), template: template.value } };
};

/** `Action` or `NotAction`, `Resource` or `NotResource`: exactly one of the two, one string or a list. */
const parseSelection = <Made>(
  complaints: Complaints,
  pointer: string,
  version: Version,
  statement: JsonObject,
  element: "Action" | "Resource",
  compile: CompilePattern<Made>,
): { negated: boolean; patterns: Made[] } => {
  const negated = statement[`Not${element}`] !== undefined;
  if (negated === (statement[element] !== undefined)) {
    const message = `must have ${element} or Not${element}, and not both`;
    complain(complaints, pointer, { code: "malformed_policy", message });
    return { negated, patterns: [] };
  }
  const name = negated ? `Not${element}` : element;
  const given = statement[name];
  const place = below(pointer, name);
  const values = listOf(given);
  if (values.length === 0) complain(complaints, place, { code: "malformed_policy", message: "must not be empty" });
  const patterns = values.flatMap((value, index) =>
    accept(
      complaints,
      Array.isArray(given) ? below(place, index) : place,
      typeof value === "string" ? compile(value, version) : refuse("malformed_policy", "must be a string"),
    ),
  );
  return { negated, patterns };
};

export const parseActions = (
  complaints: Complaints,
  pointer: string,
  version: Version,
  statement: JsonObject,
): Selection => parseSelection(complaints, pointer, version, statement, "Action", actionPattern);

export const parseResources = (
  complaints: Complaints,
  pointer: string,
  version: Version,
  statement: JsonObject,
): ParsedStatement["resources"] => {
  const { negated, patterns } = parseSelection(complaints, pointer, version, statement, "Resource", resourcePattern);
  return {
    negated,
    patterns: patterns.map(({ covers }) => covers),
    templates: patterns.map(({ template }) => template),
  };
};
