import { z } from "zod";

/** Why nobody gets a session on a node, or what else is to be known of it. Each is explained in docs/verification.md. */
export const nodeProblemCodes = [
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

export const nodeProblem = z.object({
  code: z.enum(nodeProblemCodes),
  /** What is wrong. */
  message: z.string(),
  /** What mends it. */
  toDo: z.string(),
});
export type NodeProblem = z.infer<typeof nodeProblem>;

/** One node that carries the environment's tag in one of its targets. */
export const environmentNode = z
  .object({
    id: z.string(),
    kind: z.enum(["ec2", "managed"]),
    account: z.string(),
    region: z.string(),
    tags: z.record(z.string(), z.string()),
    /** State of the EC2 instance; null for a server on premises. */
    instanceState: z.string().nullable(),
    /** Null: Systems Manager has never heard of it. */
    pingStatus: z.enum(["online", "connection_lost", "inactive"]).nullable(),
    lastPingAt: z.string().nullable(),
    agentVersion: z.string().nullable(),
    role: z.string().nullable(),
    /** Whether nothing that Gatehouse sees keeps a session from it. */
    reachable: z.boolean(),
    problems: z.array(nodeProblem),
  })
  .meta({ id: "EnvironmentNode" });
export type EnvironmentNode = z.infer<typeof environmentNode>;
