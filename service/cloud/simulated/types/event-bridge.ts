/** EventBridge rules and their targets (Pulumi keeps them under `cloudwatch`). */
import type { JsonObject } from "../../../domain/json.ts";
import { allTags, mustBeFree, mustExist, noPrefix, noPrefixComputed, text } from "../resource-type.ts";
import type { Call, ResourceType } from "../resource-type.ts";
import { all, arn, flag, jsonObject, oneOf, tags, textOf } from "../rules.ts";
import { isAbsent } from "../equivalence.ts";

export const eventRuleToken = "aws:cloudwatch/eventRule:EventRule";
const eventTargetToken = "aws:cloudwatch/eventTarget:EventTarget";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";
const name = textOf(1, 64, { matches: /^[.\-_A-Za-z0-9]+$/, allows: "letters, digits and . - _ only" });

/** Rules and targets of another bus than the default one carry its name in their ids. */
const ofBus = (bus: string, id: string): string => (bus === "" || bus === "default" ? id : `${bus}/${id}`);

const ruleId = (call: Call, rule: string): string => ofBus(text(call.inputs, "eventBusName"), rule);

/** The state, and whether it is one in which the rule works: the provider's read tells both, whichever was given. */
const stateOf = ({ inputs }: Call): JsonObject => {
  const state = text(inputs, "state") || (inputs["isEnabled"] === false ? "DISABLED" : "ENABLED");
  return { state, isEnabled: state !== "DISABLED" };
};

export const eventRule: ResourceType = {
  token: eventRuleToken,
  scope: "regional",
  source: `${pages}/cloudwatch_event_rule`,
  invalid: "ValidationException",
  properties: {
    name: { replaces: true, computed: true, rule: name },
    eventBusName: { default: "default", replaces: true, rule: textOf(1, 1600) },
    eventPattern: { compare: "json", rule: all(textOf(1, 4096), jsonObject) },
    scheduleExpression: { rule: textOf(1, 256) },
    description: { rule: textOf(0, 512) },
    roleArn: { rule: arn("iam") },
    isEnabled: { rule: flag },
    state: { computed: true, rule: oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") },
    forceDestroy: { default: false, rule: flag },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the rule",
    state: "`ENABLED` where nothing else is given",
    isEnabled: "whether the state is another than `DISABLED`",
    ...noPrefixComputed,
    tagsAll: "the tags",
  },
  named: "name",
  checkTogether: (inputs) => [
    ...(isAbsent(inputs["eventPattern"]) && isAbsent(inputs["scheduleExpression"])
      ? [{ property: "eventPattern", reason: "is required where there is no scheduleExpression" }]
      : []),
    ...(!isAbsent(inputs["isEnabled"]) && !isAbsent(inputs["state"])
      ? [{ property: "state", reason: "must not be given beside isEnabled" }]
      : []),
  ],
  outputs: (call) => ({
    arn: `arn:${call.partition}:events:${call.region}:${call.account}:rule/${ruleId(call, text(call.inputs, "name"))}`,
    ...stateOf(call),
    ...noPrefix,
    ...allTags(call),
  }),
  updated: (call) => ({ ...stateOf(call), ...allTags(call) }),
  id: (outputs) => ofBus(text(outputs, "eventBusName"), text(outputs, "name")),
  importedId: (id) => id.replace(/^default\//, ""),
  // PutRule makes a rule or changes the one of that name.
  upsert: true,
  conditions: (call) =>
    call.verb === "delete"
      ? [
          mustBeFree(
            { type: eventTargetToken, where: { rule: text(call.inputs, "name") } },
            "ValidationException",
            "Rule can't be deleted since it has targets.",
          ),
        ]
      : [],
};

export const eventTarget: ResourceType = {
  token: eventTargetToken,
  scope: "regional",
  source: `${pages}/cloudwatch_event_target`,
  invalid: "ValidationException",
  properties: {
    rule: { required: true, replaces: true, rule: name },
    eventBusName: { default: "default", replaces: true, rule: textOf(1, 1600) },
    targetId: { replaces: true, computed: true, rule: name },
    arn: { required: true, rule: arn() },
    roleArn: { rule: arn("iam") },
    input: { compare: "json", rule: textOf(1, 8192) },
    inputPath: { rule: textOf(1, 256) },
    inputTransformer: {},
    deadLetterConfig: {},
    retryPolicy: {},
    forceDestroy: { default: false, rule: flag },
  },
  computed: { targetId: "made of random digits where none is given" },
  checkTogether: (inputs) =>
    ["input", "inputPath", "inputTransformer"].filter((key) => !isAbsent(inputs[key])).length > 1
      ? [{ property: "input", reason: "must be the only one of input, inputPath and inputTransformer" }]
      : [],
  outputs: (call) => ({ targetId: text(call.inputs, "targetId") || `target-${call.hex(26)}` }),
  id: (outputs) => ofBus(text(outputs, "eventBusName"), `${text(outputs, "rule")}-${text(outputs, "targetId")}`),
  // Imported as rule/target or bus/rule/target, kept as rule-target.
  importedId: (id) => id.replace(/^default\//, "").replace(/\/([^/]+)$/, "-$1"),
  upsert: true,
  conditions: (call) =>
    call.verb === "delete"
      ? []
      : [
          mustExist(
            { type: eventRuleToken, id: ruleId(call, text(call.inputs, "rule")) },
            "ResourceNotFoundException",
            `Rule ${text(call.inputs, "rule")} does not exist on EventBus ${text(call.inputs, "eventBusName") || "default"}.`,
          ),
        ],
};
