import { parseJson } from "../../support/pulumi-mocks.ts";
import { account, identityRegion, member, production, region, runProduction, target } from "./production.ts";

const types = {
  group: "aws:identitystore/group:Group",
  user: "aws:identitystore/user:User",
  membership: "aws:identitystore/groupMembership:GroupMembership",
  permissionSet: "aws:ssoadmin/permissionSet:PermissionSet",
  inlinePolicy: "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
  assignment: "aws:ssoadmin/accountAssignment:AccountAssignment",
};
const instanceArn = "arn:aws:sso:::instance/ssoins-1";

describe("SessionAccess", () => {
  it("puts everything of Identity Center under itself, in its region and through its account's provider", async () => {
    const { registrations } = await runProduction();
    const made = registrations.filter(({ type }) => Object.values(types).includes(type));
    expect(made).toHaveLength(6);
    for (const registration of made) {
      expect(registration).toMatchObject({ parent: "session-access", provider: "identity-center" });
      expect(registration.inputs["region"]).toBe(identityRegion);
    }
  });

  it("finds Identity Center's instance through the same provider", async () => {
    const { calls } = await runProduction();
    expect(calls).toEqual([
      {
        token: "aws:ssoadmin/getInstances:getInstances",
        inputs: { region: identityRegion },
        provider: "identity-center",
      },
    ]);
  });

  it("makes the group", async () => {
    const { find } = await runProduction();
    expect(find(types.group, "group").inputs).toEqual({
      region: identityRegion,
      identityStoreId: "d-1234567890",
      displayName: "ProductionAccess",
      description: "All production servers",
    });
  });

  it("makes a person with one work address and puts them into the group", async () => {
    const { find } = await runProduction();
    expect(find(types.user, "user-testuser01").inputs).toMatchObject({
      userName: "testuser01",
      displayName: "Test User",
      name: { givenName: "Test", familyName: "User" },
      emails: { value: "testuser01@example.com", type: "work", primary: true },
    });
    const membership = find(types.membership, "membership-testuser01");
    expect(membership.inputs).toMatchObject({ groupId: "group-id", memberId: "id-of-testuser01" });
    expect(membership.dependencies).toEqual(expect.arrayContaining(["group", "user-testuser01"]));
  });

  it("leaves a person in the identity store unless deletion was asked for", async () => {
    const { find } = await runProduction({ members: [member("stays"), member("goes", { retain: false })] });
    expect(find(types.user, "user-stays").retainOnDelete).toBe(true);
    expect(find(types.user, "user-goes").retainOnDelete).toBe(false);
    expect(find(types.membership, "membership-stays").retainOnDelete).toBe(false);
  });

  it("adds only a membership for a person whom somebody else made", async () => {
    const { all, calls, find } = await runProduction({ members: [{ userName: "ann", user: null }] });
    expect(all(types.user)).toEqual([]);
    expect(find(types.membership, "membership-ann").inputs["memberId"]).toBe("existing-user-id");
    expect(calls.find(({ token }) => token.includes("getUser"))?.inputs).toEqual({
      region: identityRegion,
      identityStoreId: "d-1234567890",
      alternateIdentifier: { uniqueAttribute: { attributePath: "UserName", attributeValue: "ann" } },
    });
  });

  it("changes nobody else when a member comes", async () => {
    const [before, after] = [
      await runProduction({ members: [member("ann"), member("bob")] }),
      await runProduction({ members: [member("zoe"), member("bob"), member("ann")] }),
    ];
    for (const registration of before.registrations) {
      expect(after.find(registration.type, registration.name)).toEqual(registration);
    }
    const names = after.registrations.map(({ name }) => name);
    expect(names.filter((name) => name.includes("zoe")).sort()).toEqual(["membership-zoe", "user-zoe"]);
    expect(after.registrations).toHaveLength(before.registrations.length + 2);
  });

  it("looks an external group up by name and makes none", async () => {
    const group = { name: "okta-production", description: "", source: "external" as const, importId: null };
    const { all, calls, find } = await runProduction({ group, members: [] });
    expect(all(types.group)).toEqual([]);
    expect(calls.find(({ token }) => token.includes("getGroup"))).toMatchObject({
      inputs: {
        alternateIdentifier: { uniqueAttribute: { attributePath: "DisplayName", attributeValue: "okta-production" } },
      },
      provider: "identity-center",
    });
    expect(find(types.assignment).inputs["principalId"]).toBe("external-group-id");
  });

  it("makes the permission set without what was not given", async () => {
    const { find } = await runProduction();
    expect(find(types.permissionSet).inputs).toEqual({
      region: identityRegion,
      instanceArn,
      name: "ProductionPermissionSet",
      description: "Sessions on production servers",
      sessionDuration: "PT1H",
      tags: { Name: "ProductionAccess" },
    });
    const { permissionSet } = production();
    const bare = await runProduction({
      permissionSet: { ...permissionSet, description: null, relayState: "https://x" },
    });
    expect(bare.find(types.permissionSet).inputs).not.toHaveProperty("description");
    expect(bare.find(types.permissionSet).inputs["relayState"]).toBe("https://x");
  });

  it("writes the policy inline", async () => {
    const { find } = await runProduction();
    const policy = find(types.inlinePolicy);
    expect(policy.inputs["permissionSetArn"]).toBe("arn:aws:sso:::permissionSet/ssoins-1/ps-1");
    expect(parseJson(policy.inputs["inlinePolicy"])["Version"]).toBe("2012-10-17");
  });

  it("assigns the group once per account, after the policy", async () => {
    const targets = [target(), target({ region: "eu-west-1" }), target({ account: "444455556666" })];
    const { all, find } = await runProduction({ targets });
    expect(all(types.assignment).map(({ name }) => name)).toEqual([`assignment-${account}`, "assignment-444455556666"]);
    const assignment = find(types.assignment, `assignment-${account}`);
    expect(assignment.inputs).toEqual({
      region: identityRegion,
      instanceArn,
      permissionSetArn: "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
      principalType: "GROUP",
      principalId: "group-id",
      targetType: "AWS_ACCOUNT",
      targetId: account,
    });
    expect(assignment.dependencies).toContain("inline-policy");
  });

  it("imports what is adopted", async () => {
    const given = production();
    const { find } = await runProduction({
      group: { ...given.group, importId: "d-1234567890/g-1" },
      members: [member("testuser01", { importId: "d-1234567890/u-1" })],
      permissionSet: { ...given.permissionSet, importId: `arn:ps,${instanceArn}` },
    });
    expect(find(types.group).importId).toBe("d-1234567890/g-1");
    expect(find(types.user).importId).toBe("d-1234567890/u-1");
    expect(find(types.permissionSet).importId).toBe(`arn:ps,${instanceArn}`);
  });

  it("fails with what to do where Identity Center is not enabled", async () => {
    const call = () => ({ arns: [], identityStoreIds: [] });
    await expect(runProduction({}, { call })).rejects.toThrow(/Identity Center is not enabled in eu-west-1/);
  });

  it("keeps Identity Center's provider when its account becomes a target", async () => {
    const identityCenter = { account, region: identityRegion, roleArn: null };
    const [alone, together] = [
      await runProduction(),
      await runProduction({ identityCenter, targets: [target({ region })] }),
    ];
    expect(together.find("pulumi:providers:aws", "identity-center").inputs["region"]).toBe(identityRegion);
    expect(alone.find("pulumi:providers:aws", `account-${account}`).inputs).toEqual(
      together.find("pulumi:providers:aws", `account-${account}`).inputs,
    );
  });
});
