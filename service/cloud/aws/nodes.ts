/** Nodes by tag or id: EC2 instances and servers on premises, as one list. */
import type { CloudNode } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { describeInstances, instancesWithTag, rolesOfProfiles } from "./instances.ts";
import {
  describeManagedNodes,
  serversOnPremises,
  withTags,
  type ManagedNode,
  type TaggedNode,
} from "./managed-nodes.ts";

const isManaged = (id: string): boolean => id.startsWith("mi-");

/**
 * Instances of these ids with what Systems Manager knows of their agents. The role that it tells comes first: where it gave
 * one (default host management), the agent works with that, also beside a profile that grants it nothing.
 */
const ec2Nodes = async (clients: AwsClients, scope: Scope, ids: readonly string[]): Promise<CloudNode[]> => {
  const instances = await describeInstances(clients, scope, ids);
  const managed = await describeManagedNodes(
    clients,
    scope,
    instances.map(({ id }) => id),
  );
  const byId = new Map<string, ManagedNode>(managed.map((node) => [node.id, node]));
  const profileOf = ({ id, profileArn }: { id: string; profileArn: string | null }): string[] =>
    profileArn === null || (byId.get(id)?.role ?? null) !== null ? [] : [profileArn];
  const roles = await rolesOfProfiles(clients, scope, instances.flatMap(profileOf));
  return instances.map(({ id, tags, state, profileArn }) => {
    const known = byId.get(id);
    return {
      ...scopeOf(scope),
      id,
      kind: "ec2" as const,
      tags,
      instanceState: state,
      agent: known?.agent ?? null,
      role: known?.role ?? (profileArn === null ? null : (roles.get(profileArn) ?? null)),
    };
  });
};

/** What is passed may be more than a scope. */
const scopeOf = ({ account, region }: Scope): Scope => ({ account, region });

const onPremisesNode = (scope: Scope, { id, tags, agent, role }: TaggedNode): CloudNode => ({
  ...scopeOf(scope),
  id,
  kind: "managed",
  tags,
  instanceState: null,
  agent,
  role,
});

const inOrder = (nodes: CloudNode[]): CloudNode[] => nodes.toSorted((one, other) => (one.id < other.id ? -1 : 1));

/** Nodes that carry the value under the key in any case, by id. */
export const nodesWithTagOnAws = async (
  clients: AwsClients,
  scope: Scope,
  tag: { key: string; value: string },
): Promise<CloudNode[]> => {
  const key = tag.key.toLowerCase();
  const carries = ({ tags }: TaggedNode): boolean =>
    Object.entries(tags).some(([name, value]) => name.toLowerCase() === key && value === tag.value);
  const [instances, servers] = await Promise.all([
    instancesWithTag(clients, scope, tag).then((ids) => ec2Nodes(clients, scope, ids)),
    serversOnPremises(clients, scope).then((nodes) => withTags(clients, scope, nodes)),
  ]);
  return inOrder([...instances, ...servers.filter(carries).map((node) => onPremisesNode(scope, node))]);
};

/** Those of the ids that exist, by id. */
export const nodesByIdOnAws = async (
  clients: AwsClients,
  scope: Scope,
  ids: readonly string[],
): Promise<CloudNode[]> => {
  const [instances, servers] = await Promise.all([
    ec2Nodes(
      clients,
      scope,
      ids.filter((id) => !isManaged(id)),
    ),
    describeManagedNodes(clients, scope, ids.filter(isManaged)).then((nodes) => withTags(clients, scope, nodes)),
  ]);
  return inOrder([...instances, ...servers.map((node) => onPremisesNode(scope, node))]);
};
