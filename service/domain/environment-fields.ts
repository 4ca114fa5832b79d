import { z } from "zod";
import { duration } from "./durations.ts";
import { extraStatement } from "./extra-statement.ts";
import { choice, fields, flag, freeText, list, text, wholeNumber } from "./fields.ts";
import {
  groupDescription,
  groupName,
  member,
  permissionSetDescription,
  permissionSetName,
  permissionSetTags,
  relayState,
  sessionDuration,
} from "./identity-fields.ts";
import { keyPrefix, retentionDays } from "./logging-fields.ts";
import { guardKey, guardValue, target } from "./target-fields.ts";

/**
 * The environment document, field by field, before the defaults that come from other fields are filled in. How many
 * targets, people and statements one document may hold is our own choice: what one person can still review.
 */

/** Name of an environment, for ever: it is in the names of what AWS holds. */
export const environmentName = text({
  allowed:
    "a name of 2 to 40 lower-case letters, digits and hyphens that starts with a letter and does not end with a hyphen",
  min: 2,
  max: 40,
  pattern: /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/,
});

/** Name of the team that an environment belongs to, as API keys name it. */
const teamName = text({
  allowed: "a team name of 1 to 64 letters, digits and . _ - that starts with a letter or digit",
  max: 64,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
});

const sessionDocumentKinds = ["shell", "port-forwarding", "ssh"] as const;

/** What an environment can take over; a bucket or the default session preferences are the foundation's. */
const environmentAdoptions = ["group", "users", "permission-set", "log-group"] as const;

const tag = fields({
  key: guardKey.describe("Tag key, such as project. IAM compares tag keys without case."),
  value: guardValue.describe("Tag value, such as Production. IAM compares tag values with case."),
});

const group = fields({
  name: groupName
    .optional()
    .describe("Group in IAM Identity Center. Default: from the name, production gives ProductionAccess."),
  description: groupDescription.optional().describe("Description of the group. Default: from the name."),
  source: choice(["identity-center", "external"])
    .default("identity-center")
    .describe("external: an identity provider manages the group and its members."),
  members: list(member, "members", 500).default([]).describe("People who may reach the nodes."),
});

const permissionSet = fields({
  name: permissionSetName
    .optional()
    .describe("Permission set. Default: from the name, production gives ProductionPermissionSet."),
  description: permissionSetDescription.optional().describe("Description. Default: from the tag."),
  sessionDuration: sessionDuration.default("PT1H").describe("How long a console session lasts, PT1H to PT12H."),
  relayState: relayState.nullable().default(null).describe("Where the console opens after sign-in."),
  tags: permissionSetTags.optional().describe("Tags of the permission set. Default: Name with the group's name."),
});

const logging = fields({
  cloudWatch: fields({
    retentionDays: retentionDays.default(365).describe("Days that CloudWatch Logs keeps session logs."),
  })
    .prefault({})
    .describe("The environment's own log group."),
  s3: fields({
    keyPrefix: keyPrefix.optional().describe("Key prefix in the foundation's bucket. Default: the name and a slash."),
  })
    .prefault({})
    .describe("The log archive."),
});

/** Whether the charges of hybrid nodes are accepted; there is no other answer than yes. */
const acknowledgeCharges = z
  .literal(true, { error: "must be true: Session Manager on on-premises nodes is charged by use" })
  .describe("Must be true: Session Manager on on-premises nodes is charged by use.");

const onPremises = fields({
  target: target.optional().describe("Account and region of the activation, one of targets. Default: the only target."),
  acknowledgeCharges,
  tier: choice(["standard", "advanced"])
    .nullable()
    .default(null)
    .describe("Instance tier, which AWS retired on 2026-06-30; advanced needs a foundation that says so."),
  registrationLimit: wholeNumber(1, 1000, "servers")
    .default(10)
    .describe("How many servers may register with the activation."),
  expiresIn: duration("PT1H", "P30D")
    .default("P14D")
    .describe("How long servers may register, PT1H to P30D; an instant is made of it once, with the activation."),
});

/** The document as a caller writes it. */
export const environmentFields = fields({
  name: environmentName.describe("Name of the environment, for ever."),
  team: teamName.default("default").describe("Team that the environment belongs to."),
  description: freeText(1000).default("").describe("What the environment is for."),
  tag: tag.describe("Nodes that carry this tag belong to the environment."),
  group: group.prefault({}).describe("Who may reach the nodes."),
  permissionSet: permissionSet.prefault({}).describe("What signed-in people may do."),
  policyProfile: choice(["hardened", "whitepaper"])
    .default("hardened")
    .describe("Inline policy: hardened, or whitepaper as in the AWS guide."),
  sessionDocuments: list(choice(sessionDocumentKinds), "session documents", 3, 1)
    .default(["shell"])
    .describe("What kinds of session people may start."),
  targets: list(target, "targets", 100, 1).describe("Accounts and regions whose nodes may be reached; one partition."),
  logging: logging.prefault({}).describe("Where sessions are logged."),
  onPremises: onPremises.nullable().default(null).describe("An activation with which on-premises servers register."),
  adopt: list(choice(environmentAdoptions), "kinds of things to take over", 4)
    .default([])
    .describe("What exists in the account already and shall be taken over."),
  adoptChanges: list(choice(environmentAdoptions), "kinds of things to take over and change", 4)
    .default([])
    .describe("Of what adopt lists: what may be changed to what the document says."),
  protected: flag().default(false).describe("Whether an up needs a valid MFA attestation."),
  sharedTag: flag().default(false).describe("Whether another environment may use the same tag."),
  extraStatements: list(extraStatement, "statements", 50)
    .default([])
    .describe("Statements added to the inline policy."),
});

/** A document that was accepted, before the remaining defaults. */
export type GivenEnvironment = z.output<typeof environmentFields>;
