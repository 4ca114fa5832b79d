/** Systems Manager on premises: hybrid activations, and settings of the service. */
import type { JsonObject } from "../../../domain/json.ts";
import { seconds, uuid } from "../identifiers.ts";
import { letsService } from "../policy-document.ts";
import { allTags, mustHold, text } from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { instant, integer, oneOf, tags, textOf } from "../rules.ts";
import { roleToken } from "./iam-roles.ts";

const activationToken = "aws:ssm/activation:Activation";
export const serviceSettingToken = "aws:ssm/serviceSetting:ServiceSetting";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";
const day = 24 * 60 * 60 * 1000;

/** CreateActivation takes an expiry within the next 30 days; the provider's default is a day. */
const expiryInRange = (call: Call): Condition => {
  const given = text(call.inputs, "expirationDate");
  const left = Date.parse(given) - call.now.getTime();
  return mustHold(
    given === "" || (left > 0 && left <= 30 * day),
    "ValidationException",
    `ExpirationDate ${given} must lie within the next 30 days.`,
  );
};

/** The role must be there, and let Systems Manager take it. */
const usableRole = (call: Call): Condition => {
  const name = text(call.inputs, "iamRole").replace(/^.*\//, "");
  return {
    lookup: { type: roleToken, id: name },
    refuse: ([role]) =>
      role !== undefined && letsService(text(role.outputs, "assumeRolePolicy"), "ssm.amazonaws.com", "sts:AssumeRole")
        ? null
        : {
            code: "ValidationException",
            message: `Nonexistent role or missing ssm service principal in trust policy: arn:${call.partition}:iam::${call.account}:role/${name}`,
          },
  };
};

export const activation: ResourceType = {
  token: activationToken,
  scope: "regional",
  // AWS has CreateActivation and DeleteActivation and nothing to change one, so everything replaces, tags too.
  source: `${pages}/ssm_activation`,
  invalid: "ValidationException",
  properties: {
    iamRole: { required: true, replaces: true, rule: textOf(1, 64) },
    // Pulumi makes a name where none is given, as it does for every property of that name.
    name: { replaces: true, computed: true, rule: textOf(0, 256) },
    description: { replaces: true, rule: textOf(0, 256) },
    registrationLimit: { default: 1, replaces: true, rule: integer(1, 1000) },
    expirationDate: { replaces: true, computed: true, compare: "instant", rule: instant },
    tags: { replaces: true, rule: tags(50) },
  },
  computed: {
    activationCode: "20 characters; given once, and not marked secret by the provider",
    expirationDate: "a day from now where none is given",
    expired: "whether the expiry has passed, at the time of the read",
    registrationCount: "nodes registered with it: 0, as no node exists here",
    tagsAll: "the tags",
  },
  named: "name",
  outputs: (call) => ({
    activationCode: call.hex(20),
    expirationDate: text(call.inputs, "expirationDate") || seconds(new Date(call.now.getTime() + day)),
    expired: false,
    registrationCount: 0,
    ...allTags(call),
  }),
  shown: (outputs, now) => ({ expired: Date.parse(text(outputs, "expirationDate")) <= now.getTime() }),
  id: (_outputs, call) => uuid(call.hex(32)),
  conditions: (call) => (call.verb === "delete" ? [] : [usableRole(call), expiryInRange(call)]),
};

/** Settings that the account knows, by their path, with their values; the first is AWS's default. */
const settings: Record<string, string[]> = {
  "/ssm/managed-instance/activation-tier": ["standard", "advanced"],
  "/ssm/parameter-store/default-parameter-tier": ["Standard", "Advanced", "Intelligent-Tiering"],
  "/ssm/parameter-store/high-throughput-enabled": ["false", "true"],
  "/ssm/documents/console/public-sharing-permission": ["Enable", "Disable"],
};

const pathOfSetting = (settingId: string): string => settingId.replace(/^arn:[^/]*:servicesetting/, "");

const status = (settingId: string, value: string): JsonObject => ({
  arn: settingId,
  status: settings[pathOfSetting(settingId)]?.[0] === value ? "Default" : "Customized",
});

export const serviceSetting: ResourceType = {
  token: serviceSettingToken,
  scope: "regional",
  source: `${pages}/ssm_service_setting`,
  invalid: "ValidationException",
  properties: {
    settingId: {
      required: true,
      replaces: true,
      rule: (value) =>
        typeof value === "string" &&
        /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:servicesetting\/.+$/.test(value) &&
        settings[pathOfSetting(value)] !== undefined
          ? null
          : `must be the ARN of a setting (the provider shows a difference on every run for a short id), one of ${Object.keys(settings).join(", ")}`,
    },
    settingValue: { required: true, rule: textOf(1, 4096) },
  },
  computed: { arn: "ARN of the setting", status: "`Default` or `Customized`" },
  checkTogether: (inputs) => {
    const rule = oneOf(...(settings[pathOfSetting(text(inputs, "settingId"))] ?? []));
    const known = settings[pathOfSetting(text(inputs, "settingId"))] !== undefined;
    const reason = known && text(inputs, "settingValue") !== "" ? rule(text(inputs, "settingValue")) : null;
    return reason === null ? [] : [{ property: "settingValue", reason }];
  },
  outputs: (call) => status(text(call.inputs, "settingId"), text(call.inputs, "settingValue")),
  updated: (call) => status(text(call.inputs, "settingId"), text(call.inputs, "settingValue")),
  id: (outputs) => text(outputs, "settingId"),
  // UpdateServiceSetting sets it, whoever set it before; a delete resets it, and AWS's default shows again.
  upsert: true,
  unset: (settingId, place) => {
    const value = settings[pathOfSetting(settingId)]?.[0];
    if (value === undefined || !settingId.includes(`:ssm:${place.region}:${place.account}:`)) return null;
    return { settingId, settingValue: value, ...status(settingId, value) };
  },
  conditions: (call) => {
    const settingId = text(call.inputs, "settingId");
    return [
      mustHold(
        settingId.includes(`:ssm:${call.region}:${call.account}:`),
        "ServiceSettingNotFound",
        `Setting ${settingId} is not one of account ${call.account} in ${call.region}`,
      ),
    ];
  },
};
