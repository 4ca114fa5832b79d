/** KMS keys and their aliases. */
import {
  allTags,
  lookAt,
  mustBeFree,
  mustExist,
  mustHold,
  noPrefix,
  noPrefixComputed,
  text,
} from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { uuid } from "../identifiers.ts";
import { letsPrincipal, policy } from "../policy-document.ts";
import { all, flag, integer, oneOf, tags, textOf } from "../rules.ts";

export const keyToken = "aws:kms/key:Key";
export const aliasToken = "aws:kms/alias:Alias";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";

/** Id of a key that is named by id or by ARN. */
export const keyIdOf = (idOrArn: string): string => idOrArn.replace(/^arn:[^/]*:key\//, "");

const keyArn = (call: Call, keyId: string): string =>
  `arn:${call.partition}:kms:${call.region}:${call.account}:key/${keyId}`;

/** The policy of a key that is made without one: the account's IAM policies decide. */
const defaultPolicy = (call: Call): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:${call.partition}:iam::${call.account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });

/** KMS refuses a policy that would let nobody of the account change it again, unless told not to look. */
const notLockedOut = (call: Call): Condition => {
  const given = text(call.inputs, "policy");
  const root = [`arn:${call.partition}:iam::${call.account}:root`, call.account];
  return mustHold(
    given === "" ||
      call.inputs["bypassPolicyLockoutSafetyCheck"] === true ||
      letsPrincipal(given, root, "kms:PutKeyPolicy"),
    "MalformedPolicyDocumentException",
    "The new key policy will not allow you to update the key policy in the future.",
  );
};

export const key: ResourceType = {
  token: keyToken,
  scope: "regional",
  source: `${pages}/kms_key`,
  invalid: "ValidationException",
  properties: {
    description: { computed: true, rule: textOf(0, 8192) },
    policy: { computed: true, compare: "policy", rule: all(textOf(1, 32_768), policy("resource")) },
    keyUsage: {
      default: "ENCRYPT_DECRYPT",
      replaces: true,
      rule: oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"),
    },
    customerMasterKeySpec: { default: "SYMMETRIC_DEFAULT", replaces: true, rule: textOf(1, 40) },
    customKeyStoreId: { replaces: true, rule: textOf(1, 64) },
    xksKeyId: { replaces: true, rule: textOf(1, 64) },
    multiRegion: { default: false, replaces: true, rule: flag },
    isEnabled: { default: true, rule: flag },
    enableKeyRotation: { default: false, rule: flag },
    rotationPeriodInDays: { computed: true, rule: integer(90, 2560) },
    deletionWindowInDays: { rule: integer(7, 30) },
    bypassPolicyLockoutSafetyCheck: { default: false, rule: flag },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the key",
    keyId: "id of the key, a UUID",
    policy: "AWS's default key policy where none is given",
    description: "empty where none is given",
    rotationPeriodInDays: "365 while rotation is on and no period is given",
    tagsAll: "the tags",
  },
  outputs: (call) => {
    const keyId = uuid(call.hex(32));
    return {
      keyId,
      arn: keyArn(call, keyId),
      description: text(call.inputs, "description"),
      policy: text(call.inputs, "policy") || defaultPolicy(call),
      rotationPeriodInDays:
        call.inputs["rotationPeriodInDays"] ?? (call.inputs["enableKeyRotation"] === true ? 365 : 0),
      ...allTags(call),
    };
  },
  updated: (call) => ({
    rotationPeriodInDays: call.inputs["rotationPeriodInDays"] ?? (call.inputs["enableKeyRotation"] === true ? 365 : 0),
    ...allTags(call),
  }),
  id: (outputs) => text(outputs, "keyId"),
  conditions: (call) =>
    call.verb === "delete"
      ? [lookAt({ type: aliasToken, where: { targetKeyArn: text(call.old?.outputs ?? {}, "arn") } })]
      : [notLockedOut(call)],
  // The names of a key go with it, so that they can be given again.
  effects: (call, rows) => (call.verb === "delete" ? { remove: rows.flat() } : {}),
  deletedAfterDays: (outputs) => Number(outputs["deletionWindowInDays"] ?? 30),
};

export const alias: ResourceType = {
  token: aliasToken,
  scope: "regional",
  source: `${pages}/kms_alias`,
  invalid: "InvalidAliasNameException",
  properties: {
    name: {
      required: true,
      replaces: true,
      rule: all(
        textOf(7, 256, { matches: /^alias\/[a-zA-Z0-9/_-]+$/, allows: "alias/ and letters, digits, /, _ and -" }),
        textOf(7, 256, { matches: /^(?!alias\/aws\/)/, allows: "a name that does not begin with alias/aws/" }),
      ),
    },
    targetKeyId: { required: true, compare: "key", rule: textOf(1, 2048) },
  },
  computed: { arn: "ARN of the alias", targetKeyArn: "ARN of the key", ...noPrefixComputed },
  outputs: (call) => ({
    arn: `arn:${call.partition}:kms:${call.region}:${call.account}:${text(call.inputs, "name")}`,
    targetKeyArn: keyArn(call, keyIdOf(text(call.inputs, "targetKeyId"))),
    ...noPrefix,
  }),
  updated: (call) => ({ targetKeyArn: keyArn(call, keyIdOf(text(call.inputs, "targetKeyId"))) }),
  id: (outputs) => text(outputs, "name"),
  conditions: (call) => {
    if (call.verb === "delete") return [];
    const keyId = keyIdOf(text(call.inputs, "targetKeyId"));
    const aliasArn = `arn:${call.partition}:kms:${call.region}:${call.account}:${text(call.inputs, "name")}`;
    return [
      mustExist({ type: keyToken, id: keyId }, "NotFoundException", `Key '${keyArn(call, keyId)}' does not exist`),
      mustBeFree(
        { type: aliasToken, id: text(call.inputs, "name") },
        "AlreadyExistsException",
        `An alias with the name ${aliasArn} already exists`,
        call.old,
      ),
    ];
  },
};
