/** Permission sets of IAM Identity Center, their inline policies, and who has them in which account. */
import type { JsonObject } from "../../../domain/json.ts";
import { seconds } from "../identifiers.ts";
import { atMostNonWhitespace, latin1, policy } from "../policy-document.ts";
import { allTags, lookAt, mustBeFree, mustExist, mustHold, text } from "../resource-type.ts";
import type { Call, Condition, Property, ResourceType, Row } from "../resource-type.ts";
import { account, all, arn, oneOf, tags, textOf } from "../rules.ts";
import { groupToken, userToken } from "./identity-store.ts";

export const permissionSetToken = "aws:ssoadmin/permissionSet:PermissionSet";
export const inlinePolicyToken = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy";
export const managedPolicyToken = "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment";
export const boundaryToken = "aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment";
export const assignmentToken = "aws:ssoadmin/accountAssignment:AccountAssignment";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";
/** An ARN of Identity Center by which a resource is what it is. */
export const fixedArn: Property = { required: true, replaces: true, rule: arn("sso") };

/** How long a permission set is busy after its inline policy was taken from accounts that have it, in milliseconds. */
const provisioningTime = 2_000;

/** The instance must be the organization's. */
export const ofInstance = (call: Call): Condition => {
  const instance = text(call.inputs, "instanceArn");
  const own = call.identityCenter.instanceArn;
  return mustHold(instance === own, "ResourceNotFoundException", `Instance not found: ${instance}`);
};

/** The permission set must be there. */
export const existingSet = (call: Call): Condition => {
  const permissionSetArn = text(call.inputs, "permissionSetArn");
  return mustExist(
    { type: permissionSetToken, where: { arn: permissionSetArn } },
    "ResourceNotFoundException",
    `PermissionSet not found: ${permissionSetArn}`,
  );
};

export const permissionSet: ResourceType = {
  token: permissionSetToken,
  scope: "identity-center",
  source: `${pages}/ssoadmin_permission_set`,
  invalid: "ValidationException",
  properties: {
    instanceArn: fixedArn,
    name: {
      replaces: true,
      computed: true,
      rule: textOf(1, 32, { matches: /^[\w+=,.@-]+$/, allows: "letters, digits and +=,.@_- only" }),
    },
    description: {
      rule: textOf(1, 700, { matches: /^[\t\n\r\u0020-\u007e\u00a1-\u00ff]*$/, allows: "Latin-1 characters" }),
    },
    sessionDuration: {
      default: "PT1H",
      rule: (value) => {
        const hours = typeof value === "string" ? /^PT(?:(\d{1,2})H)?(?:(\d{1,3})M)?$/.exec(value) : null;
        const minutes = hours === null ? 0 : Number(hours[1] ?? 0) * 60 + Number(hours[2] ?? 0);
        return minutes >= 60 && minutes <= 720 ? null : "must be an ISO 8601 duration from PT1H to PT12H";
      },
    },
    relayState: {
      rule: textOf(1, 240, {
        matches: /^[a-zA-Z0-9&$@#\\/%?=~\-_'"|!:,.;*+[\](){} ]+$/,
        allows: "the characters of a URL",
      }),
    },
    tags: { rule: tags(50) },
  },
  computed: { arn: "ARN of the permission set", createdDate: "RFC 3339", tagsAll: "the tags" },
  named: "name",
  outputs: (call) => ({
    arn: `arn:${call.partition}:sso:::permissionSet/${call.identityCenter.instanceArn.split("/")[1] ?? ""}/ps-${call.hex(16)}`,
    createdDate: seconds(call.now),
    ...allTags(call),
  }),
  updated: allTags,
  id: (outputs) => `${text(outputs, "arn")},${text(outputs, "instanceArn")}`,
  conditions: (call) =>
    call.verb === "delete"
      ? [
          mustBeFree(
            { type: assignmentToken, where: { permissionSetArn: text(call.old?.outputs ?? {}, "arn") } },
            "ConflictException",
            "PermissionSet is assigned to accounts and cannot be deleted; delete its account assignments first",
          ),
          lookAt({ type: inlinePolicyToken, where: { permissionSetArn: text(call.old?.outputs ?? {}, "arn") } }),
          lookAt({ type: managedPolicyToken, where: { permissionSetArn: text(call.old?.outputs ?? {}, "arn") } }),
          lookAt({ type: boundaryToken, where: { permissionSetArn: text(call.old?.outputs ?? {}, "arn") } }),
        ]
      : [
          ofInstance(call),
          mustBeFree(
            { type: permissionSetToken, where: { name: text(call.inputs, "name") } },
            "ConflictException",
            `PermissionSet with name ${text(call.inputs, "name")} already exists.`,
            call.old,
          ),
        ],
  // Its policies are part of the set and go with it.
  effects: (call, rows) => (call.verb === "delete" ? { remove: rows.slice(1).flat() } : {}),
};

/** Marks the set busy when accounts have to be provisioned anew without its policy. */
const provisioned = (call: Call, rows: Row[][]): Row[] => {
  const [sets = [], assignments = []] = rows;
  if (assignments.length === 0) return [];
  const provisioningUntil = new Date(call.now.getTime() + provisioningTime).toISOString();
  return sets.map((set) => ({ ...set, state: { ...set.state, provisioningUntil } }));
};

export const permissionSetInlinePolicy: ResourceType = {
  token: inlinePolicyToken,
  scope: "identity-center",
  source: `${pages}/ssoadmin_permission_set_inline_policy`,
  invalid: "ValidationException",
  properties: {
    instanceArn: fixedArn,
    permissionSetArn: fixedArn,
    inlinePolicy: {
      required: true,
      compare: "policy",
      rule: all(textOf(1, 32_768), latin1, atMostNonWhitespace(10_240), policy("identity")),
    },
  },
  computed: {},
  outputs: () => ({}),
  id: (outputs) => `${text(outputs, "permissionSetArn")},${text(outputs, "instanceArn")}`,
  upsert: true,
  conditions: (call) =>
    call.verb === "delete"
      ? [
          lookAt({ type: permissionSetToken, where: { arn: text(call.inputs, "permissionSetArn") } }),
          lookAt({ type: assignmentToken, where: { permissionSetArn: text(call.inputs, "permissionSetArn") } }),
        ]
      : [ofInstance(call), existingSet(call)],
  effects: (call, rows) => (call.verb === "delete" ? { put: provisioned(call, rows) } : {}),
};

const principalTypes: Record<string, { token: string; idOutput: string }> = {
  GROUP: { token: groupToken, idOutput: "groupId" },
  USER: { token: userToken, idOutput: "userId" },
};

const existingPrincipal = (call: Call): Condition => {
  const principalType = text(call.inputs, "principalType");
  const principalId = text(call.inputs, "principalId");
  const { token, idOutput } = principalTypes[principalType] ?? { token: groupToken, idOutput: "groupId" };
  const where: JsonObject = { [idOutput]: principalId };
  return mustExist({ type: token, where }, "ResourceNotFoundException", `${principalType} not found: ${principalId}`);
};

const assignmentParts = ["principalId", "principalType", "targetId", "targetType", "permissionSetArn", "instanceArn"];

export const accountAssignment: ResourceType = {
  token: assignmentToken,
  scope: "identity-center",
  source: `${pages}/ssoadmin_account_assignment`,
  invalid: "ValidationException",
  properties: {
    instanceArn: fixedArn,
    permissionSetArn: fixedArn,
    principalId: { required: true, replaces: true, rule: textOf(1, 47) },
    principalType: { required: true, replaces: true, rule: oneOf("USER", "GROUP") },
    targetId: { required: true, replaces: true, rule: account },
    // Required by the provider's Pulumi schema, though AWS_ACCOUNT is all there is.
    targetType: { required: true, replaces: true, rule: oneOf("AWS_ACCOUNT") },
  },
  computed: {},
  outputs: () => ({}),
  id: (outputs) => assignmentParts.map((part) => text(outputs, part)).join(","),
  conditions: (call) => {
    const permissionSetArn = text(call.inputs, "permissionSetArn");
    const lookup = { type: permissionSetToken, where: { arn: permissionSetArn } };
    if (call.verb !== "delete") {
      const same = Object.fromEntries(assignmentParts.map((part) => [part, text(call.inputs, part)]));
      return [
        ofInstance(call),
        existingSet(call),
        existingPrincipal(call),
        mustBeFree(
          { type: assignmentToken, where: same },
          "ConflictException",
          "Account assignment already exists",
          call.old,
        ),
      ];
    }
    return [
      {
        lookup,
        refuse: ([set]) =>
          set !== undefined && text(set.state, "provisioningUntil") > call.now.toISOString()
            ? {
                code: "ConflictException",
                message: `PermissionSet ${permissionSetArn} is being provisioned after its inline policy was deleted; delete assignments before the policy`,
              }
            : null,
      },
    ];
  },
};
