/** SNS: topics, their policies and subscriptions. */
import { derivedHex, uuid } from "../identifiers.ts";
import { policy } from "../policy-document.ts";
import { allTags, lookAt, mustExist, noPrefix, noPrefixComputed, text } from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { all, arn, flag, jsonObject, oneOf, tags, textOf } from "../rules.ts";

export const topicToken = "aws:sns/topic:Topic";
const topicPolicyToken = "aws:sns/topicPolicy:TopicPolicy";
const subscriptionToken = "aws:sns/topicSubscription:TopicSubscription";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";

const topicArn = (call: Call): string =>
  `arn:${call.partition}:sns:${call.region}:${call.account}:${text(call.inputs, "name")}`;

const topicExists = (call: Call, property: string): Condition =>
  mustExist({ type: topicToken, id: text(call.inputs, property) }, "NotFound", "Topic does not exist");

const ownerActions = [
  "SNS:GetTopicAttributes",
  "SNS:SetTopicAttributes",
  "SNS:AddPermission",
  "SNS:RemovePermission",
  "SNS:DeleteTopic",
  "SNS:Subscribe",
  "SNS:ListSubscriptionsByTopic",
  "SNS:Publish",
];

/** SNS's policy of a new topic: its owner may do everything with it. */
const defaultPolicy = (call: Call): string =>
  JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ownerActions,
        Resource: topicArn(call),
        Condition: { StringEquals: { "AWS:SourceOwner": call.account } },
      },
    ],
  });

export const topic: ResourceType = {
  token: topicToken,
  scope: "regional",
  source: `${pages}/sns_topic`,
  invalid: "InvalidParameter",
  properties: {
    name: {
      replaces: true,
      computed: true,
      rule: textOf(1, 256, { matches: /^[A-Za-z0-9_-]+(\.fifo)?$/, allows: "letters, digits, _ and - only" }),
    },
    displayName: { rule: textOf(0, 100) },
    kmsMasterKeyId: { rule: textOf(1, 2048) },
    policy: { computed: true, compare: "policy", rule: all(textOf(1, 30_720), policy("resource")) },
    deliveryPolicy: { compare: "json", rule: jsonObject },
    fifoTopic: { default: false, replaces: true, rule: flag },
    contentBasedDeduplication: { default: false, rule: flag },
    tracingConfig: { computed: true, rule: oneOf("PassThrough", "Active") },
    signatureVersion: { computed: true, rule: oneOf(1, 2) },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the topic",
    owner: "the account",
    policy: "SNS's default policy where none is given",
    beginningArchiveTime: "empty",
    signatureVersion: "0 where none is given",
    tracingConfig: "empty where none is given",
    fifoThroughputScope: "empty: only FIFO topics have one",
    ...noPrefixComputed,
    tagsAll: "the tags",
  },
  named: "name",
  outputs: (call) => ({
    arn: topicArn(call),
    owner: call.account,
    policy: text(call.inputs, "policy") || defaultPolicy(call),
    beginningArchiveTime: "",
    signatureVersion: call.inputs["signatureVersion"] ?? 0,
    tracingConfig: text(call.inputs, "tracingConfig"),
    fifoThroughputScope: "",
    ...noPrefix,
    ...allTags(call),
  }),
  updated: allTags,
  id: (outputs) => text(outputs, "arn"),
  // CreateTopic gives the ARN of a topic that is there already.
  upsert: true,
  conditions: (call) =>
    call.verb === "delete"
      ? [
          lookAt({ type: subscriptionToken, where: { topic: call.old?.id ?? "" } }),
          lookAt({ type: topicPolicyToken, id: call.old?.id ?? "" }),
        ]
      : [],
  effects: (call, rows) => (call.verb === "delete" ? { remove: rows.flat() } : {}),
};

export const topicPolicy: ResourceType = {
  token: topicPolicyToken,
  scope: "regional",
  source: `${pages}/sns_topic_policy`,
  invalid: "InvalidParameter",
  properties: {
    arn: { required: true, replaces: true, rule: arn("sns") },
    policy: { required: true, compare: "policy", rule: all(textOf(1, 30_720), policy("resource")) },
  },
  computed: { owner: "the account" },
  outputs: (call) => ({ owner: call.account }),
  id: (outputs) => text(outputs, "arn"),
  upsert: true,
  conditions: (call) => (call.verb === "delete" ? [] : [topicExists(call, "arn")]),
};

const protocols = ["email", "email-json", "http", "https", "sms", "sqs", "lambda", "firehose", "application"];
const awaitsConfirmation = ["email", "email-json", "http", "https"];

export const topicSubscription: ResourceType = {
  token: subscriptionToken,
  scope: "regional",
  source: `${pages}/sns_topic_subscription`,
  invalid: "InvalidParameter",
  properties: {
    topic: { required: true, replaces: true, rule: arn("sns") },
    protocol: { required: true, replaces: true, rule: oneOf(...protocols) },
    endpoint: { required: true, replaces: true, rule: textOf(1, 2048) },
    filterPolicy: { compare: "json", rule: jsonObject },
    filterPolicyScope: { computed: true, rule: oneOf("MessageAttributes", "MessageBody") },
    rawMessageDelivery: { default: false, rule: flag },
    endpointAutoConfirms: { default: false, rule: flag },
    confirmationTimeoutInMinutes: { default: 1 },
    redrivePolicy: { compare: "json", rule: jsonObject },
    deliveryPolicy: { compare: "json", rule: jsonObject },
    subscriptionRoleArn: { rule: arn("iam") },
  },
  computed: {
    arn: "ARN of the subscription; the same for the same topic, protocol and endpoint",
    ownerId: "the account",
    pendingConfirmation: "true for e-mail and HTTP: nobody here answers the confirmation",
    confirmationWasAuthenticated: "false while it is pending",
    filterPolicyScope: "empty where none is given",
  },
  checkTogether: (inputs) =>
    text(inputs, "protocol").startsWith("email") && !/^[^@\s]+@[^@\s]+$/.test(text(inputs, "endpoint"))
      ? [{ property: "endpoint", reason: "must be an e-mail address" }]
      : [],
  outputs: (call) => {
    const pending = awaitsConfirmation.includes(text(call.inputs, "protocol"));
    const identity = ["topic", "protocol", "endpoint"].map((part) => text(call.inputs, part)).join(" ");
    return {
      arn: `${text(call.inputs, "topic")}:${uuid(derivedHex(identity, 32))}`,
      ownerId: call.account,
      pendingConfirmation: pending,
      confirmationWasAuthenticated: !pending,
      filterPolicyScope: text(call.inputs, "filterPolicyScope"),
    };
  },
  id: (outputs) => text(outputs, "arn"),
  upsert: true,
  conditions: (call) => (call.verb === "delete" ? [] : [topicExists(call, "topic")]),
};
