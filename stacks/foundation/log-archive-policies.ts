import { logKeyPolicy } from "../policies/log-key-policy.ts";
import { policyDocument } from "../policies/policy-document.ts";
import type { PolicyDocument, ResourcePolicyStatement } from "../policies/policy-document.ts";
import { bucketArn, notificationTopicArn, trailArn } from "./arns.ts";
import type { Place } from "./arns.ts";

/** Prefix of the archive under which the account's trail writes. */
export const trailPrefix = "cloudtrail";

/**
 * Prefix of the sessions that name no environment's document. Nodes may write under their prefixes only: not over each
 * other's environments, and not over the trail that tells on them.
 */
export const defaultSessionPrefix = "default-sessions";

interface KeyUse {
  place: Place;
  logGroupName: string;
  /** Whether this foundation makes the account's trail, which then writes through the key. */
  makesTrail: boolean;
  /** Whether session activity is published to a topic that the key encrypts. */
  notifies: boolean;
}

const trail = { Service: "cloudtrail.amazonaws.com" };
const onlyFor = (place: Place) => ({ "aws:SourceArn": trailArn(place) });

const trailUsesKey = (place: Place): ResourcePolicyStatement => ({
  Sid: "TrailUsesKey",
  Effect: "Allow",
  Principal: trail,
  Action: ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"],
  Resource: "*",
  Condition: { StringEquals: onlyFor(place) },
});

const notificationsUseKey = (place: Place): ResourcePolicyStatement => ({
  Sid: "NotificationsUseKey",
  Effect: "Allow",
  Principal: { Service: "events.amazonaws.com" },
  Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
  Resource: "*",
  Condition: { ArnEquals: { "kms:EncryptionContext:aws:sns:topicArn": notificationTopicArn(place) } },
});

const trailWritesTo = (bucket: string, place: Place): ResourcePolicyStatement[] => [
  {
    Sid: "TrailChecksBucket",
    Effect: "Allow",
    Principal: trail,
    Action: "s3:GetBucketAcl",
    Resource: bucket,
    Condition: { StringEquals: onlyFor(place) },
  },
  {
    Sid: "TrailWrites",
    Effect: "Allow",
    Principal: trail,
    Action: "s3:PutObject",
    Resource: `${bucket}/${trailPrefix}/AWSLogs/${place.account}/*`,
    Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", ...onlyFor(place) } },
  },
];

/**
 * Key policy of the log archive's key, which serves the log group, the bucket, default sessions, the trail and the topic.
 *
 * - The account administers the key and CloudWatch Logs uses it for this log group, as with any log key; nodes have their
 *   rights by their role.
 * - People of the account may ask for a session's data key: Session Manager's client asks KMS as the user and names the
 *   session in the encryption context. Only nodes can decrypt it. Without this the default preferences would shut out
 *   everyone whose permission set does not name this key, the whitepaper profile among them ("Turn on KMS key encryption
 *   of session data" in the Systems Manager User Guide).
 * - CloudTrail encrypts, and because of the bucket key also decrypts ("Configure AWS KMS key policies for CloudTrail").
 * - EventBridge publishes to the topic. Conditions on the source are not supported there, so the topic in the encryption
 *   context is the limit ("Key management" in the SNS Developer Guide); the topic's own policy names the rule.
 */
export const archiveKeyPolicy = ({
  place,
  logGroupName,
  makesTrail,
  notifies,
}: KeyUse): PolicyDocument<ResourcePolicyStatement> => {
  return policyDocument<ResourcePolicyStatement>([
    ...logKeyPolicy({ ...place, logGroupName }).Statement,
    {
      Sid: "PeopleEncryptTheirSessions",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: "kms:GenerateDataKey",
      Resource: "*",
      Condition: {
        StringEquals: { "kms:CallerAccount": place.account },
        Null: { "kms:EncryptionContext:aws:ssm:SessionId": "false" },
      },
    },
    ...(makesTrail ? [trailUsesKey(place)] : []),
    ...(notifies ? [notificationsUseKey(place)] : []),
  ]);
};

interface BucketUse {
  place: Place;
  bucketName: string;
  makesTrail: boolean;
}

/**
 * Bucket policy of the log archive: nothing without TLS, and CloudTrail's rights when this foundation makes the trail.
 * Nodes need no statement: they are of the same account and have their rights by their role.
 * Source: "Amazon S3 bucket policy for CloudTrail" in the CloudTrail User Guide.
 */
export const archiveBucketPolicy = ({
  place,
  bucketName,
  makesTrail,
}: BucketUse): PolicyDocument<ResourcePolicyStatement> => {
  const bucket = bucketArn(bucketName, place);
  return policyDocument<ResourcePolicyStatement>([
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "s3:*",
      Resource: [bucket, `${bucket}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    ...(makesTrail ? trailWritesTo(bucket, place) : []),
  ]);
};
