import { z } from "zod";

/** Why nobody gets a session on a node, or what else is to be known of it. Each is explained in docs/verification.md. */
const nodeProblemCodes = [
  "agent_too_old",
  "in_two_environments",
  "instance_not_running",
  "no_role",
  "not_granted",
  "not_registered",
  "offline",
  "outside_logging_role",
  "tag_key_twice",
] as const;

const nodeProblem = z.object({
  code: z.enum(nodeProblemCodes).describe("Stable name of the problem; docs/verification.md explains each."),
  message: z.string().describe("What is wrong."),
  toDo: z.string().describe("What mends it."),
});
export type NodeProblem = z.infer<typeof nodeProblem>;

/** One node that carries the environment's tag in one of its targets. */
export const environmentNode = z
  .object({
    id: z.string().describe("Its instance id: `i-…`, or `mi-…` on premises."),
    kind: z.enum(["ec2", "managed"]).describe("An EC2 instance, or a server on premises."),
    account: z.string().describe("AWS account id, 12 digits."),
    region: z.string().describe("AWS region."),
    tags: z.record(z.string(), z.string()).describe("All its tags."),
    instanceState: z.string().nullable().describe("State of the EC2 instance; null for a server on premises."),
    pingStatus: z
      .enum(["online", "connection_lost", "inactive"])
      .nullable()
      .describe("What Systems Manager says of its agent; null: it has never heard of it."),
    lastPingAt: z.string().nullable().describe("When its agent was last heard of."),
    agentVersion: z.string().nullable().describe("Version of its SSM agent."),
    role: z.string().nullable().describe("The IAM role that it works under."),
    reachable: z.boolean().describe("Whether nothing that Gatehouse sees keeps a session from it."),
    problems: z.array(nodeProblem).describe("Why nobody gets a session on it, or what else to know of it."),
  })
  .meta({ id: "EnvironmentNode", description: "A node that carries the environment's tag in one of its targets." });
export type EnvironmentNode = z.infer<typeof environmentNode>;
