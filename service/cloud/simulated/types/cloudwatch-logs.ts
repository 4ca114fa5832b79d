/** CloudWatch Logs: log groups. */
import { allTags, mustBeFree, noPrefix, noPrefixComputed, text } from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { letsService } from "../policy-document.ts";
import { all, arn, flag, oneOf, tags, textOf } from "../rules.ts";
import { keyIdOf, keyToken } from "./kms.ts";
import { dnsSuffixOf } from "../identifiers.ts";

export const logGroupToken = "aws:cloudwatch/logGroup:LogGroup";

// API_PutRetentionPolicy of CloudWatch Logs; 0 is the provider's word for "never".
const retentionDays = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroupArn = (call: Call): string =>
  `arn:${call.partition}:logs:${call.region}:${call.account}:log-group:${text(call.inputs, "name")}`;

/** The key must exist in the region, and its policy must let CloudWatch Logs use it. */
const usableKey = (call: Call): Condition[] => {
  const given = text(call.inputs, "kmsKeyId");
  if (given === "") return [];
  const service = `logs.${call.region}.${dnsSuffixOf(call.region)}`;
  return [
    {
      lookup: { type: keyToken, id: keyIdOf(given) },
      refuse: ([key]) =>
        key !== undefined && letsService(text(key.outputs, "policy"), service, "kms:GenerateDataKey")
          ? null
          : {
              code: "InvalidParameterException",
              message: `The specified KMS key does not exist or is not allowed to be used with Arn '${logGroupArn(call)}'`,
            },
    },
  ];
};

export const logGroup: ResourceType = {
  token: logGroupToken,
  scope: "regional",
  source: "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_group",
  invalid: "InvalidParameterException",
  properties: {
    name: {
      replaces: true,
      computed: true,
      rule: all(
        textOf(1, 512, { matches: /^[.\-_/#A-Za-z0-9]+$/, allows: "letters, digits and . - _ / # only" }),
        textOf(1, 512, { matches: /^(?!aws\/)/, allows: "a name that does not begin with aws/" }),
      ),
    },
    retentionInDays: { default: 0, rule: oneOf(...retentionDays) },
    kmsKeyId: { rule: arn("kms") },
    logGroupClass: { default: "STANDARD", replaces: true, rule: oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY") },
    skipDestroy: { default: false, rule: flag },
    deletionProtectionEnabled: { default: false, rule: flag },
    tags: { rule: tags(50) },
  },
  computed: { arn: "ARN of the group, without `:*`", ...noPrefixComputed, tagsAll: "the tags" },
  named: "name",
  outputs: (call) => ({ arn: logGroupArn(call), ...noPrefix, ...allTags(call) }),
  updated: allTags,
  id: (outputs) => text(outputs, "name"),
  conditions: (call) => {
    if (call.verb === "delete") {
      const isProtected = call.old?.outputs["deletionProtectionEnabled"] === true;
      const refusal = {
        code: "ValidationException",
        message: "The log group has deletion protection; turn that off first",
      };
      return [{ lookup: null, refuse: () => (isProtected ? refusal : null) }];
    }
    return [
      ...usableKey(call),
      mustBeFree(
        { type: logGroupToken, id: text(call.inputs, "name") },
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
        call.old,
      ),
    ];
  },
};
