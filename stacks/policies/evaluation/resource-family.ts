import type { Partition } from "../partition.ts";
import { splitPattern } from "./arn-pattern.ts";
import type { RequestContext } from "./context.ts";
import { anyRun, charactersOf, type Token } from "./glob.ts";
import type { ParsedStatement } from "./parsed-policy.ts";
import { resolve } from "./template.ts";
import { anyOf, not, type Truth } from "./truth.ts";

/**
 * Every ARN of one kind at once (the nodes of an account, its sessions), for the question whether a policy leads onto one whose
 * id nobody named. A run stands for any text of its characters.
 */
export type ResourceFamily = readonly (string | RegExp)[];

const regions = /[a-z0-9-]/u;
const hexadecimal = /[0-9a-f]/u;
/** A session's id begins with its owner's user name. */
const sessionIds = /[^:/*?]/u;

/** Where a family lies. `region` null: in any. */
export interface FamilyPlace {
  partition: Partition;
  account: string;
  region: string | null;
}

const family =
  (service: string, resource: string, ids: RegExp) =>
  ({ partition, account, region }: FamilyPlace): ResourceFamily => [
    ...charactersOf(`arn:${partition}:${service}:`),
    ...(region === null ? [regions] : charactersOf(region)),
    ...charactersOf(`:${account}:${resource}`),
    ids,
  ];

export const ec2Nodes = family("ec2", "instance/i-", hexadecimal);
export const managedNodes = family("ssm", "managed-instance/mi-", hexadecimal);
export const sessions = family("ssm", "session/", sessionIds);

/** Whether one character can be both; two wildcards can. */
const agree = (token: Token, member: string | RegExp): boolean => {
  if (typeof token !== "string") return true;
  return typeof member === "string" ? token === member : member.test(token);
};

/** Whether some text is of the pattern and of the family: all pairs of places that can be reached together, each once. */
const meets = (pattern: readonly Token[], members: ResourceFamily): boolean => {
  const seen = new Set<number>();
  const open: [number, number][] = [[0, 0]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [at, place] = pair;
    const token = pattern[at];
    const member = members[place];
    if (token === undefined && member === undefined) return true;
    const key = at * (members.length + 1) + place;
    if (seen.has(key)) continue;
    seen.add(key);
    const runs = member instanceof RegExp;
    if (token === anyRun) open.push([at + 1, place]);
    if (runs) open.push([at, place + 1]);
    if (token !== undefined && member !== undefined && agree(token, member)) {
      open.push([token === anyRun ? at : at + 1, runs ? place : place + 1]);
    }
  }
  return false;
};

/** A character that no policy can hold (they are Latin-1), oftener than any pattern of `?` is long: only `*` covers it. */
const beyondPatterns = "\uE000".repeat(2100);
const anyMember = (members: ResourceFamily): string =>
  members.map((member) => (typeof member === "string" ? member : beyondPatterns)).join("");

/** Segments that are not written are `*`. */
const couldCover = (tokens: readonly Token[], members: ResourceFamily): boolean =>
  meets(tokens, members) || (splitPattern(tokens).length < 6 && meets([...tokens, ":", anyRun], members));

/** Whether a statement speaks of the family: of all (`true`), of none (`false`), or of some, which some nobody can tell (`null`). */
export const coversFamily = (
  { resources: { negated, patterns, templates } }: ParsedStatement,
  members: ResourceFamily,
  context: RequestContext,
): Truth => {
  const all = anyMember(members);
  const some = (): Truth =>
    anyOf(templates, (template) => {
      const tokens = resolve(template, context);
      if (tokens === "no value") return false;
      return tokens === "unknown" || couldCover(tokens, members) ? null : false;
    });
  const covered = patterns.some((pattern) => pattern(all, context) === true) || some();
  return negated ? not(covered) : covered;
};
