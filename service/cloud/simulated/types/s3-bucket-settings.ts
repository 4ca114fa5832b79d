/** S3: the settings of a bucket, which the provider keeps as resources of their own. */
import { isObject, type JsonObject } from "../../../domain/json.ts";
import { letsPrincipal, policy, statementsOf } from "../policy-document.ts";
import { mustExist, mustHold, objectAt, text, type Call, type Condition } from "../resource-type.ts";
import type { Property, ResourceType } from "../resource-type.ts";
import { account, all, flag, list, oneOf, parsedObject, textOf } from "../rules.ts";
import { bucketName, bucketPolicyToken, bucketToken, publicAccessBlockToken, s3Pages } from "./s3.ts";

const bucketExists = (call: Call): Condition =>
  mustExist(
    { type: bucketToken, id: text(call.inputs, "bucket") },
    "NoSuchBucket",
    `The specified bucket does not exist: ${text(call.inputs, "bucket")}`,
  );

const owner: Property = { replaces: true, computed: true, rule: account };

/** A setting of a bucket: written over what is there, named by the bucket. */
const setting = (
  token: string,
  page: string,
  properties: Record<string, Property>,
  more: Partial<ResourceType> = {},
): ResourceType => ({
  token,
  scope: "regional",
  source: `${s3Pages}/${page}`,
  invalid: "InvalidRequest",
  properties: { bucket: { required: true, replaces: true, rule: bucketName }, ...properties },
  computed: {},
  outputs: () => ({}),
  id: (outputs) => text(outputs, "bucket"),
  upsert: true,
  conditions: (call) => (call.verb === "delete" ? [] : [bucketExists(call)]),
  ...more,
});

export const bucketVersioning = setting("aws:s3/bucketVersioning:BucketVersioning", "s3_bucket_versioning", {
  expectedBucketOwner: owner,
  mfa: { rule: textOf(1, 64) },
  versioningConfiguration: {
    required: true,
    rule: (value) => oneOf("Enabled", "Suspended", "Disabled")((isObject(value) ? value["status"] : null) ?? null),
  },
});

const algorithms = ["AES256", "aws:kms", "aws:kms:dsse"];

export const bucketEncryption = setting(
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "s3_bucket_server_side_encryption_configuration",
  {
    expectedBucketOwner: owner,
    rules: {
      required: true,
      compare: "set",
      rule: (value) => {
        const rules = Array.isArray(value) ? value : [];
        if (rules.length !== 1 || !isObject(rules[0])) return "must hold exactly one rule";
        const byDefault = objectAt(rules[0], "applyServerSideEncryptionByDefault");
        const algorithm = text(byDefault, "sseAlgorithm");
        if (!algorithms.includes(algorithm)) return `must have one of ${algorithms.join(", ")} as sseAlgorithm`;
        return algorithm === "AES256" && text(byDefault, "kmsMasterKeyId") !== ""
          ? "must have no kmsMasterKeyId with AES256"
          : null;
      },
    },
  },
);

const off: Property = { default: false, rule: flag };

export const bucketPublicAccessBlock = setting(publicAccessBlockToken, "s3_bucket_public_access_block", {
  blockPublicAcls: off,
  blockPublicPolicy: off,
  ignorePublicAcls: off,
  restrictPublicBuckets: off,
  skipDestroy: { rule: flag },
});

export const bucketOwnershipControls = setting(
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "s3_bucket_ownership_controls",
  {
    rule: {
      required: true,
      rule: (value) =>
        oneOf(
          "BucketOwnerEnforced",
          "BucketOwnerPreferred",
          "ObjectWriter",
        )((isObject(value) ? value["objectOwnership"] : null) ?? null),
    },
  },
);

/** Every resource that the policy names must be the bucket or within it. */
const namesOwnBucket = (document: JsonObject, bucketArn: string): boolean =>
  statementsOf(document).every((statement) => {
    if (!isObject(statement)) return false;
    const resources = [statement["Resource"] ?? statement["NotResource"] ?? []].flat();
    return resources.every((one) => one === bucketArn || (typeof one === "string" && one.startsWith(`${bucketArn}/`)));
  });

/** A statement that lets everybody in without a condition is what S3 calls public. */
const isPublic = (document: string): boolean => {
  const open = statementsOf(parsedObject(document) ?? {}).filter(
    (one) => isObject(one) && one["Condition"] === undefined,
  );
  return ["s3:GetObject", "s3:PutObject", "s3:ListBucket"].some((action) =>
    letsPrincipal(JSON.stringify({ Statement: open }), ["*"], action),
  );
};

export const bucketPolicy = setting(
  bucketPolicyToken,
  "s3_bucket_policy",
  { policy: { required: true, compare: "policy", rule: all(textOf(1, 20_480), policy("resource")) } },
  {
    conditions: (call) => {
      if (call.verb === "delete") return [];
      const document = text(call.inputs, "policy");
      const name = text(call.inputs, "bucket");
      return [
        bucketExists(call),
        mustHold(
          namesOwnBucket(parsedObject(document) ?? {}, `arn:${call.partition}:s3:::${name}`),
          "MalformedPolicy",
          "Policy has invalid resource",
        ),
        {
          lookup: { type: publicAccessBlockToken, id: name },
          refuse: ([block]) =>
            block?.outputs["blockPublicPolicy"] === true && isPublic(document)
              ? {
                  code: "AccessDenied",
                  message: "Public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access",
                }
              : null,
        },
      ];
    },
  },
);

const lifecycleActions = [
  "expiration",
  "transitions",
  "noncurrentVersionExpiration",
  "noncurrentVersionTransitions",
  "abortIncompleteMultipartUpload",
];

const lifecycleRules = all(list, (value) => {
  const rules = Array.isArray(value) ? value : [];
  if (rules.length < 1 || rules.length > 1000) return "must hold 1 to 1000 rules";
  const ids = new Set<string>();
  for (const rule of rules) {
    if (!isObject(rule) || text(rule, "id") === "" || text(rule, "id").length > 255)
      return "must have an id of 1 to 255 characters in each rule";
    if (ids.has(text(rule, "id"))) return `must not use the rule id ${text(rule, "id")} twice`;
    ids.add(text(rule, "id"));
    if (!["Enabled", "Disabled"].includes(text(rule, "status")))
      return "must have Enabled or Disabled as status of each rule";
    if (!lifecycleActions.some((action) => rule[action] !== undefined))
      return "must have at least one action in each rule";
    const days = objectAt(rule, "expiration")["days"];
    if (days !== undefined && !(typeof days === "number" && days > 0)) return "must have a positive number of days";
  }
  return null;
});

export const bucketLifecycle = setting(
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "s3_bucket_lifecycle_configuration",
  {
    expectedBucketOwner: owner,
    rules: { required: true, rule: lifecycleRules },
    transitionDefaultMinimumObjectSize: {
      default: "all_storage_classes_128K",
      rule: oneOf("all_storage_classes_128K", "varies_by_storage_class"),
    },
  },
  {
    computed: { expectedBucketOwner: "empty where none is given" },
    outputs: (call) => ({ expectedBucketOwner: text(call.inputs, "expectedBucketOwner") }),
  },
);
