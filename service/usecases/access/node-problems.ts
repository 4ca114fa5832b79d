/** Why nobody gets a session on a node. Pure; where the reasons come from is in docs/verification.md. */
import type { CloudNode } from "../../cloud/access-reader.ts";
import type { NodeProblem } from "../../domain/nodes.ts";

/** The agent that Gatehouse takes for one that serves: from it on, sessions go over ssmmessages alone. */
const leastAgentVersion = "3.3.40.0";

/** What a node is held against. */
export interface NodeExpectations {
  /** Name of the environment, and its tag pair. */
  environment: string;
  tag: { key: string; value: string };
  /** What the evaluator says of a session on it: `allow`, or anything else. */
  decision: string;
  /** Other environments whose tag pair it carries. */
  others: string[];
  /** Whether its role may write the environment's logs; null where that is not known. */
  mayLog: boolean | null;
}

/** Whether a dotted version is older than another: by numbers, a missing one counts as 0. */
export const isOlder = (version: string, least: string): boolean => {
  const numbers = (text: string): number[] => text.split(".").map(Number);
  const [given, wanted] = [numbers(version), numbers(least)];
  const differs = wanted.findIndex((part, index) => (given[index] ?? 0) !== part);
  return differs !== -1 && (given[differs] ?? 0) < (wanted[differs] ?? 0);
};

const keysOf = ({ tags }: CloudNode, key: string): string[] =>
  Object.keys(tags).filter((candidate) => candidate.toLowerCase() === key.toLowerCase());

/** The AWS guide's own list, "If you don't see your EC2 instances". */
const endpointsAndRestart =
  "See that SSM Agent is installed and running, that the server reaches the Systems Manager endpoints (the Internet or VPC endpoints for ssm, ssmmessages and ec2messages), and restart it.";

type Check = (node: CloudNode, expected: NodeExpectations) => Omit<NodeProblem, "code"> | null;

const runs = ({ instanceState }: CloudNode): boolean => instanceState === null || instanceState === "running";

/** In the order in which they are told. A stopped instance is only stopped: nothing else can be said of it. */
const checks: readonly [NodeProblem["code"], Check][] = [
  [
    "instance_not_running",
    (node) =>
      runs(node)
        ? null
        : {
            message: `The instance is ${node.instanceState ?? "unknown"}.`,
            toDo: "Start it: aws ec2 start-instances.",
          },
  ],
  [
    "no_role",
    (node) =>
      runs(node) && node.agent === null && node.role === null
        ? {
            message: "It has no IAM role, so its agent cannot register with Systems Manager.",
            toDo: "Let Quick Setup host management attach its instance profile (the foundation's hostManagement), or attach one with AmazonSSMManagedInstanceCore.",
          }
        : null,
  ],
  [
    "not_registered",
    (node) =>
      runs(node) && node.agent === null && node.role !== null
        ? { message: "Systems Manager has never heard of its agent.", toDo: endpointsAndRestart }
        : null,
  ],
  [
    "offline",
    (node) =>
      runs(node) && node.agent !== null && node.agent.pingStatus !== "online"
        ? {
            message: `Its agent is ${node.agent.pingStatus === "inactive" ? "inactive" : "out of contact"}${node.agent.lastPingAt === null ? "" : ` since ${node.agent.lastPingAt}`}.`,
            toDo: endpointsAndRestart,
          }
        : null,
  ],
  [
    "agent_too_old",
    ({ agent }) =>
      agent !== null && isOlder(agent.version, leastAgentVersion)
        ? {
            message: `Its agent is ${agent.version}; one that serves is ${leastAgentVersion} or newer.`,
            toDo: "Update it: Run Command AWS-UpdateSSMAgent, or the foundation's host management, which updates agents every two weeks.",
          }
        : null,
  ],
  [
    "tag_key_twice",
    (node, { tag }) => {
      const keys = keysOf(node, tag.key);
      return keys.length > 1
        ? {
            message: `It carries ${keys.join(" and ")}, which are one key to IAM: with two values nobody can tell whether it is the environment's.`,
            toDo: `Remove all but ${tag.key}.`,
          }
        : null;
    },
  ],
  [
    "not_granted",
    (node, { decision, environment, tag }) =>
      decision === "allow" || keysOf(node, tag.key).length > 1
        ? null
        : {
            message: `The policy of ${environment} does not let its people onto this node.`,
            toDo:
              node.kind === "managed"
                ? "Give the environment onPremises: without it the policy covers EC2 instances only."
                : "Ask POST /v1/access-checks which statement decides.",
          },
  ],
  [
    "in_two_environments",
    (_node, { others }) =>
      others.length === 0
        ? null
        : {
            message: `It carries the tags of ${others.join(", ")} too, whose people reach it as well.`,
            toDo: "Remove one of the tags, unless both environments shall hold it.",
          },
  ],
  [
    "outside_logging_role",
    ({ role }, { mayLog, environment }) =>
      mayLog === false
        ? {
            message: `Its role ${role ?? ""} may not write the logs of ${environment}: sessions are refused, or leave no record.`,
            toDo: `Give the server the role that the foundation manages, or attach the policy GatehouseSessionLogs-${environment}-<region> to ${role ?? "its role"}.`,
          }
        : null,
  ],
];

/** All that is wrong with a node, and what mends each. */
export const nodeProblems = (node: CloudNode, expected: NodeExpectations): NodeProblem[] =>
  checks.flatMap(([code, check]) => {
    const problem = check(node, expected);
    return problem === null ? [] : [{ code, ...problem }];
  });

/** Two environments may hold a node on purpose; all else keeps sessions away. */
export const keepsSessionsAway = ({ code }: NodeProblem): boolean => code !== "in_two_environments";
