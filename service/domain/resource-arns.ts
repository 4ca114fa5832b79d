/** Which resources the statements of a request may name. */
import { at, validItems, type Finding } from "./findings.ts";
import { partitionOf } from "./regions.ts";
import { target } from "./target-fields.ts";

const form = "arn:partition:service:region:account:resource";

/** AWS's partitions. Source: AWS Fault Isolation Boundaries, "Partitions"; AWS European Sovereign Cloud, "ARNs". */
const partitions = [
  "aws",
  "aws-cn",
  "aws-eusc",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f",
  "aws-us-gov",
] as const;

/** Whether a word with `*` and `?` as wildcards may stand for another. Both are short. */
const fits = (pattern: string, word: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/\*+/g, ".*").replaceAll("?", ".")}$`).test(word);

/** Parts of an ARN; colons in its resource are the resource's own. */
const partsOf = (text: string): string[] => {
  const [prefix = "", partition, service, region, account, ...resource] = text.split(":");
  const leading = [prefix, partition, service, region, account].filter((part) => part !== undefined);
  return resource.length === 0 ? leading : [...leading, resource.join(":")];
};

/** What is wrong with one part, or null. */
type PartRule = (part: string, partition: string | undefined) => string | null;

const unless = (holds: boolean, message: string): string | null => (holds ? null : message);

/**
 * In the order of an ARN. IAM takes wildcards in every part but the first and the service, and variables in the resource only;
 * it refuses an ARN of another partition than the account's ("Partition "aws-cn" is not valid for resource …").
 * Sources: IAM User Guide, "IAM JSON policy elements: Resource", "IAM policy elements: Variables and tags", "IAM policy
 * validation check reference" (invalid partition, service case, account; missing ARN field).
 */
const rules: readonly PartRule[] = [
  // What begins otherwise is refused by its shape.
  () => null,
  (partition, wanted) => {
    if (!/^[a-z*?-]{1,16}$/.test(partition) || !partitions.some((known) => fits(partition, known)))
      return `must name a partition of AWS after arn: (${partitions.join(", ")}), or *`;
    return unless(
      wanted === undefined || fits(partition, wanted),
      `must be in the partition of the targets, ${String(wanted)}: AWS takes no resource of another`,
    );
  },
  (service) =>
    unless(
      /^[a-z0-9-]+$/.test(service),
      `must name a service in small letters, such as s3, without wildcards (${form}); for everything, write "*" alone`,
    ),
  (region) =>
    unless(/^[a-z0-9*?-]*$/.test(region), `must have a region, nothing or wildcards as its fourth part (${form})`),
  (account) =>
    unless(
      /^(?:\d{12}|(?=.*[*?])[0-9*?]{1,12}|[a-z][a-z-]*|)$/.test(account),
      `must have an account of 12 digits, "aws", nothing or wildcards as its fifth part (${form})`,
    ),
  (resource) => unless(resource !== "", `must name a resource as its last part (${form}); * for any`),
];

/**
 * Why an ARN is no `Resource` that a request may name, or null. Stricter than IAM in one thing: IAM fills what is missing of an
 * ARN with `*`, so that `arn:aws:s3` is all of S3 without saying so (IAM User Guide, "IAM identifiers"); here it has all its
 * parts, or ends in a `*`, which spans the rest.
 *
 * @param partition that of the targets; undefined where it is not known.
 */
export const resourceProblem = (text: string, partition: string | undefined): string | null => {
  const parts = partsOf(text);
  for (const [index, part] of parts.entries()) {
    const problem = rules[index]?.(part, partition) ?? null;
    if (problem !== null) return problem;
  }
  return unless(
    parts.length === rules.length || (parts.length > 3 && text.endsWith("*")),
    `must have all six parts of an ARN, ${form}; * for any region, account or resource`,
  );
};

/** Findings about the resources of a request's own statements; what is no ARN has its own error. */
export const statementResources = (request: unknown): Finding[] => {
  const statements = at(request, "environment", "extraStatements");
  if (!Array.isArray(statements)) return [];
  const [first] = validItems(target, at(request, "environment", "targets"));
  const partition = first && partitionOf(first.region);
  return statements.flatMap((statement: unknown, index) =>
    ["Resource", "NotResource"].flatMap((element) => {
      const given = at(statement, element);
      const values: unknown[] = Array.isArray(given) ? given : [given];
      return values.flatMap((value, place): Finding[] => {
        const problem =
          typeof value === "string" && value.startsWith("arn:") ? resourceProblem(value, partition) : null;
        const path = ["environment", "extraStatements", index, element, ...(Array.isArray(given) ? [place] : [])];
        return problem === null ? [] : [{ path, message: problem }];
      });
    }),
  );
};
