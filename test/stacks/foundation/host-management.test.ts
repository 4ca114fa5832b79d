import { parseJson } from "../../support/pulumi-mocks.ts";
import { account, region, runFoundation } from "./run-foundation.ts";

const configuration = "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager";
const roleType = "aws:iam/role:Role";
const attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

describe("host management by quick setup", () => {
  it("configures all instances of this account and region with the reference's defaults", async () => {
    const run = await runFoundation();
    expect(run.find(configuration)).toMatchObject({ parent: "host-management", provider: `account-${account}` });
    expect(run.find(configuration).inputs).toEqual({
      region,
      name: `gatehouse-host-management-${region}`,
      description: "Host management of all instances, for Session Manager",
      configurationDefinition: {
        type: "AWSQuickSetupType-SSMHostMgmt",
        localDeploymentAdministrationRoleArn: `arn:aws:iam::${account}:role/AWS-QuickSetup-LocalAdministrationRole`,
        localDeploymentExecutionRoleName: "AWS-QuickSetup-LocalExecutionRole",
        parameters: {
          UpdateSsmAgent: "true",
          UpdateEc2LaunchAgent: "false",
          CollectInventory: "true",
          ScanInstances: "true",
          InstallCloudWatchAgent: "false",
          UpdateCloudWatchAgent: "false",
          IsPolicyAttachAllowed: "false",
          TargetType: "*",
          TargetAccounts: account,
          TargetRegions: region,
        },
      },
    });
  });

  it("has its two roles complete before it is configured", async () => {
    const run = await runFoundation();
    expect(run.find(configuration).dependencies).toEqual(
      expect.arrayContaining(["quick-setup-administration-policy", "quick-setup-execution-policy"]),
    );
    expect(run.find(roleType, "quick-setup-execution").dependencies).toContain("quick-setup-administration");
  });

  it("lets CloudFormation take the administration role for Quick Setup's stack sets of this account only", async () => {
    const run = await runFoundation();
    const role = run.find(roleType, "quick-setup-administration").inputs;
    expect(role["name"]).toBe("AWS-QuickSetup-LocalAdministrationRole");
    expect(parseJson(role["assumeRolePolicy"])["Statement"]).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "cloudformation.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": account },
          StringLike: { "aws:SourceArn": `arn:aws:cloudformation:*:${account}:stackset/AWS-QuickSetup-*` },
        },
      },
    ]);
    const policy = run.find("aws:iam/rolePolicy:RolePolicy").inputs["policy"];
    expect(parseJson(policy)["Statement"]).toEqual([
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Resource: `arn:aws:iam::${account}:role/AWS-QuickSetup-LocalExecutionRole`,
      },
    ]);
  });

  it("lets the administration role alone take the execution role, which deploys by AWS's own policy", async () => {
    const run = await runFoundation();
    const role = run.find(roleType, "quick-setup-execution").inputs;
    expect(parseJson(role["assumeRolePolicy"])["Statement"]).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:role/AWS-QuickSetup-LocalAdministrationRole` },
        Action: "sts:AssumeRole",
      },
    ]);
    expect(run.find(attachmentType, "quick-setup-execution-policy").inputs).toEqual({
      role: "AWS-QuickSetup-LocalExecutionRole",
      policyArn: "arn:aws:iam::aws:policy/AWSQuickSetupDeploymentRolePolicy",
    });
  });

  it("uses the roles of the account's first foundation in a later one", async () => {
    const run = await runFoundation({ ownsAccount: false });
    expect(run.all(roleType)).toEqual([]);
    expect(run.find(configuration).inputs["configurationDefinition"]).toMatchObject({
      localDeploymentExecutionRoleName: "AWS-QuickSetup-LocalExecutionRole",
    });
  });

  it("is left out where it is not wanted", async () => {
    const run = await runFoundation({ hostManagement: { mode: "none", targets: "all" } });
    expect(run.all(configuration)).toEqual([]);
    expect(run.all("gatehouse:foundation:HostManagement")).toEqual([]);
  });
});
