import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { notificationRuleName, notificationTopicName, trailName } from "../names.ts";
import { policyJson } from "../policies/policy-document.ts";
import type { Place } from "./arns.ts";
import { trailPrefix } from "./log-archive-policies.ts";
import { notificationTopicPolicy, sessionActivityPattern } from "./session-activity.ts";

export interface SessionNotificationsArgs {
  place: Place;
  /** One subscription each; AWS asks the person to confirm it by e-mail. */
  emails: readonly string[];
  /** Whether this foundation makes the account's trail; see `makesTrail`. */
  makesTrail: boolean;
  /** Where the trail writes, and the key that encrypts the trail and the topic. */
  bucketName: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** What the trail waits for: CloudTrail tests its rights on bucket and key when it is made. */
  trailNeeds: pulumi.Resource;
}

/** Logical name of an address's subscription: from the address alone, so that adding one touches no other. */
export const subscriptionName = (email: string): string => `notify-${email.toLowerCase()}`;

/**
 * Tells people by e-mail when a session starts, resumes or ends. The chain: a trail that logs management events (EventBridge
 * sees API calls through CloudTrail, and only while a trail logs them), a rule on the region's default bus, an encrypted
 * topic, and its subscriptions. A multi-region trail serves every region of the account; rule and topic are one per region.
 */
export class SessionNotifications extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: SessionNotificationsArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:foundation:SessionNotifications", name, {}, options);
    if (args.makesTrail) this.#trail(args);
    const topic = this.#topic(args);
    this.#rule(args.place, topic);
    this.#subscriptions(args, topic);

    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }

  /** Management events only, which is what a trail without event selectors logs; read and write alike. */
  #trail({ place, bucketName, keyArn, trailNeeds }: SessionNotificationsArgs): void {
    new aws.cloudtrail.Trail(
      "management-events",
      {
        region: place.region,
        name: trailName,
        s3BucketName: bucketName,
        s3KeyPrefix: trailPrefix,
        kmsKeyId: keyArn,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        enableLogFileValidation: true,
        enableLogging: true,
      },
      { parent: this, dependsOn: [trailNeeds] },
    );
  }

  #topic({ place, keyArn }: SessionNotificationsArgs): aws.sns.Topic {
    const topic = new aws.sns.Topic(
      "session-activity-topic",
      {
        region: place.region,
        name: notificationTopicName,
        displayName: "Session Manager activity",
        kmsMasterKeyId: keyArn,
      },
      { parent: this },
    );
    new aws.sns.TopicPolicy(
      "session-activity-topic-policy",
      { region: place.region, arn: topic.arn, policy: policyJson(notificationTopicPolicy(place)) },
      { parent: this },
    );
    return topic;
  }

  #rule(place: Place, topic: aws.sns.Topic): void {
    const rule = new aws.cloudwatch.EventRule(
      "session-activity-rule",
      {
        region: place.region,
        name: notificationRuleName,
        description: "Session starts, resumes and ends",
        eventPattern: JSON.stringify(sessionActivityPattern),
      },
      { parent: this },
    );
    // No role: for topics EventBridge uses the topic's policy, and fails on encrypted ones when a role is named.
    new aws.cloudwatch.EventTarget(
      "session-activity-target",
      { region: place.region, rule: rule.name, targetId: "session-activity-topic", arn: topic.arn },
      { parent: this },
    );
  }

  #subscriptions({ place, emails }: SessionNotificationsArgs, topic: aws.sns.Topic): void {
    for (const email of emails) {
      new aws.sns.TopicSubscription(
        subscriptionName(email),
        { region: place.region, topic: topic.arn, protocol: "email", endpoint: email },
        { parent: this },
      );
    }
  }
}
