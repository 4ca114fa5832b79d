import { partitionOf } from "../partition.ts";
import type { PreparedEnvironment, Tag } from "./access-environment.ts";
import type { Reason } from "./evaluate.ts";
import { principalContext } from "./principal-context.ts";
import type { ReachAction } from "./reach-actions.ts";
import { type FamilyReach, reachOfFamily } from "./reach-of-family.ts";
import { ec2Nodes, type FamilyPlace, managedNodes, type ResourceFamily, sessions } from "./resource-family.ts";

/** An environment whose people would reach nodes that are not theirs. */
export interface ReachConflict {
  environment: string;
  /** Whose nodes; `null`: not of one environment: nodes without the own tag, whatever else they carry, or sessions of others. */
  reaches: string | null;
  tag: Tag | null;
  account: string;
  action: string;
  /** What the way leads by: a node, somebody's session, or something that no tag guards. */
  scope: ReachAction["scope"];
  /** `undecided`: whether it does depends on what a request does not tell, so it may. */
  decision: "allow" | "undecided";
  because: Reason[];
}

/** No node carries this, and no session is of its owner, so a policy that reaches it reaches anything. */
const improbable = "gatehouse:no-node-has-this";

const hasAccount = ({ targets }: PreparedEnvironment, account: string): boolean =>
  targets.some((target) => target.account === account);

const accountsOf = ({ targets }: PreparedEnvironment): string[] => [...new Set(targets.map(({ account }) => account))];

const familiesOf = ({ scope, kinds }: ReachAction): ((place: FamilyPlace) => ResourceFamily)[] =>
  scope === "session" ? [sessions] : kinds.map((kind) => nodesOfKind[kind]);
const nodesOfKind = { ec2: ec2Nodes, managed: managedNodes } as const;

const tagPrefixes = ["aws:ResourceTag", "ec2:ResourceTag", "ssm:resourceTag"];
const tagKeys = (key: string): string[] => tagPrefixes.map((prefix) => `${prefix}/${key}`.toLowerCase());

/** Which nodes: in a region (`null`: in any), with these tags, and without the environment's own unless it is among them. */
interface Nodes {
  account: string;
  region: string | null;
  tags: readonly Tag[];
}

/** Whether the policy lets its people onto any of the nodes this way; the document is left aside, since any will do. */
const reaching = (environment: PreparedEnvironment, way: ReachAction, nodes: Nodes): FamilyReach | null => {
  const { name, parsed, tag, targets } = environment;
  if ("problems" in parsed) return null;
  const { account, region, tags } = nodes;
  const principal = { environment: name, account, userName: way.scope === "session" ? "member" : null };
  const { "aws:RequestedRegion": _, ...anywhere } = principalContext(principal, "");
  const values = {
    ...anywhere,
    "aws:ResourceAccount": account,
    "ssm:resourceTag/aws:ssmmessages:session-id": improbable,
    ...(region === null ? {} : { "aws:RequestedRegion": region }),
    ...Object.fromEntries(tags.flatMap(({ key, value }) => tagKeys(key).map((tagKey) => [tagKey, value]))),
  };
  const partitions = new Set(targets.map((target) => partitionOf(target.region)));
  const families = familiesOf(way).flatMap((family) =>
    [...partitions].map((partition) => family({ partition, account, region })),
  );
  const absent = tagKeys(tag.key);
  for (const members of families) {
    const found = reachOfFamily(parsed.policy, way.action, members, { values, absent });
    if (found === null) continue;
    // Whether a document is named is up to whoever asks: what holds for a session that names one is certain.
    const naming = { ...values, "ssm:SessionDocumentAccessCheck": "true" };
    return reachOfFamily(parsed.policy, way.action, members, { values: naming, absent }) ?? found;
  }
  return null;
};

const onNodes = (
  environment: PreparedEnvironment,
  ways: readonly ReachAction[],
  nodes: readonly Nodes[],
  about: Pick<ReachConflict, "reaches" | "tag">,
): ReachConflict[] =>
  ways.flatMap((way) => {
    for (const some of nodes) {
      const found = hasAccount(environment, some.account) ? reaching(environment, way, some) : null;
      if (found !== null) {
        return [
          {
            environment: environment.name,
            ...about,
            account: some.account,
            action: way.action,
            scope: way.scope,
            ...found,
          },
        ];
      }
    }
    return [];
  });

const waysOn = ({ reach }: PreparedEnvironment, ...scopes: ReachAction["scope"][]): ReachAction[] =>
  reach.filter(({ scope }) => scopes.includes(scope));

/** Nodes without the environment's tag, whatever else they carry, and sessions of others, in any region of its accounts. */
const onStrangers = (environment: PreparedEnvironment): ReachConflict[] => {
  const nodes = accountsOf(environment).flatMap((account) =>
    [[], [{ key: environment.tag.key, value: improbable }]].map((tags) => ({ account, region: null, tags })),
  );
  return onNodes(environment, waysOn(environment, "node", "session"), nodes, { reaches: null, tag: null });
};

const throughAccount = (environment: PreparedEnvironment): ReachConflict[] =>
  accountsOf(environment).flatMap((account) =>
    waysOn(environment, "account").map(({ action, scope }) => ({
      environment: environment.name,
      reaches: null,
      tag: null,
      account,
      action,
      scope,
      decision: "allow",
      because: [],
    })),
  );

/** Tags of IAM: keys without case, values with. */
const isSameTag = (left: Tag, right: Tag): boolean =>
  left.key.toLowerCase() === right.key.toLowerCase() && left.value === right.value;

const sharesOnPurpose = (left: PreparedEnvironment, right: PreparedEnvironment): boolean =>
  left.sharedTag && right.sharedTag && isSameTag(left.tag, right.tag);

const between = (from: PreparedEnvironment, to: PreparedEnvironment): ReachConflict[] =>
  sharesOnPurpose(from, to)
    ? []
    : onNodes(
        from,
        waysOn(from, "node"),
        to.targets.map((target) => ({ ...target, tags: [to.tag] })),
        { reaches: to.name, tag: to.tag },
      );

/**
 * What stands against applying an environment: its people would reach another's nodes, others' people would reach its nodes, or
 * a wildcard (in tags, or a way in that no tag guards) reaches every node. `others` are the environments as applied, the one
 * that changes left out. Only those that share an account can meet: a role reaches nodes of its own account alone.
 */
export const reachConflicts = (
  changed: PreparedEnvironment,
  others: readonly PreparedEnvironment[],
): ReachConflict[] => [
  ...throughAccount(changed),
  ...onStrangers(changed),
  ...others.flatMap((other) => [...between(changed, other), ...between(other, changed)]),
];
