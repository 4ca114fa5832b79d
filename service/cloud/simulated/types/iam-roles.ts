/** IAM roles and instance profiles. IAM is one per account: nothing here has a region. */
import { iamUniqueId, seconds } from "../identifiers.ts";
import { atMostNonWhitespace, policy } from "../policy-document.ts";
import { allTags, lookAt, mustBeFree, mustExist, noPrefix, noPrefixComputed, text } from "../resource-type.ts";
import type { Call, ResourceType, Row } from "../resource-type.ts";
import { all, arn, flag, integer, tags, textOf } from "../rules.ts";

export const roleToken = "aws:iam/role:Role";
export const instanceProfileToken = "aws:iam/instanceProfile:InstanceProfile";
export const rolePolicyToken = "aws:iam/rolePolicy:RolePolicy";
export const attachmentToken = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

export const iamPages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";

const nameCharacters = { matches: /^[\w+=,.@-]+$/, allows: "letters, digits and +=,.@_- only" };

/** A name in IAM, of so many characters at most. */
export const iamName = (maximum: number) => textOf(1, maximum, nameCharacters);

/** A path in IAM: `/`, or parts between slashes. */
export const iamPath = textOf(1, 512, {
  matches: /^\/$|^\/[\u0021-\u007e]+\/$/,
  allows: "/ or a path that begins and ends with /",
});

/** ARN of an IAM entity of the call's account. */
export const iamArn = (call: Call, kind: string, name: string): string =>
  `arn:${call.partition}:iam::${call.account}:${kind}${text(call.inputs, "path") || "/"}${name}`;

/** Names in IAM differ by more than case. */
export const sameName = (rows: Row[], name: string, self: Row | null): boolean =>
  rows.some((row) => row.id !== self?.id && text(row.outputs, "name").toLowerCase() === name.toLowerCase());

export const role: ResourceType = {
  token: roleToken,
  scope: "global",
  source: `${iamPages}/iam_role`,
  invalid: "ValidationError",
  properties: {
    name: { replaces: true, computed: true, rule: iamName(64) },
    path: { default: "/", replaces: true, rule: iamPath },
    assumeRolePolicy: { required: true, compare: "policy", rule: all(atMostNonWhitespace(4096), policy("trust")) },
    description: { rule: textOf(0, 1000) },
    maxSessionDuration: { default: 3600, rule: integer(3600, 43_200) },
    permissionsBoundary: { rule: arn("iam") },
    forceDetachPolicies: { default: false, rule: flag },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the role",
    createDate: "RFC 3339",
    uniqueId: "`AROA…`",
    inlinePolicies: "none, as at the create: policies of their own are no drift of the role",
    managedPolicyArns: "none, likewise",
    ...noPrefixComputed,
    tagsAll: "the tags",
  },
  named: "name",
  outputs: (call) => ({
    arn: iamArn(call, "role", text(call.inputs, "name")),
    createDate: seconds(call.now),
    uniqueId: iamUniqueId("AROA", call.hex(17)),
    inlinePolicies: [],
    managedPolicyArns: [],
    ...noPrefix,
    ...allTags(call),
  }),
  updated: allTags,
  id: (outputs) => text(outputs, "name"),
  conditions: (call) => {
    const name = text(call.inputs, "name");
    if (call.verb === "delete") {
      const own = call.old?.id ?? "";
      if (call.inputs["forceDetachPolicies"] === true) {
        return [rolePolicyToken, attachmentToken, instanceProfileToken].map((type) =>
          lookAt({ type, where: { role: own } }),
        );
      }
      return [
        mustBeFree(
          { type: attachmentToken, where: { role: own } },
          "DeleteConflict",
          "Cannot delete entity, must detach all policies first.",
        ),
        mustBeFree(
          { type: rolePolicyToken, where: { role: own } },
          "DeleteConflict",
          "Cannot delete entity, must delete policies first.",
        ),
        lookAt({ type: instanceProfileToken, where: { role: own } }),
      ];
    }
    return [
      {
        lookup: { type: roleToken },
        refuse: (rows) =>
          sameName(rows, name, call.old)
            ? { code: "EntityAlreadyExists", message: `Role with name ${name} already exists.` }
            : null,
      },
    ];
  },
  // The provider takes a role out of its instance profiles before it deletes it, and policies too when it is told to.
  effects: (call, rows) => {
    if (call.verb !== "delete") return {};
    const [attached = [], inline = [], profiles = []] = rows;
    return {
      remove: [...attached, ...inline],
      put: profiles.map((profile) => ({ ...profile, outputs: { ...profile.outputs, role: "" } })),
    };
  },
};

export const instanceProfile: ResourceType = {
  token: instanceProfileToken,
  scope: "global",
  source: `${iamPages}/iam_instance_profile`,
  invalid: "ValidationError",
  properties: {
    name: { replaces: true, computed: true, rule: iamName(128) },
    path: { default: "/", replaces: true, rule: iamPath },
    role: { rule: iamName(64) },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the profile",
    createDate: "RFC 3339",
    uniqueId: "`AIPA…`",
    ...noPrefixComputed,
    tagsAll: "the tags",
  },
  named: "name",
  outputs: (call) => ({
    arn: iamArn(call, "instance-profile", text(call.inputs, "name")),
    createDate: seconds(call.now),
    uniqueId: iamUniqueId("AIPA", call.hex(17)),
    ...noPrefix,
    ...allTags(call),
  }),
  updated: allTags,
  id: (outputs) => text(outputs, "name"),
  conditions: (call) => {
    if (call.verb === "delete") return [];
    const name = text(call.inputs, "name");
    const roleName = text(call.inputs, "role");
    return [
      mustBeFree(
        { type: instanceProfileToken, id: name },
        "EntityAlreadyExists",
        `Instance Profile ${name} already exists.`,
        call.old,
      ),
      ...(roleName === ""
        ? []
        : [
            mustExist(
              { type: roleToken, id: roleName },
              "NoSuchEntity",
              `The role with name ${roleName} cannot be found.`,
            ),
          ]),
    ];
  },
};
