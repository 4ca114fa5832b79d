/** S3: buckets. Their settings are resources of their own (`s3-bucket-settings.ts`), and go with them. */
import { dnsSuffixOf } from "../identifiers.ts";
import { allTags, lookAt, mustHold, text } from "../resource-type.ts";
import type { Call, Condition, ResourceType } from "../resource-type.ts";
import { websiteZones } from "./s3-website-zones.ts";
import { all, flag, tags, textOf } from "../rules.ts";

export const bucketToken = "aws:s3/bucket:Bucket";
export const publicAccessBlockToken = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
export const bucketPolicyToken = "aws:s3/bucketPolicy:BucketPolicy";

export const s3Pages = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources";

/** "General purpose bucket naming rules" in the S3 User Guide. */
export const bucketName = all(
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
  source: `${s3Pages}/s3_bucket`,
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
