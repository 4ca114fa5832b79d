import { parseJson } from "../../support/pulumi-mocks.ts";
import { account, keyArn, region, runFoundation } from "./run-foundation.ts";

const types = {
  trail: "aws:cloudtrail/trail:Trail",
  rule: "aws:cloudwatch/eventRule:EventRule",
  target: "aws:cloudwatch/eventTarget:EventTarget",
  topic: "aws:sns/topic:Topic",
  topicPolicy: "aws:sns/topicPolicy:TopicPolicy",
  subscription: "aws:sns/topicSubscription:TopicSubscription",
};
const topicArn = `arn:aws:sns:${region}:${account}:gatehouse-session-activity`;
const notifications = { emails: ["security@example.com"], trail: null };

describe("session notifications", () => {
  it("log management events of all regions into the archive, validated and encrypted", async () => {
    const run = await runFoundation({ notifications });
    expect(run.find(types.trail).inputs).toEqual({
      region,
      name: "gatehouse-management-events",
      s3BucketName: "session-manager-log-bucket123",
      s3KeyPrefix: "cloudtrail",
      kmsKeyId: keyArn,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      enableLogging: true,
    });
    expect(run.find(types.trail).dependencies).toEqual(expect.arrayContaining(["archive-policy", "archive-key"]));
  });

  it("catch the start, resume and end of sessions and hand them to an encrypted topic", async () => {
    const run = await runFoundation({ notifications });
    expect(parseJson(run.find(types.rule).inputs["eventPattern"])).toEqual({
      source: ["aws.ssm"],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventSource: ["ssm.amazonaws.com"],
        eventName: ["StartSession", "ResumeSession", "TerminateSession"],
      },
    });
    expect(run.find(types.target).inputs).toEqual({
      region,
      rule: "gatehouse-session-activity",
      targetId: "session-activity-topic",
      arn: topicArn,
    });
    expect(run.find(types.topic).inputs).toMatchObject({
      name: "gatehouse-session-activity",
      kmsMasterKeyId: keyArn,
    });
    expect(run.outputs["notificationTopicArn"]).toBe(topicArn);
  });

  it("let this rule publish, and nobody else", async () => {
    const run = await runFoundation({ notifications });
    expect(parseJson(run.find(types.topicPolicy).inputs["policy"])["Statement"]).toEqual([
      {
        Sid: "RulePublishes",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: {
          ArnEquals: { "aws:SourceArn": `arn:aws:events:${region}:${account}:rule/gatehouse-session-activity` },
        },
      },
    ]);
  });

  it("subscribe each address by a name of its own, so that adding one touches one", async () => {
    const before = await runFoundation({ notifications });
    const emails = ["first@example.com", ...notifications.emails];
    const after = await runFoundation({ notifications: { ...notifications, emails } });
    const names = (run: typeof before) => run.all(types.subscription).map(({ name }) => name);
    expect(names(before)).toEqual(["notify-security@example.com"]);
    expect(names(after)).toEqual(["notify-first@example.com", "notify-security@example.com"]);
    expect(after.find(types.subscription, "notify-security@example.com").inputs).toEqual({
      region,
      topic: topicArn,
      protocol: "email",
      endpoint: "security@example.com",
    });
  });

  it.each([
    ["a trail is named", { notifications: { ...notifications, trail: "organization-trail" } }],
    ["the account's first foundation has one", { ownsAccount: false, notifications }],
  ])("make no trail, and give CloudTrail no rights, when %s", async (_why, changes) => {
    const run = await runFoundation(changes);
    expect(run.all(types.trail)).toEqual([]);
    expect(run.all(types.rule)).toHaveLength(1);
    expect(JSON.stringify(run.find("aws:s3/bucketPolicy:BucketPolicy").inputs)).not.toContain("cloudtrail");
    expect(JSON.stringify(run.find("aws:kms/key:Key").inputs)).not.toContain("cloudtrail");
  });

  it("are left out where nobody wants them", async () => {
    const run = await runFoundation();
    for (const type of Object.values(types)) expect(run.all(type)).toEqual([]);
    expect(run.outputs["notificationTopicArn"] ?? null).toBeNull();
  });

  it("hang under their component and name their region", async () => {
    const run = await runFoundation({ notifications });
    for (const type of Object.values(types)) {
      expect(run.find(type)).toMatchObject({ parent: "session-notifications", provider: `account-${account}` });
      expect(run.find(type).inputs["region"]).toBe(region);
    }
  });
});
