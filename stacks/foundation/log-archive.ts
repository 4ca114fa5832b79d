import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { FoundationArguments } from "../arguments.ts";
import { importIdBeside } from "../import-ids.ts";
import { archiveKeyAlias } from "../names.ts";
import { archiveLifecycleRules } from "./archive-lifecycle.ts";
import { policyJson } from "../policies/policy-document.ts";
import type { Place } from "./arns.ts";
import { archiveBucketPolicy, archiveKeyPolicy } from "./log-archive-policies.ts";

export interface LogArchiveArgs {
  place: Place;
  /** Names, retention and what is taken over. */
  archive: FoundationArguments["logArchive"];
  /** Whether this foundation makes the account's trail, which then writes to the archive. */
  makesTrail: boolean;
  /** Whether session activity is published to a topic that the archive's key encrypts. */
  notifies: boolean;
}

/**
 * Where session logs end up: one KMS key, an S3 bucket that takes nothing unencrypted or public, and a log group.
 *
 * All of it outlives the stack. A deleted key makes every log unreadable, and a bucket that stays while its public access
 * block, encryption and policy go would be worse than none: so the bucket's settings are retained with it. When the
 * foundation returns, key, alias, bucket and log group are imported, and the settings written again: S3 takes each as a
 * put over what is there. Changing retention updates the log group and the lifecycle in place.
 */
export class LogArchive extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  /** The settings after which the trail may write: CloudTrail tests its rights when it is made. */
  readonly readyForTrail: pulumi.Resource;

  constructor(name: string, args: LogArchiveArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:foundation:LogArchive", name, {}, options);
    const key = this.#key(args);
    const bucket = this.#bucket(args);
    const policy = this.#settings(args, bucket, key);
    const logGroup = this.#logGroup(args, key);

    this.bucketName = bucket.bucket;
    this.keyArn = key.arn;
    this.logGroupName = logGroup.name;
    this.readyForTrail = policy;
    this.registerOutputs({ bucketName: this.bucketName, keyArn: this.keyArn, logGroupName: this.logGroupName });
  }

  /** Options of a child that stays in the account when the stack lets go of it. */
  #kept(importId: string | null = null): pulumi.CustomResourceOptions {
    return { parent: this, retainOnDelete: true, ...(importId === null ? {} : { import: importId }) };
  }

  #key({ place, archive, makesTrail, notifies }: LogArchiveArgs): aws.kms.Key {
    const key = new aws.kms.Key(
      "archive-key",
      {
        region: place.region,
        description: "Session logs, their archive and default sessions",
        enableKeyRotation: true,
        policy: policyJson(archiveKeyPolicy({ place, logGroupName: archive.logGroupName, makesTrail, notifies })),
      },
      this.#kept(archive.keyImportId),
    );
    // The alias is how the service finds a key that was retained: the two are taken back together.
    new aws.kms.Alias(
      "archive-key-alias",
      { region: place.region, name: archiveKeyAlias, targetKeyId: key.keyId },
      this.#kept(importIdBeside(archive.keyImportId, archiveKeyAlias)),
    );
    return key;
  }

  #bucket({ place, archive }: LogArchiveArgs): aws.s3.Bucket {
    return new aws.s3.Bucket(
      "archive-bucket",
      { region: place.region, bucket: archive.bucketName },
      this.#kept(archive.bucketImportId),
    );
  }

  /** Gives the bucket policy, which comes last: with it the bucket is complete. */
  #settings(
    { place, archive, makesTrail }: LogArchiveArgs,
    bucket: aws.s3.Bucket,
    key: aws.kms.Key,
  ): aws.s3.BucketPolicy {
    const common = { region: place.region, bucket: bucket.bucket };
    const versioning = new aws.s3.BucketVersioning(
      "archive-versioning",
      { ...common, versioningConfiguration: { status: "Enabled" } },
      this.#kept(),
    );
    const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
      "archive-encryption",
      {
        ...common,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
            bucketKeyEnabled: true,
          },
        ],
      },
      this.#kept(),
    );
    const publicAccess = new aws.s3.BucketPublicAccessBlock(
      "archive-public-access",
      {
        ...common,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      this.#kept(),
    );
    const ownership = new aws.s3.BucketOwnershipControls(
      "archive-ownership",
      { ...common, rule: { objectOwnership: "BucketOwnerEnforced" } },
      this.#kept(),
    );
    // Rules on noncurrent versions want versioning to be on: "BucketLifecycleConfiguration" in the provider.
    new aws.s3.BucketLifecycleConfiguration(
      "archive-lifecycle",
      { ...common, rules: archiveLifecycleRules(archive.retentionDays) },
      { ...this.#kept(), dependsOn: [versioning] },
    );
    // S3 answers 409 to some settings written at once on a new bucket, so the policy waits for the others.
    return new aws.s3.BucketPolicy(
      "archive-policy",
      { ...common, policy: policyJson(archiveBucketPolicy({ place, bucketName: archive.bucketName, makesTrail })) },
      { ...this.#kept(), dependsOn: [encryption, publicAccess, ownership] },
    );
  }

  #logGroup({ place, archive }: LogArchiveArgs, key: aws.kms.Key): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      "archive-log-group",
      {
        region: place.region,
        name: archive.logGroupName,
        retentionInDays: archive.retentionDays,
        kmsKeyId: key.arn,
      },
      this.#kept(archive.logGroupImportId),
    );
  }
}
