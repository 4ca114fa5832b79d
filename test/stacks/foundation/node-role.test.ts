import { parseJson } from "../../support/pulumi-mocks.ts";
import { account, keyArn, region, runFoundation } from "./run-foundation.ts";

const roleType = "aws:iam/role:Role";
const policyType = "aws:iam/policy:Policy";
const attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const profileType = "aws:iam/instanceProfile:InstanceProfile";
const none = { mode: "none", targets: "all" } as const;

describe("node role", () => {
  it("is AWS's own where Quick Setup runs, and gets the log policy once Quick Setup is there", async () => {
    const run = await runFoundation();
    expect(run.outputs["nodeRoleName"]).toBe("AmazonSSMRoleForInstancesQuickSetup");
    expect(run.all(profileType)).toEqual([]);
    const attachment = run.find(attachmentType, "session-log-attachment");
    expect(attachment).toMatchObject({ parent: "node-role", provider: `account-${account}` });
    expect(attachment.inputs).toEqual({
      role: "AmazonSSMRoleForInstancesQuickSetup",
      policyArn: `arn:aws:iam::${account}:policy/SessionManagerLogPolicy`,
    });
    expect(attachment.dependencies).toContain("host-management-configuration");
  });

  it("is made with an instance profile where nobody else makes it", async () => {
    const run = await runFoundation({ hostManagement: none });
    expect(run.outputs["nodeRoleName"]).toBe("GatehouseNodeRole");
    const role = run.find(roleType).inputs;
    expect(role["name"]).toBe("GatehouseNodeRole");
    expect(parseJson(role["assumeRolePolicy"])["Statement"]).toEqual([
      { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
    expect(run.find(attachmentType, "node-role-core").inputs).toEqual({
      role: "GatehouseNodeRole",
      policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    });
    expect(run.find(profileType).inputs).toEqual({ name: "GatehouseNodeRole", role: "GatehouseNodeRole" });
    expect(run.find(attachmentType, "session-log-attachment").dependencies).toContain("node-role");
  });

  it("belongs to the account's first foundation: a later one attaches a policy of its own to it", async () => {
    const run = await runFoundation({ ownsAccount: false, hostManagement: none });
    expect(run.all(roleType)).toEqual([]);
    expect(run.all(profileType)).toEqual([]);
    expect(run.find(policyType).inputs["name"]).toBe(`SessionManagerLogPolicy-${region}`);
    expect(run.find(attachmentType).inputs["role"]).toBe("GatehouseNodeRole");
    expect(run.outputs["nodeRoleName"]).toBe("GatehouseNodeRole");
  });

  it("may write default sessions to the archive and use its key, but not touch the trail's logs", async () => {
    const run = await runFoundation();
    const policy = run.find(policyType).inputs;
    expect(policy["name"]).toBe("SessionManagerLogPolicy");
    const statements = parseJson(policy["policy"])["Statement"];
    expect(statements).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::session-manager-log-bucket123/default-sessions/*",
        }),
        expect.objectContaining({ Sid: "UseLogAndSessionKeys", Resource: [keyArn] }),
        expect.objectContaining({
          Resource: `arn:aws:logs:${region}:${account}:log-group:SessionManagerLogGroup:*`,
        }),
      ]),
    );
  });
});
