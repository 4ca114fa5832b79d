import { archiveBucketPolicy, archiveKeyPolicy } from "../../../stacks/foundation/log-archive-policies.ts";
import type { Place } from "../../../stacks/foundation/arns.ts";
import { account, region } from "./run-foundation.ts";

const place: Place = { partition: "aws", account, region };
const trail = `arn:aws:cloudtrail:${region}:${account}:trail/gatehouse-management-events`;
const sids = (policy: { Statement: { Sid?: string | undefined }[] }) => policy.Statement.map(({ Sid }) => Sid);

describe("key policy of the log archive", () => {
  const key = (uses: { makesTrail: boolean; notifies: boolean }) =>
    archiveKeyPolicy({ place, logGroupName: "SessionManagerLogGroup", ...uses });

  it.each([
    { makesTrail: false, notifies: false, more: [] },
    { makesTrail: true, notifies: true, more: ["TrailUsesKey", "NotificationsUseKey"] },
    { makesTrail: false, notifies: true, more: ["NotificationsUseKey"] },
  ])("lets in the services that are used: $more", ({ more, ...uses }) => {
    expect(sids(key(uses))).toEqual([
      "AccountAdministration",
      "EncryptLogGroup",
      "PeopleEncryptTheirSessions",
      ...more,
    ]);
  });

  it("serves this log group alone", () => {
    const statement = key({ makesTrail: false, notifies: false }).Statement[1];
    expect(statement?.Condition).toEqual({
      ArnEquals: {
        "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${account}:log-group:SessionManagerLogGroup`,
      },
    });
  });

  it("gives people of the account data keys for sessions, and nothing to decrypt", () => {
    const statement = key({ makesTrail: false, notifies: false }).Statement[2];
    expect(statement?.Action).toBe("kms:GenerateDataKey");
    expect(statement?.Condition).toEqual({
      StringEquals: { "kms:CallerAccount": account },
      Null: { "kms:EncryptionContext:aws:ssm:SessionId": "false" },
    });
  });

  it("limits CloudTrail by its trail and EventBridge by the topic, since it supports no condition on the source", () => {
    const [, , , trailUse, topicUse] = key({ makesTrail: true, notifies: true }).Statement;
    expect(trailUse?.Condition).toEqual({ StringEquals: { "aws:SourceArn": trail } });
    expect(topicUse?.Action).toEqual(["kms:GenerateDataKey*", "kms:Decrypt"]);
    expect(topicUse?.Condition).toEqual({
      ArnEquals: {
        "kms:EncryptionContext:aws:sns:topicArn": `arn:aws:sns:${region}:${account}:gatehouse-session-activity`,
      },
    });
  });
});

describe("bucket policy of the log archive", () => {
  it("lets the trail of this account write under its prefix, and only when it is made here", () => {
    const bucketPolicy = (makesTrail: boolean) =>
      archiveBucketPolicy({ place, bucketName: "logs-of-ours", makesTrail });
    expect(sids(bucketPolicy(false))).toEqual(["TlsOnly"]);
    expect(sids(bucketPolicy(true))).toEqual(["TlsOnly", "TrailChecksBucket", "TrailWrites"]);
    expect(bucketPolicy(true).Statement[2]).toMatchObject({
      Action: "s3:PutObject",
      Resource: `arn:aws:s3:::logs-of-ours/cloudtrail/AWSLogs/${account}/*`,
      Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail } },
    });
  });

  it("names things in the partition of the region", () => {
    const policy = archiveBucketPolicy({
      place: { partition: "aws-us-gov", account, region: "us-gov-west-1" },
      bucketName: "logs-of-ours",
      makesTrail: true,
    });
    expect(JSON.stringify(policy)).not.toContain("arn:aws:");
  });
});
