import { z } from "zod";
import { fields, list } from "./fields.ts";

/** What a verification looks at, in this order. Each is explained in docs/verification.md. */
const verificationStepNames = [
  "permission_set",
  "inline_policy",
  "assignments",
  "members",
  "nodes",
  "session_preferences",
  "session_logs",
] as const;
export type VerificationStepName = (typeof verificationStepNames)[number];

const verificationOutcomes = ["passed", "failed", "not_yet_possible"] as const;
export type VerificationOutcome = (typeof verificationOutcomes)[number];

const verificationFinding = z.object({
  outcome: z
    .enum(["failed", "not_yet_possible"])
    .describe("`failed`: it is not as it was approved. `not_yet_possible`: nobody can tell yet."),
  subject: z.string().describe("What it is about: a user name, a node's id, a document's name, an account."),
  message: z.string().describe("What was found."),
  toDo: z.string().describe("What mends it."),
});
export type VerificationFinding = z.infer<typeof verificationFinding>;

export const verificationStep = z.object({
  name: z.enum(verificationStepNames).describe("What was looked at; docs/verification.md explains each."),
  outcome: z.enum(verificationOutcomes).describe("The worst of its findings."),
  message: z.string().describe("What was looked at, in a sentence."),
  findings: z.array(verificationFinding).describe("The first hundred; `message` says how many there are."),
});
export type VerificationStep = z.infer<typeof verificationStep>;

/** What a verification found: the worst of its steps is its outcome. */
export const verification = z
  .object({
    outcome: z.enum(verificationOutcomes).describe("The worst of its steps."),
    revision: z.int().describe("Revision of the environment that was verified."),
    steps: z.array(verificationStep).describe("What was looked at, in this order."),
  })
  .meta({ id: "Verification", description: "Whether the account is what was approved." });
export type Verification = z.infer<typeof verification>;

const nodeId = z.string().regex(/^m?i-[0-9a-f]{8,32}$/, "must be the id of a node, such as i-0123456789abcdef0");

/** Body of `POST /v1/environments/{name}/verifications`, which may be left out. */
export const verificationRequest = fields({
  forgetNodes: list(nodeId, "ids of nodes", 200)
    .default([])
    .describe("Nodes that lost the environment's tag on purpose: they are not asked after any more."),
}).meta({ id: "VerificationRequest" });

export type VerificationRequest = z.output<typeof verificationRequest>;

/** The worst of them; `passed` where there is nothing to say. */
export const worstOutcome = (outcomes: readonly VerificationOutcome[]): VerificationOutcome =>
  outcomes.includes("failed") ? "failed" : outcomes.includes("not_yet_possible") ? "not_yet_possible" : "passed";
