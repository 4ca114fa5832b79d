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
    world.server.on("ListAccountsForProvisionedPermissionSet", { body: { AccountIds: [target.account] } });
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

  it("is never said to be absent where nobody can tell: no name, a masked one, or no answer", async () => {
    await expect(find("aws:kms/key:Key", { description: "x" })).rejects.toMatchObject({
      name: "AwsError",
      code: "NotLookedUp",
      message: expect.stringContaining("Look in the account whether it was made"),
    });
    await expect(find("aws:iam/role:Role", { name: unknown })).rejects.toMatchObject({ code: "NotLookedUp" });
    world.server.on("GetRole", { error: "AccessDenied", message: "not you", status: 403 });
    await expect(find("aws:iam/role:Role", { name: "x" })).rejects.toMatchObject({
      name: "AwsError",
      code: "AccessDenied",
      message: expect.stringContaining("iam:GetRole in account 111122223333 was not answered"),
    });
  });
});
