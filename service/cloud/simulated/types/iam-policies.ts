/** IAM policies: managed ones, inline ones of roles, and what is attached to which role. */
import { iamUniqueId } from "../identifiers.ts";
import { atMostNonWhitespace, latin1, policy as policyRule } from "../policy-document.ts";
import { allTags, mustBeFree, mustExist, noPrefix, noPrefixComputed, text } from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { all, arn, tags, textOf } from "../rules.ts";
import {
  attachmentToken,
  iamArn,
  iamName,
  iamPages,
  iamPath,
  rolePolicyToken,
  roleToken,
  sameName,
} from "./iam-roles.ts";

export const policyToken = "aws:iam/policy:Policy";

/**
 * Policies that AWS maintains and that nodes, Quick Setup and auditors are given
 * (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html). Any other name is taken for a typing
 * error, as AWS would.
 */
const awsManagedPolicies = new Set([
  "AdministratorAccess",
  "AmazonEC2RoleforSSM",
  "AmazonS3ReadOnlyAccess",
  "AmazonSSMDirectoryServiceAccess",
  "AmazonSSMFullAccess",
  "AmazonSSMManagedEC2InstanceDefaultPolicy",
  "AmazonSSMManagedInstanceCore",
  "AmazonSSMPatchAssociation",
  "AmazonSSMReadOnlyAccess",
  "AWSQuickSetupDeploymentRolePolicy",
  "AWSQuickSetupPatchPolicyBaselineAccess",
  "AWSQuickSetupSSMHostMgmtPermissionsBoundary",
  "CloudWatchAgentAdminPolicy",
  "CloudWatchAgentServerPolicy",
  "PowerUserAccess",
  "ReadOnlyAccess",
  "SecurityAudit",
  "ViewOnlyAccess",
  "aws-service-role/AmazonSSMServiceRolePolicy",
  "job-function/ViewOnlyAccess",
  "service-role/AmazonEC2RoleforSSM",
  "service-role/AmazonSSMAutomationRole",
  "service-role/AmazonSSMMaintenanceWindowRole",
]);

const existingRole = (call: Call): Condition => {
  const name = text(call.inputs, "role");
  return mustExist({ type: roleToken, id: name }, "NoSuchEntity", `The role with name ${name} cannot be found.`);
};

export const policy: ResourceType = {
  token: policyToken,
  scope: "global",
  source: `${iamPages}/iam_policy`,
  invalid: "ValidationError",
  properties: {
    name: { replaces: true, computed: true, rule: iamName(128) },
    path: { default: "/", replaces: true, rule: iamPath },
    // IAM has no call that changes a policy's description.
    description: { replaces: true, rule: textOf(0, 1000) },
    policy: { required: true, compare: "policy", rule: all(latin1, atMostNonWhitespace(6144), policyRule("identity")) },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the policy",
    policyId: "`ANPA…`",
    attachmentCount: "0: not kept up, so that attaching it elsewhere is no drift",
    ...noPrefixComputed,
    tagsAll: "the tags",
  },
  named: "name",
  outputs: (call) => ({
    arn: iamArn(call, "policy", text(call.inputs, "name")),
    policyId: iamUniqueId("ANPA", call.hex(17)),
    attachmentCount: 0,
    ...noPrefix,
    ...allTags(call),
  }),
  updated: allTags,
  id: (outputs) => text(outputs, "arn"),
  conditions: (call) => {
    if (call.verb === "delete") {
      return [
        mustBeFree(
          { type: attachmentToken, where: { policyArn: call.old?.id ?? "" } },
          "DeleteConflict",
          "Cannot delete a policy attached to entities.",
        ),
      ];
    }
    const name = text(call.inputs, "name");
    return [
      {
        lookup: { type: policyToken },
        refuse: (rows) =>
          sameName(rows, name, call.old)
            ? {
                code: "EntityAlreadyExists",
                message: `A policy called ${name} already exists. Duplicate names are not allowed.`,
              }
            : null,
      },
    ];
  },
};

export const rolePolicy: ResourceType = {
  token: rolePolicyToken,
  scope: "global",
  source: `${iamPages}/iam_role_policy`,
  invalid: "ValidationError",
  properties: {
    name: { replaces: true, computed: true, rule: iamName(128) },
    role: { required: true, replaces: true, rule: iamName(64) },
    policy: {
      required: true,
      compare: "policy",
      rule: all(latin1, atMostNonWhitespace(10_240), policyRule("identity")),
    },
  },
  computed: noPrefixComputed,
  named: "name",
  outputs: () => noPrefix,
  id: (outputs) => `${text(outputs, "role")}:${text(outputs, "name")}`,
  // PutRolePolicy writes over what has the name.
  upsert: true,
  conditions: (call) => (call.verb === "delete" ? [] : [existingRole(call)]),
};

/** A managed policy of AWS, by name; anything else must be in the account. */
const existingPolicy = (call: Call): Condition => {
  const policyArn = text(call.inputs, "policyArn");
  const message = `Policy ${policyArn} does not exist or is not attachable.`;
  const byAws = /^arn:aws[a-z-]*:iam::aws:policy\/(.+)$/.exec(policyArn)?.[1];
  if (byAws === undefined) return mustExist({ type: policyToken, id: policyArn }, "NoSuchEntity", message);
  const known = awsManagedPolicies.has(byAws) && policyArn.startsWith(`arn:${call.partition}:`);
  return { lookup: null, refuse: () => (known ? null : { code: "NoSuchEntity", message }) };
};

/** IAM's quota of managed policies a role ("IAM and AWS STS quotas": 10 by default). */
const policiesPerRole = 10;

export const rolePolicyAttachment: ResourceType = {
  token: attachmentToken,
  scope: "global",
  source: `${iamPages}/iam_role_policy_attachment`,
  invalid: "ValidationError",
  properties: {
    role: { required: true, replaces: true, rule: iamName(64) },
    policyArn: { required: true, replaces: true, rule: arn("iam") },
  },
  computed: {},
  outputs: () => ({}),
  id: (outputs) => `${text(outputs, "role")}/${text(outputs, "policyArn")}`,
  // Attaching what is attached already succeeds.
  upsert: true,
  conditions: (call) => {
    if (call.verb === "delete") return [];
    const policyArn = text(call.inputs, "policyArn");
    return [
      existingRole(call),
      existingPolicy(call),
      {
        lookup: { type: attachmentToken, where: { role: text(call.inputs, "role") } },
        refuse: (rows) =>
          rows.filter((row) => row.outputs["policyArn"] !== policyArn).length >= policiesPerRole
            ? { code: "LimitExceeded", message: `Cannot exceed quota for PoliciesPerRole: ${policiesPerRole}` }
            : null,
      },
    ];
  },
};
