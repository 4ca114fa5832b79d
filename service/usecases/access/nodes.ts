/** The nodes of an environment, and why one cannot be reached. */
import type { AccessReader, CloudNode } from "../../cloud/access-reader.ts";
import type { Scope } from "../../cloud/provider.ts";
import { environmentDocument, type EnvironmentSpec } from "../../domain/environment-document.ts";
import type { EnvironmentNode } from "../../domain/nodes.ts";
import type { Page } from "../../domain/operation.ts";
import { environmentStack } from "../../domain/stacks.ts";
import { isSameTag } from "../../domain/targets.ts";
import type { TaggedEnvironment } from "../../store/environment-tags.ts";
import type { Tables } from "../../store/store.ts";
import { nodeLogPolicyName } from "../../../stacks/names.ts";
import { checkAccess } from "../../../stacks/policies/evaluation/check-access.ts";
import { accessOf } from "./access-environments.ts";
import { explainingAws } from "../operations/cloud-problems.ts";
import type { Dependencies } from "../dependencies.ts";
import { keepsSessionsAway, nodeProblems } from "./node-problems.ts";
import { stackNotFound } from "../operations/not-found.ts";
import { decodeCursor, pageOf } from "../operations/pages.ts";
import type { UseCases } from "../usecases.ts";

interface NodeReading {
  accessReader: AccessReader;
  tables: Pick<Tables, "environmentTags">;
}

/** Instances that are gone stay visible for an hour: they are nobody's nodes any more. */
const exists = ({ instanceState }: CloudNode): boolean =>
  instanceState !== "terminated" && instanceState !== "shutting-down";

const carries = ({ tags }: CloudNode, pair: EnvironmentSpec["tag"]): boolean =>
  Object.entries(tags).some(([key, value]) => isSameTag({ key, value }, pair));

/**
 * Other environments that hold one of the nodes by another tag pair. Those of the same pair have said `sharedTag`, so they
 * hold it on purpose.
 */
const otherHolders = async (
  { tables }: NodeReading,
  { name, tag }: EnvironmentSpec,
  { account }: Scope,
  nodes: readonly CloudNode[],
): Promise<TaggedEnvironment[]> => {
  const pairs = new Map(
    nodes.flatMap(({ tags }) =>
      Object.entries(tags).map(([key, value]) => [JSON.stringify([key, value]), { key, value }]),
    ),
  );
  const found = await tables.environmentTags.among([...pairs.values()].filter((pair) => !isSameTag(pair, tag)));
  return found.filter((other) => other.name !== name && other.accounts.includes(account));
};

/** For each role whether the policy that lets nodes write the environment's logs is attached to it. */
const rolesThatLog = async (
  { accessReader }: NodeReading,
  { name }: EnvironmentSpec,
  scope: Scope,
  nodes: readonly CloudNode[],
): Promise<Map<string, boolean>> => {
  const roles = [...new Set(nodes.flatMap(({ role }) => (role === null ? [] : [role])))];
  const policy = `:policy/${nodeLogPolicyName(name, scope.region)}`;
  const attached = await Promise.all(roles.map((role) => accessReader.attachedPolicies(scope, role)));
  return new Map(roles.map((role, index) => [role, attached[index]?.some((arn) => arn.endsWith(policy)) ?? false]));
};

/**
 * Nodes of an environment in one of its targets, by id, each with what is wrong with it.
 *
 * @throws CloudReadError
 */
export const nodesIn = async (
  reading: NodeReading,
  spec: EnvironmentSpec,
  scope: Scope,
): Promise<EnvironmentNode[]> => {
  const nodes = (await reading.accessReader.nodesWithTag(scope, spec.tag)).filter(exists);
  const [others, logging] = await Promise.all([
    otherHolders(reading, spec, scope, nodes),
    rolesThatLog(reading, spec, scope, nodes),
  ]);
  const access = accessOf(spec);
  const ask = { environment: spec.name };
  return nodes
    .map((node) => {
      const { id, kind, account, region, tags, instanceState, agent, role } = node;
      const problems = nodeProblems(node, {
        environment: spec.name,
        tag: spec.tag,
        decision: checkAccess([access], ask, {
          action: "ssm:StartSession",
          node: { id, kind, account, region, tags },
        }).decision,
        others: others.filter((other) => carries(node, other.tag)).map((other) => other.name),
        mayLog: role === null ? null : (logging.get(role) ?? null),
      });
      return {
        id,
        kind,
        account,
        region,
        tags,
        instanceState,
        pingStatus: agent?.pingStatus ?? null,
        lastPingAt: agent?.lastPingAt ?? null,
        agentVersion: agent?.version ?? null,
        role,
        reachable: !problems.some(keepsSessionsAway),
        problems,
      };
    })
    .sort((one, other) => (one.id < other.id ? -1 : 1));
};

/** `<account>/<region>`, by which targets are ordered. */
const placeOf = ({ account, region }: Scope): string => `${account}/${region}`;

/** Reading the nodes of an environment, page by page. */
export const createNodeReads = ({ store, accessReader }: Dependencies): Pick<UseCases, "listNodes"> => ({
  async listNodes(name, { limit, cursor }): Promise<Page<EnvironmentNode>> {
    const stack = environmentStack(name);
    const row = await store.stacks.find(stack);
    if (row === null) throw stackNotFound(stack);
    const after = cursor === null ? "" : decodeCursor(cursor, /^\d{12}\/[a-z0-9-]+\/m?i-[0-9a-f]+$/);
    if (row.spec === null) return { items: [], nextCursor: null };
    const spec = environmentDocument.parse(row.spec);
    const places = spec.targets.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    const found: EnvironmentNode[] = [];
    for (const place of places) {
      // Whole places that an earlier page has shown are not read again.
      if (found.length > limit || placeOf(place) < after.split("/").slice(0, 2).join("/")) continue;
      const nodes = await explainingAws(() => nodesIn({ accessReader, tables: store }, spec, place));
      found.push(...nodes.filter((node) => `${placeOf(node)}/${node.id}` > after));
    }
    return pageOf(
      found,
      limit,
      (node) => node,
      (node) => `${placeOf(node)}/${node.id}`,
    );
  },
});
