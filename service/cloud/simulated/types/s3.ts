/** S3: a bucket, and the settings that the provider keeps as resources of their own. */
import { isObject, type JsonObject } from "../../../domain/json.ts";
import { dnsSuffixOf } from "../identifiers.ts";
import { letsPrincipal, policy, statementsOf } from "../policy-document.ts";
import { allTags, lookAt, mustExist, mustHold, objectAt, text } from "../resource-type.ts";
import type { Call, Condition, Property, ResourceType } from "../resource-type.ts";
import { websiteZones } from "./s3-website-zones.ts";
import { account, all, flag, list, oneOf, parsedObject, tags, textOf } from "../rules.ts";

export const bucketToken = "aws:s3/bucket:Bucket";
const publicAccessBlockToken = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
export const bucketPolicyToken = "aws:s3/bucketPolicy:BucketPolicy";

const pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";

/** "General purpose bucket naming rules" in the S3 User Guide. */
const bucketName = all(
  textOf(3, 63, {
    matches: /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/,
    allows: "lowercase letters, digits, . and -, with a letter or digit at both ends",
  }),
  textOf(3, 63, {
    matches: /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)/,
    allows: "no IP address, and without two dots in a row",
  }),
  textOf(3, 63, {
    matches: /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)/,
    allows: "without a prefix or suffix that AWS keeps for itself",
  }),
);

const settingTokens = [
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  publicAccessBlockToken,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  bucketPolicyToken,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
];

/** Bucket names are shared by all accounts of AWS. */
const nameIsFree = (call: Call): Condition => ({
  lookup: { type: bucketToken, id: text(call.inputs, "bucket"), reach: "everywhere" },
  refuse: ([taken]) => {
    if (taken === undefined || taken.id === call.old?.id) return null;
    return taken.account === call.account
      ? {
          code: "BucketAlreadyOwnedByYou",
          message: `Your previous request to create the bucket ${taken.id} succeeded and you already own it.`,
        }
      : {
          code: "BucketAlreadyExists",
          message: `The requested bucket name ${taken.id} is not available: the namespace is shared by all users of the system.`,
        };
  },
});

export const bucket: ResourceType = {
  token: bucketToken,
  scope: "regional",
  source: `${pages}/s3_bucket`,
  invalid: "InvalidBucketName",
  properties: {
    bucket: { replaces: true, computed: true, rule: bucketName },
    forceDestroy: { default: false, rule: flag },
    objectLockEnabled: { default: false, replaces: true, rule: flag },
    tags: { rule: tags(50) },
  },
  computed: {
    arn: "ARN of the bucket",
    bucketDomainName: "`<bucket>.s3.amazonaws.com`",
    bucketRegionalDomainName: "`<bucket>.s3.<region>.amazonaws.com`",
    bucketRegion: "the region",
    hostedZoneId: "of S3's website endpoints in the region; empty where the provider lists none",
    bucketNamespace: "`global`",
    bucketPrefix: "empty: no name is made from one",
    tagsAll: "the tags",
  },
  named: "bucket",
  outputs: (call) => {
    const name = text(call.inputs, "bucket");
    return {
      arn: `arn:${call.partition}:s3:::${name}`,
      bucketDomainName: `${name}.s3.${dnsSuffixOf(call.region)}`,
      bucketRegionalDomainName: `${name}.s3.${call.region}.${dnsSuffixOf(call.region)}`,
      bucketRegion: call.region,
      hostedZoneId: websiteZones[call.region] ?? "",
      bucketNamespace: "global",
      bucketPrefix: "",
      ...allTags(call),
    };
  },
  updated: allTags,
  id: (outputs) => text(outputs, "bucket"),
  conditions: (call) => {
    if (call.verb !== "delete") return [nameIsFree(call)];
    const empty = Number(call.old?.state["objects"] ?? 0) === 0 || call.inputs["forceDestroy"] === true;
    return [
      mustHold(
        empty,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
      ),
      ...settingTokens.map((type) => lookAt({ type, id: call.old?.id ?? "" })),
    ];
  },
  // Settings go with their bucket.
  effects: (call, rows) => (call.verb === "delete" ? { remove: rows.flat() } : {}),
};

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
  source: `${pages}/${page}`,
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
