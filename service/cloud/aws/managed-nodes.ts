/** What Systems Manager knows of nodes: their agents, and the servers on premises with their tags. */
import {
  ListTagsForResourceCommand,
  paginateDescribeInstanceInformation,
  type DescribeInstanceInformationCommandInput,
  type InstanceInformation,
} from "@aws-sdk/client-ssm";
import type { NodeAgent } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { chunksOf, inChunks } from "./in-chunks.ts";
import { tagRecord } from "./instances.ts";

/** A node that is registered with Systems Manager. */
export interface ManagedNode {
  id: string;
  agent: NodeAgent;
  /** Of default host management or of the activation; null where Systems Manager gave it none. */
  role: string | null;
}

/** InstanceInformationStringFilter takes 100 values, and a page has 50 nodes (Systems Manager API Reference). */
const valuesPerFilter = 100;
const nodesPerPage = 50;
/** Tags are told of one node at a time. */
const tagsAtOnce = 8;

const pingStatuses: Readonly<Record<string, NodeAgent["pingStatus"]>> = {
  Online: "online",
  ConnectionLost: "connection_lost",
  Inactive: "inactive",
};

const managedNode = (information: InstanceInformation): ManagedNode => {
  const { InstanceId = "", AgentVersion = "", PingStatus = "", LastPingDateTime, IamRole = "" } = information;
  return {
    id: InstanceId,
    agent: {
      version: AgentVersion,
      pingStatus: pingStatuses[PingStatus] ?? "inactive",
      lastPingAt: LastPingDateTime?.toISOString() ?? null,
    },
    // With its path in front, where the role has one.
    role: IamRole.split("/").at(-1) || null,
  };
};

const informationOf = async (
  clients: AwsClients,
  scope: Scope,
  Filters: DescribeInstanceInformationCommandInput["Filters"],
): Promise<ManagedNode[] | null> =>
  clients.ask({ action: "ssm:DescribeInstanceInformation", scope, none: ["InvalidInstanceId"] }, async () => {
    const found: ManagedNode[] = [];
    const pages = paginateDescribeInstanceInformation(
      { client: clients.ssm(scope), pageSize: nodesPerPage },
      { ...(Filters === undefined ? {} : { Filters }) },
    );
    for await (const { InstanceInformationList = [] } of pages) found.push(...InstanceInformationList.map(managedNode));
    return found;
  });

/**
 * Those of the ids that are registered. "If you specify a node ID that isn't valid or a node that you don't own, you receive
 * an error": then all nodes of the region are asked for, of which those are taken.
 */
export const describeManagedNodes = async (
  clients: AwsClients,
  scope: Scope,
  ids: readonly string[],
): Promise<ManagedNode[]> => {
  const found: ManagedNode[] = [];
  for (const Values of chunksOf(ids, valuesPerFilter)) {
    const nodes = await informationOf(clients, scope, [{ Key: "InstanceIds", Values }]);
    if (nodes !== null) found.push(...nodes);
    else {
      const all = (await informationOf(clients, scope, undefined)) ?? [];
      return all.filter(({ id }) => ids.includes(id));
    }
  }
  return found;
};

/** All servers on premises of an account and region. */
export const serversOnPremises = async (clients: AwsClients, scope: Scope): Promise<ManagedNode[]> =>
  (await informationOf(clients, scope, [{ Key: "ResourceType", Values: ["ManagedInstance"] }])) ?? [];

/** One with its tags, which Systems Manager keeps for servers on premises only. */
export type TaggedNode = ManagedNode & { tags: Record<string, string> };

/** With their tags; one that was deregistered since it was listed is left out. */
export const withTags = async (
  clients: AwsClients,
  scope: Scope,
  nodes: readonly ManagedNode[],
): Promise<TaggedNode[]> => {
  const tagged = await inChunks(nodes, tagsAtOnce, async (node): Promise<TaggedNode[]> => {
    const answer = await clients.ask({ action: "ssm:ListTagsForResource", scope, none: ["InvalidResourceId"] }, () =>
      clients.ssm(scope).send(new ListTagsForResourceCommand({ ResourceType: "ManagedInstance", ResourceId: node.id })),
    );
    return answer === null ? [] : [{ ...node, tags: tagRecord(answer.TagList) }];
  });
  return tagged.flat();
};
