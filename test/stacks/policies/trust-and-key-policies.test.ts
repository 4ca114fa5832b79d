import { activationTrustPolicy } from "../../../stacks/policies/activation-trust-policy.ts";
import { logKeyPolicy } from "../../../stacks/policies/log-key-policy.ts";
import { partitionOf, portalUrl } from "../../../stacks/policies/partition.ts";

describe("partitionOf", () => {
  it.each([
    ["ap-southeast-1", "aws"],
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["us-west-1", "aws"],
  ])("puts %s into %s", (region, partition) => expect(partitionOf(region)).toBe(partition));
});

describe("portalUrl", () => {
  it.each([
    ["aws" as const, "https://d-1.awsapps.com/start"],
    ["aws-cn" as const, "https://start.home.awsapps.cn/directory/d-1"],
    ["aws-us-gov" as const, "https://start.us-gov-home.awsapps.com/directory/d-1"],
  ])("is where people of %s sign in", (partition, url) => expect(portalUrl(partition, "d-1")).toBe(url));
});

describe("logKeyPolicy", () => {
  const policyIn = (region: string) =>
    logKeyPolicy({ partition: partitionOf(region), account: "111122223333", region, logGroupName: "/logs" });

  it("leaves administration to the account", () => {
    expect(policyIn("eu-west-1").Statement[0]).toMatchObject({
      Principal: { AWS: "arn:aws:iam::111122223333:root" },
      Action: "kms:*",
    });
  });

  it("lets CloudWatch Logs use the key for that log group alone", () => {
    expect(policyIn("eu-west-1").Statement[1]).toMatchObject({
      Principal: { Service: "logs.eu-west-1.amazonaws.com" },
      Condition: {
        ArnEquals: { "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:log-group:/logs" },
      },
    });
  });

  it("names the service as its partition does", () => {
    expect(policyIn("cn-north-1").Statement[1]?.Principal).toEqual({ Service: "logs.cn-north-1.amazonaws.com.cn" });
  });
});

describe("activationTrustPolicy", () => {
  it("trusts Systems Manager for this account and region", () => {
    expect(activationTrustPolicy("aws", "111122223333", "eu-west-1").Statement).toEqual([
      {
        Sid: "SystemsManagerOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "ssm.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": "111122223333" },
          ArnLike: { "aws:SourceArn": "arn:aws:ssm:eu-west-1:111122223333:*" },
        },
      },
    ]);
  });
});
