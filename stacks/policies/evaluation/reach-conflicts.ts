import type { AccessNode, PreparedEnvironment, Tag } from "./access-environment.ts";
import { nodesOf } from "./access-matrix.ts";
import { accessRequests } from "./access-requests.ts";
import { evaluate, type Reason } from "./evaluate.ts";
import type { ReachAction } from "./reach-actions.ts";

/** An environment whose people would reach nodes that are not theirs. */
export interface ReachConflict {
  environment: string;
  /** Whose nodes; `null`: every node of the account, whatever its tags. */
  reaches: string | null;
  tag: Tag | null;
  account: string;
  action: string;
  /** `undecided`: whether it does depends on what a request does not tell, so it may. */
  decision: "allow" | "undecided";
  because: Reason[];
}

/** No node carries this, so a policy that reaches it reaches anything. */
const improbable = "gatehouse:no-node-has-this";

const hasAccount = ({ targets }: PreparedEnvironment, account: string): boolean =>
  targets.some((target) => target.account === account);

/** Whether the policy lets its people onto the node this way; the document is left aside, since any will do. */
const reaching = (
  environment: PreparedEnvironment,
  { action, kinds }: ReachAction,
  node: AccessNode,
): Pick<ReachConflict, "decision" | "because"> | null => {
  const { name, parsed } = environment;
  if (!kinds.includes(node.kind) || "problems" in parsed) return null;
  // With any document but none: a document check must hide no reach.
  const question = { action, node, document: improbable, sessionOwner: null, keyAliases: [], keyAccount: null };
  const principal = { environment: name, account: node.account, userName: null };
  for (const { part, request } of accessRequests(question, principal)) {
    if (part !== "node") continue;
    const { decision, because } = evaluate([parsed.policy], request);
    if (decision === "allow" || decision === "undecided") return { decision, because };
  }
  return null;
};

const onNodes = (
  environment: PreparedEnvironment,
  nodes: readonly AccessNode[],
  about: Pick<ReachConflict, "reaches" | "tag">,
): ReachConflict[] =>
  environment.reach
    .filter(({ scope }) => scope === "node")
    .flatMap((way) => {
      for (const node of nodes) {
        const found = hasAccount(environment, node.account) ? reaching(environment, way, node) : null;
        if (found !== null) {
          return [{ environment: environment.name, ...about, account: node.account, action: way.action, ...found }];
        }
      }
      return [];
    });

/** Nodes without the environment's tag, in every region of its accounts that it names. */
const strangers = ({ tag, targets }: PreparedEnvironment): AccessNode[] =>
  [{}, { [tag.key]: improbable }].flatMap((tags) => nodesOf({ tag, targets }).map((node) => ({ ...node, tags })));

const throughAccount = ({ name, targets, reach }: PreparedEnvironment): ReachConflict[] =>
  [...new Set(targets.map(({ account }) => account))].flatMap((account) =>
    reach
      .filter(({ scope }) => scope === "account")
      .map(({ action }) => ({
        environment: name,
        reaches: null,
        tag: null,
        account,
        action,
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
  sharesOnPurpose(from, to) ? [] : onNodes(from, nodesOf(to), { reaches: to.name, tag: to.tag });

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
  ...onNodes(changed, strangers(changed), { reaches: null, tag: null }),
  ...others.flatMap((other) => [...between(changed, other), ...between(other, changed)]),
];
