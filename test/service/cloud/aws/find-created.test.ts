import type { AwsAdapters } from "../../../../service/cloud/aws/create.ts";
import { unknown } from "../../../../service/cloud/provider.ts";
import { buckets, identityStoreId, instanceArn } from "./answers.ts";
import { instanceProfile } from "./node-answers.ts";
import { createAwsWorld, target, withIdentityCenter, type AwsWorld } from "./world.ts";

const permissionSetArn = "arn:aws:sso:::permissionSet/ssoins-7223b02dc17c2d46/ps-0123456789abcdef";
const assignment = {
  principalId: "g-1",
  principalType: "GROUP",
  targetId: target.account,
  targetType: "AWS_ACCOUNT",
  permissionSetArn,
  instanceArn,
};

/** As AWS's JSON protocols write an instant of that day. */
const seconds = (clock: string): number => new Date(`2026-11-22T${clock}Z`).getTime() / 1000;

describe("what a create made whose answer never came, on AWS", () => {
  let world: AwsWorld;
  let lookups: AwsAdapters["lookups"];
  const since = new Date("2026-11-22T11:00:00Z");
  const find = (type: string, inputs: Record<string, string>) => lookups.findCreated(type, inputs, target, since);

  beforeAll(async () => {
    world = await createAwsWorld();
  });
  beforeEach(() => {
    world.server.clear();
    lookups = world.connect().lookups;
    withIdentityCenter(world.server);
  });
  afterAll(() => world.close());

  it("is found by the name that AWS keeps unique, under the id of the state", async () => {
    world.server.on("GetGroupId", { body: { GroupId: "g-1", IdentityStoreId: identityStoreId } });
    world.server.on("GetGroupMembershipId", { body: { MembershipId: "m-1", IdentityStoreId: identityStoreId } });
    world.server.on("GetInstanceProfile", instanceProfile("GatehouseNode"));
    world.server.on("ListBuckets", buckets([{ name: "session-logs", region: target.region }]));
    world.server.on("DescribeKey", { body: { KeyMetadata: { KeyId: "1234abcd" } } });
    expect(await find("aws:identitystore/group:Group", { displayName: "Production" })).toEqual([
      `${identityStoreId}/g-1`,
    ]);
    expect(
      await find("aws:identitystore/groupMembership:GroupMembership", { groupId: "g-1", memberId: "u-1" }),
    ).toEqual([`${identityStoreId}/m-1`]);
    expect(await find("aws:iam/instanceProfile:InstanceProfile", { name: "GatehouseNode" })).toEqual(["GatehouseNode"]);
    expect(await find("aws:s3/bucket:Bucket", { bucket: "session-logs" })).toEqual(["session-logs"]);
    expect(await find("aws:kms/alias:Alias", { name: "alias/gatehouse/x" })).toEqual(["alias/gatehouse/x"]);
  });

  it("is an assignment when exactly that one is there", async () => {
    world.server.on("ListAccountAssignments", {
      body: { AccountAssignments: [{ PrincipalType: "GROUP", PrincipalId: "g-1" }] },
    });
    const type = "aws:ssoadmin/accountAssignment:AccountAssignment";
    expect(await find(type, assignment)).toEqual([
      `g-1,GROUP,${target.account},AWS_ACCOUNT,${permissionSetArn},${instanceArn}`,
    ]);
    expect(await find(type, { ...assignment, principalId: "g-2" })).toEqual([]);
  });

  it("is nothing where AWS has none, or the bucket of that name is somebody else's", async () => {
    world.server.on("GetUserId", { error: "ResourceNotFoundException" });
    world.server.on("ListBuckets", buckets([]));
    world.server.on("HeadBucket", { body: "", status: 403 });
    expect(await find("aws:identitystore/user:User", { userName: "x" })).toEqual([]);
    expect(await find("aws:s3/bucket:Bucket", { bucket: "session-logs" })).toEqual([]);
  });

  it("is not looked for where making it once more does no harm", async () => {
    expect(await find("aws:iam/rolePolicyAttachment:RolePolicyAttachment", { role: "x", policyArn: "y" })).toEqual([]);
    expect(world.server.operations()).toEqual([]);
  });

  describe("where AWS names it itself", () => {
    const keyType = "aws:kms/key:Key";
    const description = "Sessions of production and their logs";
    const keys: Record<string, object> = {
      "k-other": { Description: "Something else", CreationDate: seconds("11:30:00") },
      "k-earlier": { Description: description, CreationDate: seconds("10:59:59") },
      "k-going": { Description: description, CreationDate: seconds("11:30:00"), KeyState: "PendingDeletion" },
      "k-second": { Description: description, CreationDate: seconds("11:40:00"), KeyState: "Enabled" },
      "k-first": { Description: description, CreationDate: seconds("11:30:00"), KeyState: "Disabled" },
    };
    const withKeys = (...ids: string[]): void => {
      const half = Math.ceil(ids.length / 2);
      const listed = (some: string[]) => some.map((KeyId) => ({ KeyId }));
      world.server.on(
        "ListKeys",
        { body: { Keys: listed(ids.slice(0, half)), Truncated: true, NextMarker: "more" } },
        { body: { Keys: listed(ids.slice(half)), Truncated: false } },
      );
      world.server.on("DescribeKey", ({ input }) => {
        const KeyId = String(input["KeyId"]);
        return keys[KeyId] === undefined
          ? { error: "NotFoundException" }
          : { body: { KeyMetadata: { KeyId, ...keys[KeyId] } } };
      });
    };

    it("a key is one of that description that was made since, and is not on its way out", async () => {
      withKeys("k-other", "k-earlier", "k-going", "k-first", "k-gone-meanwhile");
      expect(await find(keyType, { description })).toEqual(["k-first"]);
      withKeys(...Object.keys(keys));
      expect(await find(keyType, { description })).toEqual(["k-first", "k-second"]);
    });

    it("a key that AWS does not show is only absent when AWS had the time to show it", async () => {
      withKeys("k-other");
      expect(await find(keyType, { description })).toEqual([]);
      withKeys("k-other");
      const early = lookups.findCreated(keyType, { description }, target, new Date("2026-11-22T11:55:00Z"));
      await expect(early).rejects.toMatchObject({
        code: "NotVisibleYet",
        message: expect.stringContaining("Recover again after 2026-11-22T12:10:00.000Z"),
      });
    });

    it("a key of which AWS does not tell what it is could be the one", async () => {
      world.server.on("ListKeys", { body: { Keys: [{ KeyId: "k-closed" }] } });
      world.server.on("DescribeKey", { error: "AccessDeniedException", message: "no identity-based policy allows it" });
      await expect(find(keyType, { description })).rejects.toMatchObject({
        code: "AccessDeniedException",
        message: expect.stringContaining("kms:DescribeKey in account 111122223333"),
      });
    });

    it("an activation is one for that role that was made since", async () => {
      const activation = (ActivationId: string, IamRole: string, at: string) => ({
        ActivationId,
        IamRole,
        CreatedDate: seconds(at),
      });
      world.server.on(
        "DescribeActivations",
        { body: { ActivationList: [activation("a-2", "service-role/Ours", "11:30:00")], NextToken: "more" } },
        {
          body: {
            ActivationList: [
              activation("a-other", "Theirs", "11:30:00"),
              activation("a-earlier", "Ours", "10:00:00"),
              activation("a-1", "Ours", "11:10:00"),
            ],
          },
        },
      );
      expect(await find("aws:ssm/activation:Activation", { iamRole: "Ours" })).toEqual(["a-1", "a-2"]);
      world.server.on("DescribeActivations", { body: { ActivationList: [] } });
      expect(await find("aws:ssm/activation:Activation", { iamRole: "Ours" })).toEqual([]);
    });
  });

  describe("of Quick Setup", () => {
    const type = "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager";
    const name = "gatehouse-host-management-ap-southeast-1";
    const arn = (id: string) => `arn:aws:ssm-quicksetup:ap-southeast-1:111122223333:configuration-manager/${id}`;
    const managers: Record<string, object> = {
      [arn("other")]: { Name: "patching", CreatedAt: "2026-11-22T11:30:00Z" },
      [arn("earlier")]: { Name: name, CreatedAt: "2026-11-22T10:30:00Z" },
      [arn("second")]: { Name: name, CreatedAt: "2026-11-22T11:40:00Z" },
      [arn("first")]: { Name: name, CreatedAt: "2026-11-22T11:30:00Z" },
      [arn("undated")]: { Name: name },
    };
    const TypeName = "AWS::SSMQuickSetup::ConfigurationManager";
    const described = (Identifier: string, more: object = {}) => ({
      Identifier,
      Properties: JSON.stringify({ ManagerArn: Identifier, ...more }),
    });
    const withManagers = (...ids: string[]): void => {
      const listed = ids.map((id) => described(arn(id)));
      world.server.on(
        "ListResources",
        { body: { TypeName, ResourceDescriptions: listed.slice(0, 1), NextToken: "more" } },
        { body: { TypeName, ResourceDescriptions: listed.slice(1) } },
      );
      world.server.on("GetResource", ({ input }) => {
        const manager = managers[String(input["Identifier"])];
        if (manager === undefined) return { error: "ResourceNotFoundException" };
        return { body: { TypeName, ResourceDescription: described(String(input["Identifier"]), manager) } };
      });
    };

    it("is one of that name that was made since", async () => {
      withManagers("other", "earlier", "first", "gone-meanwhile");
      expect(await find(type, { name })).toEqual([arn("first")]);
      expect(world.server.requests.map(({ service, input }) => [service, input["TypeName"]])).toEqual(
        Array.from({ length: 6 }, () => ["cloudcontrolapi", TypeName]),
      );
    });

    it("is each that it could be, one without a date too; or none", async () => {
      withManagers("second", "undated", "first");
      expect(await find(type, { name })).toEqual([arn("undated"), arn("first"), arn("second")]);
      withManagers("other");
      expect(await find(type, { name })).toEqual([]);
    });

    it("is not said to be absent where Cloud Control does not tell", async () => {
      world.server.on("ListResources", { error: "AccessDeniedException", message: "not you" });
      await expect(find(type, { name })).rejects.toMatchObject({
        code: "AccessDeniedException",
        message: expect.stringContaining("cloudformation:ListResources in account 111122223333 was not answered"),
      });
      withManagers("first");
      world.server.on("GetResource", { body: { ResourceDescription: { Identifier: arn("first"), Properties: "?" } } });
      await expect(find(type, { name })).rejects.toMatchObject({ code: "UnreadableAnswer" });
    });
  });

  it("is never said to be absent where nobody can tell: no name, a masked one, or no answer", async () => {
    await expect(find("aws:ec2/vpc:Vpc", {})).rejects.toMatchObject({
      name: "AwsError",
      code: "NotLookedUp",
      message: expect.stringContaining("Look in account 111122223333 whether it was made"),
    });
    await expect(find("aws:kms/key:Key", { description: unknown })).rejects.toMatchObject({ code: "NotLookedUp" });
    await expect(find("aws:iam/role:Role", { name: unknown })).rejects.toMatchObject({ code: "NotLookedUp" });
    world.server.on("GetRole", { error: "AccessDenied", message: "not you", status: 403 });
    await expect(find("aws:iam/role:Role", { name: "x" })).rejects.toMatchObject({
      name: "AwsError",
      code: "AccessDenied",
      message: expect.stringContaining("iam:GetRole in account 111122223333 was not answered"),
    });
  });
});
