import { noncurrentVersionDays } from "../../../stacks/foundation/archive-lifecycle.ts";
import { parseJson } from "../../support/pulumi-mocks.ts";
import { foundationArguments, keyArn, region, runFoundation } from "./run-foundation.ts";

const bucket = "session-manager-log-bucket123";
const s3 = (resource: string): string => `aws:s3/${resource.charAt(0).toLowerCase()}${resource.slice(1)}:${resource}`;

const bucketSettings = [
  "BucketVersioning",
  "BucketServerSideEncryptionConfiguration",
  "BucketPublicAccessBlock",
  "BucketOwnershipControls",
  "BucketLifecycleConfiguration",
  "BucketPolicy",
];
const archiveTypes = ["aws:kms/key:Key", "aws:kms/alias:Alias", "aws:cloudwatch/logGroup:LogGroup", s3("Bucket")];

describe("log archive", () => {
  it("encrypts bucket and log group with one key that rotates and has an alias", async () => {
    const run = await runFoundation();
    expect(run.find("aws:kms/key:Key").inputs).toMatchObject({ region, enableKeyRotation: true });
    expect(run.find("aws:kms/alias:Alias").inputs).toMatchObject({
      name: "alias/gatehouse-log-archive",
      targetKeyId: "archive",
    });
    expect(run.find("aws:cloudwatch/logGroup:LogGroup").inputs).toEqual({
      region,
      name: "SessionManagerLogGroup",
      retentionInDays: 365,
      kmsKeyId: keyArn,
    });
    expect(run.find(s3("BucketServerSideEncryptionConfiguration")).inputs["rules"]).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
        bucketKeyEnabled: true,
      },
    ]);
  });

  it("keeps versions, has no public access and no access lists", async () => {
    const run = await runFoundation();
    expect(run.find(s3("BucketVersioning")).inputs).toMatchObject({
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    expect(run.find(s3("BucketPublicAccessBlock")).inputs).toEqual({
      region,
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(run.find(s3("BucketOwnershipControls")).inputs["rule"]).toEqual({ objectOwnership: "BucketOwnerEnforced" });
  });

  it("expires logs after the retention, old versions after a month, and half uploads", async () => {
    const run = await runFoundation({ logArchive: { ...foundationArguments().logArchive, retentionDays: 90 } });
    expect(run.find(s3("BucketLifecycleConfiguration")).inputs["rules"]).toEqual([
      {
        id: "expire-logs",
        status: "Enabled",
        filter: {},
        expiration: { days: 90 },
        noncurrentVersionExpiration: { noncurrentDays: noncurrentVersionDays },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
    ]);
  });

  it("stays in the account, with every setting that protects it, when the stack goes", async () => {
    const run = await runFoundation();
    const kept = run.registrations.filter((registration) => registration.retainOnDelete).map(({ type }) => type);
    expect(kept.sort()).toEqual([...archiveTypes, ...bucketSettings.map(s3)].sort());
  });

  it("hangs under its component, works through the account's provider and names its region", async () => {
    const run = await runFoundation();
    for (const type of [...archiveTypes, ...bucketSettings.map(s3)]) {
      expect(run.find(type)).toMatchObject({ parent: "log-archive", provider: "account-111122223333" });
      expect(run.find(type).inputs["region"]).toBe(region);
    }
  });

  it("writes the lifecycle after versioning, and the bucket policy last", async () => {
    const run = await runFoundation();
    expect(run.find(s3("BucketLifecycleConfiguration")).dependencies).toContain("archive-versioning");
    expect(run.find(s3("BucketPolicy")).dependencies).toEqual(
      expect.arrayContaining(["archive-encryption", "archive-public-access", "archive-ownership"]),
    );
  });

  it("makes everything anew unless told to take over", async () => {
    const run = await runFoundation();
    expect(run.registrations.filter((registration) => registration.importId !== null)).toEqual([]);
  });

  it("takes over bucket, log group and key, the alias together with its key, and writes the settings again", async () => {
    const run = await runFoundation({
      logArchive: {
        ...foundationArguments().logArchive,
        bucketImportId: bucket,
        logGroupImportId: "SessionManagerLogGroup",
        keyImportId: "1234abcd-12ab-34cd-56ef-1234567890ab",
      },
    });
    const imported = run.registrations.flatMap(({ name, importId }) => (importId === null ? [] : [[name, importId]]));
    expect(Object.fromEntries(imported)).toEqual({
      "archive-key": "1234abcd-12ab-34cd-56ef-1234567890ab",
      "archive-key-alias": "alias/gatehouse-log-archive",
      "archive-bucket": bucket,
      "archive-log-group": "SessionManagerLogGroup",
    });
    expect(run.all(s3("BucketPolicy"))).toHaveLength(1);
  });

  it("refuses whoever does not use TLS", async () => {
    const run = await runFoundation();
    const policy = parseJson(run.find(s3("BucketPolicy")).inputs["policy"]);
    expect(policy["Statement"]).toEqual([
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });
});
