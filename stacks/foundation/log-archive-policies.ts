import { accountRootArn, bucketArn, logGroupArn, notificationTopicArn, trailArn } from "./arns.ts";
import type { Place } from "./arns.ts";

/** Prefix of the archive under which the account's trail writes. */
export const trailPrefix = "cloudtrail";

interface KeyUse {
  place: Place;
  logGroupName: string;
  /** Whether this foundation makes the account's trail, which then writes through the key. */
  makesTrail: boolean;
  /** Whether session activity is published to a topic that the key encrypts. */
  notifies: boolean;
}

/**
 * Key policy of the log archive's key, which serves the log group, the bucket, default sessions, the trail and the topic.
 *
 * - The account administers the key, and through that statement IAM policies work on it at all: nodes get their rights
 *   by their role ("Default key policy" in the KMS Developer Guide).
 * - CloudWatch Logs may use it for this log group only ("Encrypt log data in CloudWatch Logs").
 * - People of the account may ask for a session's data key: Session Manager's client calls GenerateDataKey as the user,
 *   with the session in the encryption context; only nodes can decrypt it ("Turn on KMS key encryption of session data").
 * - CloudTrail encrypts, and because of the bucket key also decrypts ("Configure AWS KMS key policies for CloudTrail").
 * - EventBridge publishes to the topic. Conditions on the source are not supported there, so the topic in the encryption
 *   context is the limit ("Key management" in the SNS Developer Guide); the topic's own policy names the rule.
 */
export const archiveKeyPolicy = ({ place, logGroupName, makesTrail, notifies }: KeyUse) => {
  const service = (name: string) => ({ Service: name });
  const everything = "*";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AccountAdministersKey",
        Effect: "Allow",
        Principal: { AWS: accountRootArn(place) },
        Action: "kms:*",
        Resource: everything,
      },
      {
        Sid: "LogGroupUsesKey",
        Effect: "Allow",
        Principal: service(`logs.${place.region}.amazonaws.com`),
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: everything,
        Condition: { ArnEquals: { "kms:EncryptionContext:aws:logs:arn": logGroupArn(logGroupName, place) } },
      },
      {
        Sid: "PeopleEncryptTheirSessions",
        Effect: "Allow",
        Principal: { AWS: everything },
        Action: "kms:GenerateDataKey",
        Resource: everything,
        Condition: {
          StringEquals: { "kms:CallerAccount": place.account },
          Null: { "kms:EncryptionContext:aws:ssm:SessionId": "false" },
        },
      },
      ...(makesTrail
        ? [
            {
              Sid: "TrailUsesKey",
              Effect: "Allow",
              Principal: service("cloudtrail.amazonaws.com"),
              Action: ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"],
              Resource: everything,
              Condition: { StringEquals: { "aws:SourceArn": trailArn(place) } },
            },
          ]
        : []),
      ...(notifies
        ? [
            {
              Sid: "NotificationsUseKey",
              Effect: "Allow",
              Principal: service("events.amazonaws.com"),
              Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
              Resource: everything,
              Condition: { ArnEquals: { "kms:EncryptionContext:aws:sns:topicArn": notificationTopicArn(place) } },
            },
          ]
        : []),
    ],
  };
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
export const archiveBucketPolicy = ({ place, bucketName, makesTrail }: BucketUse) => {
  const bucket = bucketArn(bucketName, place);
  const trail = { Service: "cloudtrail.amazonaws.com" };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucket, `${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...(makesTrail
        ? [
            {
              Sid: "TrailChecksBucket",
              Effect: "Allow",
              Principal: trail,
              Action: "s3:GetBucketAcl",
              Resource: bucket,
              Condition: { StringEquals: { "aws:SourceArn": trailArn(place) } },
            },
            {
              Sid: "TrailWrites",
              Effect: "Allow",
              Principal: trail,
              Action: "s3:PutObject",
              Resource: `${bucket}/${trailPrefix}/AWSLogs/${place.account}/*`,
              Condition: {
                StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trailArn(place) },
              },
            },
          ]
        : []),
    ],
  };
};
