/** Who can reach what, as callers ask and are told. The words are those of docs/access-evaluation.md. */
import { z } from "zod";
import { extraStatement } from "./extra-statement.ts";
import { choice, dictionary, fields, text } from "./fields.ts";
import { region } from "./regions.ts";
import { account, nodeTagKey, nodeTagValue } from "./target-fields.ts";

/** A statement that decided. */
const accessReason = z.object({
  environment: z.string().describe("Environment whose policy it stands in."),
  policy: z.string().describe("Which of its policies: `inline`."),
  sid: z.string().nullable().describe("Its Sid; null: it has none."),
  index: z.int().describe("Place in the policy, from 0: what names a statement without Sid."),
  effect: z.enum(["Allow", "Deny"]).describe("What it says."),
});

/** Where nodes are that one line speaks of. */
const accessPlace = z.object({
  nodeKind: z.enum(["ec2", "managed"]).describe("EC2 instances, or servers on premises (`mi-`)."),
  account: z.string().describe("AWS account id, 12 digits."),
  region: z.string().describe("AWS region."),
});
export type AccessPlace = z.infer<typeof accessPlace>;

const about = {
  principal: z.string().describe("Name of an environment (any of its people), or of a person."),
  principalKind: z.enum(["environment", "person"]).describe("Which of the two."),
  action: z.string().describe("What is done, such as `ssm:StartSession`."),
  node: z.string().describe("Tags of the node: `project=Production`."),
  places: z.array(accessPlace).describe("The line holds for nodes in each of these."),
  document: z.string().nullable().describe("The session document; null: none is named, or the action has none."),
  sessionOwner: z
    .enum(["self", "other"])
    .nullable()
    .describe("Whose session it is; null: the action is not about one."),
  key: z
    .enum(["own", "other", "foreign"])
    .nullable()
    .describe("Whose session key it is; null: the action is not about one."),
};

/** `undecided`: it turns on something that nobody can tell beforehand. */
const accessOutcome = z.enum(["allow", "deny", "undecided"]);

const accessChange = z.object({
  ...about,
  from: accessOutcome.describe("Before; `undecided` turns on something that nobody can tell beforehand."),
  to: accessOutcome.describe("After."),
  because: z.array(accessReason).describe("The statements that decide what is after; none: no statement allows it."),
});
export type AccessChange = z.infer<typeof accessChange>;

/**
 * Who gains and who loses access by an operation on an environment. `extraStatements` are the caller's own statements that
 * come and go, as they stand in the policy and in the order of their documents: most lead to no node, so no line of `changes`
 * speaks of them. Operations of before this was told leave them out.
 */
export const operationAccess = z
  .object({
    changes: z.array(accessChange).describe("Each thing that becomes possible or impossible for somebody."),
    extraStatements: z
      .object({
        added: z.array(extraStatement).describe("Statements that come."),
        removed: z.array(extraStatement).describe("Statements that go."),
      })
      .optional()
      .describe("The caller's own statements that come and go, whether they lead to nodes or not."),
  })
  .meta({ id: "OperationAccess", description: "Who gains and who loses access." });
export type OperationAccess = z.infer<typeof operationAccess>;

/** What AWS does not document about an answer; each has a section in docs/warnings.md, which a test holds. */
export const accessWarningCodes = ["data_channel_not_granted", "document_not_granted"] as const;

/** There is no fourth: what is undecided is denied here, and says so. */
const decided = {
  decision: z
    .enum(["allow", "explicit_deny", "implicit_deny"])
    .describe("`implicit_deny`: no statement allows it; `explicit_deny`: one denies it."),
  because: z.array(accessReason).describe("The statements that decide."),
  undecided: z
    .boolean()
    .describe(
      "Whether the answer turns on something that nobody can tell beforehand; `decision` is then `implicit_deny`.",
    ),
  problems: z
    .array(
      z.object({
        environment: z.string().describe("Environment whose policy it stands in."),
        policy: z.string().describe("Which of its policies."),
        code: z.string().describe("Stable name of the problem."),
        pointer: z.string().describe("Place in the policy, as a JSON Pointer."),
        message: z.string().describe("What is not known of it."),
      }),
    )
    .describe("What in a policy could not be evaluated; it allows nothing."),
  warnings: z
    .array(
      z.object({
        code: z.enum(accessWarningCodes).describe("Stable name; docs/warnings.md explains each."),
        environment: z.string().describe("The environment it is about."),
        message: z.string().describe("What AWS does not document about this answer."),
      }),
    )
    .describe("What to know beside the answer."),
};

/** A statement that the caller of an environment added to its inline policy, whether it leads to nodes or not. */
const standingStatement = z.object({
  principal: z.string().describe("Name of the environment whose people have it."),
  index: z.int().describe("Place in the policy, from 0, as in `because`."),
  statement: extraStatement.describe("The statement, as it was asked for."),
});
export type StandingStatement = z.infer<typeof standingStatement>;

export const accessMatrix = z
  .object({
    rows: z.array(z.object({ ...about, ...decided })).describe("Who can do what on which nodes."),
    extraStatements: z
      .array(standingStatement)
      .describe("Statements that callers added, whether they lead to nodes or not."),
    nextCursor: z.string().nullable().describe("`cursor` of the next page; null on the last."),
  })
  .meta({ id: "AccessMatrix", description: "Who can reach what, by the policies that were applied." });
export type AccessMatrix = z.infer<typeof accessMatrix>;

export const accessCheckAnswer = z
  .object({ known: z.boolean().describe("Whether anybody knows the principal."), ...decided })
  .meta({ id: "AccessCheckAnswer", description: "Whether it is allowed, and what decides." });
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
    .union(
      [
        fields({ environment: environmentName.describe("Name of an environment.") }),
        fields({ userName: userName.describe("User name of a person.") }),
      ],
      {
        error: "must be an object with environment (any of its people) or userName",
      },
    )
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
}).meta({ id: "AccessCheck", description: "Who, what, and on which node." });
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
