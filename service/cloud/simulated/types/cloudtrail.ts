/** CloudTrail: trails. */
import { allTags, mustBeFree, text } from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { letsService } from "../policy-document.ts";
import { all, arn, flag, list, tags, textOf } from "../rules.ts";
import { keyIdOf, keyToken } from "./kms.ts";
import { bucketPolicyToken, bucketToken } from "./s3.ts";

export const trailToken = "aws:cloudtrail/trail:Trail";

/** "Quotas in AWS CloudTrail": five trails a region. */
const trailsPerRegion = 5;

const service = "cloudtrail.amazonaws.com";

/** CloudTrail tests its rights on bucket and key when a trail is made or changed. */
const mayWrite = (call: Call): Condition[] => {
  const bucket = text(call.inputs, "s3BucketName");
  const key = text(call.inputs, "kmsKeyId");
  return [
    {
      lookup: { type: bucketToken, id: bucket, reach: "everywhere" },
      refuse: ([found]) =>
        found === undefined
          ? { code: "S3BucketDoesNotExistException", message: `S3 bucket ${bucket} does not exist!` }
          : null,
    },
    {
      lookup: { type: bucketPolicyToken, id: bucket, reach: "everywhere" },
      refuse: ([found]) => {
        const document = text(found?.outputs ?? {}, "policy");
        const allowed = ["s3:GetBucketAcl", "s3:PutObject"].every((action) => letsService(document, service, action));
        return allowed
          ? null
          : {
              code: "InsufficientS3BucketPolicyException",
              message: `Incorrect S3 bucket policy is detected for bucket: ${bucket}`,
            };
      },
    },
    ...(key === ""
      ? []
      : [
          {
            lookup: { type: keyToken, id: keyIdOf(key), reach: "everywhere" as const },
            refuse: ([found]: { outputs: Call["inputs"] }[]) =>
              found !== undefined && letsService(text(found.outputs, "policy"), service, "kms:GenerateDataKey")
                ? null
                : {
                    code: "InsufficientEncryptionPolicyException",
                    message: `Insufficient permissions to access S3 bucket ${bucket} or KMS key ${key}.`,
                  },
          },
        ]),
  ];
};

export const trail: ResourceType = {
  token: trailToken,
  scope: "regional",
  source: "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail",
  invalid: "InvalidParameterCombinationException",
  properties: {
    name: {
      replaces: true,
      computed: true,
      rule: all(
        textOf(3, 128, {
          matches: /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
          allows: "letters, digits and . _ -, with a letter or digit at both ends",
        }),
        textOf(3, 128, { matches: /^(?!.*[._-]{2})/, allows: "without two of . _ - in a row" }),
      ),
    },
    s3BucketName: { required: true, rule: textOf(3, 63) },
    s3KeyPrefix: { rule: textOf(0, 200) },
    kmsKeyId: { rule: arn("kms") },
    snsTopicName: { rule: textOf(1, 256) },
    cloudWatchLogsGroupArn: { rule: arn("logs") },
    cloudWatchLogsRoleArn: { rule: arn("iam") },
    enableLogging: { default: true, rule: flag },
    enableLogFileValidation: { default: false, rule: flag },
    includeGlobalServiceEvents: { default: true, rule: flag },
    isMultiRegionTrail: { default: false, rule: flag },
    isOrganizationTrail: { default: false, rule: flag },
    eventSelectors: { rule: list },
    advancedEventSelectors: { rule: list },
    insightSelectors: { compare: "set", rule: list },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the trail",
    homeRegion: "the region",
    snsTopicArn: "empty where no topic is named",
    tagsAll: "the tags",
  },
  named: "name",
  checkTogether: (inputs) =>
    inputs["isMultiRegionTrail"] === true && inputs["includeGlobalServiceEvents"] === false
      ? [{ property: "includeGlobalServiceEvents", reason: "must be true for a trail of all regions" }]
      : [],
  outputs: (call) => ({
    arn: `arn:${call.partition}:cloudtrail:${call.region}:${call.account}:trail/${text(call.inputs, "name")}`,
    homeRegion: call.region,
    snsTopicArn: "",
    ...allTags(call),
  }),
  updated: allTags,
  id: (outputs) => text(outputs, "arn"),
  conditions: (call) => {
    if (call.verb === "delete") return [];
    const name = text(call.inputs, "name");
    return [
      mustBeFree(
        { type: trailToken, where: { name } },
        "TrailAlreadyExistsException",
        `Trail ${name} already exists for customer: ${call.account}`,
        call.old,
      ),
      {
        lookup: { type: trailToken },
        refuse: (rows) =>
          call.old === null && rows.length >= trailsPerRegion
            ? {
                code: "MaximumNumberOfTrailsExceededException",
                message: `User: ${call.account} already has ${rows.length} trails in ${call.region}.`,
              }
            : null,
      },
      ...mayWrite(call),
    ];
  },
};
