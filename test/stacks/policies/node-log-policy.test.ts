import { readFileSync } from "node:fs";
import type { PolicyStatement } from "../../../stacks/arguments.ts";
import { nodeLogPolicy, type NodeLogPolicyInput } from "../../../stacks/policies/node-log-policy.ts";
import type { PolicyDocument } from "../../../stacks/policies/policy-document.ts";

const policyOf = (overrides: Partial<NodeLogPolicyInput> = {}): PolicyDocument =>
  nodeLogPolicy({
    partition: "aws",
    account: "111122223333",
    region: "ap-southeast-1",
    logGroupName: "/gatehouse/sessions/production",
    bucketName: "session-logs",
    keyPrefix: "production/",
    keyArns: ["arn:aws:kms:ap-southeast-1:111122223333:key/log", "arn:aws:kms:ap-southeast-1:111122223333:key/archive"],
    ...overrides,
  });
const actions = ({ Statement }: PolicyDocument) => Statement.flatMap(({ Action }) => Action ?? []).sort();
const granting = (action: string, policy = policyOf()): PolicyStatement | undefined =>
  policy.Statement.find(({ Action }) => [Action].flat().includes(action));

const reference = JSON.parse(
  readFileSync(new URL("../fixtures/policies/session-manager-log-policy.json", import.meta.url), "utf8"),
) as PolicyDocument;

describe("nodeLogPolicy", () => {
  it("leaves out of the guide's policy what nodes do not need, and adds what the agent checks and encrypts with", () => {
    const [ours, guide] = [actions(policyOf()), actions(reference)];
    expect(guide.filter((action) => !ours.includes(action))).toEqual([
      "logs:GetLogEvents",
      "logs:PutRetentionPolicy",
      "s3:ListBucket",
    ]);
    expect(ours.filter((action) => !guide.includes(action))).toEqual([
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey*",
      "kms:ReEncrypt*",
      "s3:GetEncryptionConfiguration",
    ]);
  });

  it("finds log groups no narrower than AWS allows, and writes to one only", () => {
    expect(granting("logs:DescribeLogGroups")?.Resource).toBe("arn:aws:logs:ap-southeast-1:111122223333:log-group:*");
    expect(granting("logs:PutLogEvents")?.Resource).toBe(
      "arn:aws:logs:ap-southeast-1:111122223333:log-group:/gatehouse/sessions/production:*",
    );
  });

  it.each([
    ["production/", "arn:aws:s3:::session-logs/production/*"],
    ["production", "arn:aws:s3:::session-logs/production/*"],
    ["a/b//", "arn:aws:s3:::session-logs/a/b/*"],
    ["", "arn:aws:s3:::session-logs/*"],
    [null, "arn:aws:s3:::session-logs/*"],
  ])("writes objects under the prefix %p only", (keyPrefix, arn) => {
    expect(granting("s3:PutObject", policyOf({ keyPrefix }))?.Resource).toBe(arn);
  });

  it("uses exactly the keys of log group and bucket", () => {
    expect(granting("kms:Decrypt")?.Resource).toEqual([
      "arn:aws:kms:ap-southeast-1:111122223333:key/log",
      "arn:aws:kms:ap-southeast-1:111122223333:key/archive",
    ]);
    expect(granting("kms:Decrypt", policyOf({ keyArns: [] }))).toBeUndefined();
  });

  it("speaks of its partition", () => {
    expect(JSON.stringify(policyOf({ partition: "aws-us-gov", keyArns: [] }))).not.toContain("arn:aws:");
  });
});
