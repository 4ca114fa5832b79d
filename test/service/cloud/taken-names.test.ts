/** Names that AWS lets nobody use twice. */
import { listResources } from "../../../service/cloud/simulated/out-of-band.ts";
import { createTestAccount, instance, target, trustPolicy } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { callsOn, refused } from "./calls.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const { identityStoreId } = instance;
const { create, sample } = callsOn(() => test);

describe("a name that is taken", () => {
  it.each([
    ["identitystore/group:Group", "ConflictException"],
    ["identitystore/user:User", "ConflictException"],
    ["identitystore/groupMembership:GroupMembership", "ConflictException"],
    ["ssoadmin/permissionSet:PermissionSet", "ConflictException"],
    ["ssoadmin/accountAssignment:AccountAssignment", "ConflictException"],
    ["kms/alias:Alias", "AlreadyExistsException"],
    ["cloudwatch/logGroup:LogGroup", "ResourceAlreadyExistsException"],
    ["ssm/document:Document", "DocumentAlreadyExists"],
    ["iam/role:Role", "EntityAlreadyExists"],
    ["iam/policy:Policy", "EntityAlreadyExists"],
    ["iam/instanceProfile:InstanceProfile", "EntityAlreadyExists"],
    ["s3/bucket:Bucket", "BucketAlreadyOwnedByYou"],
    ["cloudtrail/trail:Trail", "TrailAlreadyExistsException"],
    ["ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager", "ConflictException"],
  ])("%s: %s", async (type, code) => {
    const { inputs } = await sample(type);
    await refused(create(type, inputs), code);
  });

  it("is taken in one region only, but a bucket's in every account", async () => {
    const elsewhere = { account: "222233334444", region: "eu-west-1" };
    await create("cloudwatch/logGroup:LogGroup", { name: "/a" });
    await create("cloudwatch/logGroup:LogGroup", { name: "/a" }, { ...target, region: "eu-west-1" });
    await create("s3/bucket:Bucket", { bucket: "a-bucket" });
    await refused(create("s3/bucket:Bucket", { bucket: "a-bucket" }, elsewhere), "BucketAlreadyExists");
  });

  it("is taken in any case for roles and people", async () => {
    await create("iam/role:Role", { name: "Node", assumeRolePolicy: trustPolicy() });
    await refused(create("iam/role:Role", { name: "node", assumeRolePolicy: trustPolicy() }), "EntityAlreadyExists");
    const { inputs } = await sample("identitystore/user:User");
    await refused(
      create("identitystore/user:User", { ...inputs, userName: "TestUser01" }),
      "ConflictException",
      /UserName/,
    );
  });

  it("is one person's for an email too", async () => {
    const { inputs } = await sample("identitystore/user:User");
    await refused(create("identitystore/user:User", { ...inputs, userName: "other" }), "ConflictException", /email/);
  });

  it("goes to one of two who ask at the same moment", async () => {
    const both = await Promise.allSettled(
      [1, 2].map(() => create("identitystore/group:Group", { identityStoreId, displayName: "A" })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const elsewhere = { account: "222233334444", region: "eu-west-1" };
    const buckets = await Promise.allSettled(
      [target, elsewhere].map((scope) => create("s3/bucket:Bucket", { bucket: "one-name" }, scope)),
    );
    expect(buckets.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await listResources(test.account, { type: "aws:s3/bucket:Bucket" })).toHaveLength(1);
  });

  it("is made of the logical name where none is given", async () => {
    const { id } = await test.provider.create("aws:cloudwatch/logGroup:LogGroup", "logs", {}, target);
    expect(id).toMatch(/^logs-[0-9a-f]{7}$/);
  });
});
