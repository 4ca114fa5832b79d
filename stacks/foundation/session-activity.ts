import type { FoundationArguments } from "../arguments.ts";
import { policyDocument } from "../policies/policy-document.ts";
import type { ResourcePolicyStatement } from "../policies/policy-document.ts";
import { notificationRuleArn, notificationTopicArn } from "./arns.ts";
import type { Place } from "./arns.ts";

/**
 * Whether a foundation makes the account's trail: only the account's first, when it notifies and names no trail of its
 * own. Later foundations rest on that one: it covers all regions.
 */
export const makesTrail = ({ ownsAccount, notifications }: FoundationArguments): boolean =>
  ownsAccount && notifications !== null && notifications.trail === null;

/**
 * The API calls that begin, resume and end a session, as CloudTrail hands them to EventBridge.
 * Source: "Monitoring session activity using Amazon EventBridge" in the Systems Manager User Guide.
 */
export const sessionActivityPattern = {
  source: ["aws.ssm"],
  "detail-type": ["AWS API Call via CloudTrail"],
  detail: {
    eventSource: ["ssm.amazonaws.com"],
    eventName: ["StartSession", "ResumeSession", "TerminateSession"],
  },
};

/**
 * Policy of the notification topic: the rule may publish, nobody else. People of the account keep what their own IAM
 * policies give them. Source: "Using resource-based policies for Amazon EventBridge", Amazon SNS permissions.
 */
export const notificationTopicPolicy = (place: Place) =>
  policyDocument<ResourcePolicyStatement>([
    {
      Sid: "RulePublishes",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sns:Publish",
      Resource: notificationTopicArn(place),
      Condition: { ArnEquals: { "aws:SourceArn": notificationRuleArn(place) } },
    },
  ]);
