/** Who can reach what, as callers ask and are told. The words are those of docs/access-evaluation.md. */
import { z } from "zod";
import { extraStatement } from "./extra-statement.ts";
import { choice, dictionary, fields, text } from "./fields.ts";
import { region } from "./regions.ts";
import { account, nodeTagKey, nodeTagValue } from "./target-fields.ts";

/** A statement that decided. */
export const accessReason = z.object({
  environment: z.string(),
  policy: z.string(),
  sid: z.string().nullable(),
  /** Place in the policy, from 0: what names a statement without Sid. */
  index: z.int(),
  effect: z.enum(["Allow", "Deny"]),
});

/** Where nodes are that one line speaks of. */
export const accessPlace = z.object({ nodeKind: z.enum(["ec2", "managed"]), account: z.string(), region: z.string() });
export type AccessPlace = z.infer<typeof accessPlace>;

const about = {
  /** Name of an environment (any of its people), or of a person. */
  principal: z.string(),
  principalKind: z.enum(["environment", "person"]),
  action: z.string(),
  /** Tags of the node: `project=Production`. */
  node: z.string(),
  /** The line holds for nodes in each of these. */
  places: z.array(accessPlace),
  /** Null: the session names none, or the action has none. */
  document: z.string().nullable(),
  /** Whose session it is; null: the action is not about one. */
  sessionOwner: z.enum(["self", "other"]).nullable(),
  /** Whose session key it is; null: the action is not about one. */
  key: z.enum(["own", "other", "foreign"]).nullable(),
};

/** `undecided`: it turns on something that nobody can tell beforehand. */
export const accessOutcome = z.enum(["allow", "deny", "undecided"]);

export const accessChange = z.object({
  ...about,
  from: accessOutcome,
  to: accessOutcome,
  because: z.array(accessReason),
});
export type AccessChange = z.infer<typeof accessChange>;

/**
 * Who gains and who loses access by an operation on an environment. `extraStatements` are the caller's own statements that
 * come and go, as they stand in the policy and in the order of their documents: most lead to no node, so no line of `changes`
 * speaks of them. Operations of before this was told leave them out.
 */
export const operationAccess = z
  .object({
    changes: z.array(accessChange),
    extraStatements: z.object({ added: z.array(extraStatement), removed: z.array(extraStatement) }).optional(),
  })
  .meta({ id: "OperationAccess" });
export type OperationAccess = z.infer<typeof operationAccess>;

/** What AWS does not document about an answer; each has a section in docs/warnings.md, which a test holds. */
export const accessWarningCodes = ["data_channel_not_granted", "document_not_granted"] as const;

/** There is no fourth: what is undecided is denied here, and says so. */
const decided = {
  decision: z.enum(["allow", "explicit_deny", "implicit_deny"]),
  because: z.array(accessReason),
  /** Whether the answer turns on something that nobody can tell beforehand; `decision` is then `implicit_deny`. */
  undecided: z.boolean(),
  problems: z.array(
    z.object({
      environment: z.string(),
      policy: z.string(),
      code: z.string(),
      pointer: z.string(),
      message: z.string(),
    }),
  ),
  warnings: z.array(z.object({ code: z.enum(accessWarningCodes), environment: z.string(), message: z.string() })),
};

/** A statement that the caller of an environment added to its inline policy, whether it leads to nodes or not. */
const standingStatement = z.object({
  /** Name of the environment whose people have it. */
  principal: z.string(),
  /** Place in the policy, from 0, as in `because`. */
  index: z.int(),
  statement: extraStatement,
});
export type StandingStatement = z.infer<typeof standingStatement>;

export const accessMatrix = z
  .object({
    rows: z.array(z.object({ ...about, ...decided })),
    extraStatements: z.array(standingStatement),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: "AccessMatrix" });
export type AccessMatrix = z.infer<typeof accessMatrix>;

export const accessCheckAnswer = z
  .object({ known: z.boolean().describe("Whether anybody knows the principal."), ...decided })
  .meta({ id: "AccessCheckAnswer" });
export type AccessCheckAnswer = z.infer<typeof accessCheckAnswer>;
export type AccessDecided = z.infer<z.ZodObject<typeof decided>>;

const environmentName = text({ allowed: "the name of an environment", max: 64, pattern: /^[a-z0-9-]+$/ });
const userName = text({ allowed: "a user name of 1 to 128 characters", max: 128, pattern: /^[^\p{Cc}]+$/u });

/** Source: Systems Manager API Reference, "CreateDocument", "DescribeDocument": a name, or an ARN for what others share. */
const documentReference = text({
  allowed:
    "the name of a document (letters, digits and _ . -), or its ARN, arn:aws:ssm:<region>:<account>:document/<name>",
  max: 256,
  pattern: /^(?:arn:aws(?:-[a-z]+)*:ssm:[a-z0-9-]+:(?:\d{12})?:document\/)?[A-Za-z0-9_.-]{1,128}$/,
});

/** Body of `POST /v1/access-checks`. */
export const accessCheck = fields({
  principal: z
    .union([fields({ environment: environmentName }), fields({ userName })], {
      error: "must be an object with environment (any of its people) or userName",
    })
    .describe("Any member of an environment, or a person with every assignment that they have."),
  action: text({
    allowed: "one action without wildcards, such as ssm:StartSession",
    max: 200,
    pattern: /^[A-Za-z0-9-]+:[A-Za-z0-9]+$/,
  }).describe("What they want to do."),
  node: fields({
    kind: choice(["ec2", "managed"]).describe("An EC2 instance, or a server on premises (`mi-`)."),
    account: account.describe("AWS account id, 12 digits."),
    region: region.describe("AWS region."),
    tags: dictionary(nodeTagKey, nodeTagValue, "an object of tag keys with their values").describe("Tags of the node."),
    id: text({ allowed: "an instance id, i-… or mi-…", max: 64, pattern: /^m?i-[0-9a-f]+$/ })
      .optional()
      .describe("Its id; left out, any node of this kind."),
  })
    .refine(({ kind, id }) => id === undefined || id.startsWith("mi-") === (kind === "managed"), {
      path: ["id"],
      error: "must be of the node's kind: i-… of ec2, mi-… of managed",
    })
    .describe("The node."),
  document: documentReference
    .nullable()
    .optional()
    .describe("The session document that is named; null: none. Left out, the environment's own."),
  sessionOwner: userName
    .nullable()
    .optional()
    .describe("User name of who started the session that is asked about; left out, the principal."),
}).meta({ id: "AccessCheck" });
export type AccessCheck = z.output<typeof accessCheck>;

/** What a matrix is asked for: null leaves the filter out. */
export interface AccessMatrixQuery {
  /** Whose people. */
  principal: string | null;
  /** Whose nodes. */
  environment: string | null;
  action: string | null;
  /** Environments on a page, when neither principal nor environment is named. */
  limit: number;
  cursor: string | null;
}
