/** What AWS refuses to delete, what goes with what, and what cannot be changed. */
import type { JsonObject } from "../../../service/domain/json.ts";
import { listResources, putObjects, removeResource } from "../../../service/cloud/simulated/out-of-band.ts";
import { createTestAccount, home, identityPolicy, instance, target, trustPolicy } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { callsOn, refused, textAt } from "./calls.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const { instanceArn, identityStoreId } = instance;
const { create, remove, sample } = callsOn(() => test);

describe("a delete", () => {
  it("is refused for an assigned permission set, and takes the inline policy along", async () => {
    const { id, inputs, made } = await sample("ssoadmin/accountAssignment:AccountAssignment");
    const set = `${textAt(made["permissionSet"], "arn")},${instanceArn}`;
    await create("ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", {
      instanceArn,
      permissionSetArn: inputs["permissionSetArn"]!,
      inlinePolicy: identityPolicy(),
    });
    await refused(remove("ssoadmin/permissionSet:PermissionSet", set), "ConflictException", /assigned/);
    await remove("ssoadmin/accountAssignment:AccountAssignment", id);
    await remove("ssoadmin/permissionSet:PermissionSet", set);
    expect((await listResources(test.account)).map(({ type }) => type)).toEqual(["aws:identitystore/group:Group"]);
  });

  it("of an inline policy beside its last assignment fails, unless the assignment went first or the accounts had time", async () => {
    const { id, inputs } = await sample("ssoadmin/accountAssignment:AccountAssignment");
    const policyType = "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy";
    const policy = { instanceArn, permissionSetArn: inputs["permissionSetArn"]!, inlinePolicy: identityPolicy() };
    const first = await create(policyType, policy);
    await remove(policyType, first.id);
    await refused(remove("ssoadmin/accountAssignment:AccountAssignment", id), "ConflictException", /provisioned/);
    test.clock.now = new Date(test.clock.now.getTime() + 3_000);
    await remove("ssoadmin/accountAssignment:AccountAssignment", id);

    await create("ssoadmin/accountAssignment:AccountAssignment", inputs);
    const second = await create(policyType, policy);
    await remove("ssoadmin/accountAssignment:AccountAssignment", id);
    await remove(policyType, second.id);
  });

  it("is refused for roles with policies and for attached policies", async () => {
    const { id, made } = await sample("iam/rolePolicyAttachment:RolePolicyAttachment");
    const policyArn = textAt(made["policy"], "arn");
    await refused(remove("iam/role:Role", "GatehouseNodeRole"), "DeleteConflict", /detach/);
    await refused(remove("iam/policy:Policy", policyArn), "DeleteConflict");
    await remove("iam/rolePolicyAttachment:RolePolicyAttachment", id);
    await remove("iam/policy:Policy", policyArn);
    await create("iam/rolePolicy:RolePolicy", { role: "GatehouseNodeRole", name: "b", policy: identityPolicy() });
    await refused(remove("iam/role:Role", "GatehouseNodeRole"), "DeleteConflict", /must delete policies/);
    await test.provider.update(
      "aws:iam/role:Role",
      "GatehouseNodeRole",
      { name: "GatehouseNodeRole", assumeRolePolicy: trustPolicy(), forceDetachPolicies: true },
      target,
    );
    await remove("iam/role:Role", "GatehouseNodeRole");
    expect(await listResources(test.account)).toEqual([]);
  });

  it("is refused for a bucket with objects, and takes its settings along", async () => {
    await sample("s3/bucketPolicy:BucketPolicy");
    const bucket = "session-manager-log-bucket123";
    await putObjects(test.account, bucket, 3, target);
    await refused(remove("s3/bucket:Bucket", bucket), "BucketNotEmpty");
    await putObjects(test.account, bucket, 0, target);
    await remove("s3/bucket:Bucket", bucket);
    expect(await listResources(test.account)).toEqual([]);
  });

  it("is refused for a rule with targets", async () => {
    const { id } = await sample("cloudwatch/eventTarget:EventTarget");
    await refused(
      remove("cloudwatch/eventRule:EventRule", "gatehouse-session-activity"),
      "ValidationException",
      /targets/,
    );
    await remove("cloudwatch/eventTarget:EventTarget", id);
    await remove("cloudwatch/eventRule:EventRule", "gatehouse-session-activity");
  });

  it("takes memberships along with their group or person", async () => {
    const { inputs, made } = await sample("identitystore/groupMembership:GroupMembership");
    await remove("identitystore/group:Group", `${identityStoreId}/${textAt(made["group"], "groupId")}`);
    expect(await listResources(test.account, { type: "aws:identitystore/groupMembership:GroupMembership" })).toEqual(
      [],
    );
    await remove("identitystore/user:User", `${identityStoreId}/${textAt(inputs, "memberId")}`);
    expect(await listResources(test.account)).toEqual([]);
  });

  it("schedules a key, which is gone from sight, and frees its alias", async () => {
    const { made, inputs } = await sample("kms/alias:Alias");
    const keyId = textAt(made["key"], "keyId");
    await remove("kms/key:Key", keyId);
    expect(await test.provider.read("aws:kms/key:Key", keyId, target)).toBeNull();
    const [key] = await listResources(test.account, { type: "aws:kms/key:Key" });
    expect(new Date(key!.deletionDate!).getTime() - test.clock.now.getTime()).toBe(30 * 86_400_000);
    await refused(create("kms/alias:Alias", inputs), "NotFoundException");
    const { outputs } = await create("kms/key:Key", {});
    await create("kms/alias:Alias", { ...inputs, targetKeyId: outputs["keyId"]! });
  });

  it("resets a service setting to AWS's default", async () => {
    const { id } = await sample("ssm/serviceSetting:ServiceSetting");
    const read = () => test.provider.read("aws:ssm/serviceSetting:ServiceSetting", id, target);
    expect((await read())!.outputs).toMatchObject({ settingValue: "advanced", status: "Customized" });
    await remove("ssm/serviceSetting:ServiceSetting", id);
    expect((await read())!.outputs).toMatchObject({ settingId: id, settingValue: "standard", status: "Default" });
  });

  it("takes a topic's policy and subscriptions along", async () => {
    const { made } = await sample("sns/topicSubscription:TopicSubscription");
    await remove("sns/topic:Topic", textAt(made["topic"], "arn"));
    expect(await listResources(test.account)).toEqual([]);
  });
});

describe("an update", () => {
  it("finds nothing where the resource is gone", async () => {
    const { id, inputs } = await sample("identitystore/group:Group");
    await removeResource(test.account, "aws:identitystore/group:Group", id, home);
    await refused(test.provider.update("aws:identitystore/group:Group", id, inputs, home), "ResourceNotFoundException");
  });

  it("is refused for what only a new resource can have", async () => {
    const { id, inputs } = await sample("ssoadmin/permissionSet:PermissionSet");
    await refused(
      test.provider.update("aws:ssoadmin/permissionSet:PermissionSet", id, { ...inputs, name: "Other" }, home),
      "ValidationException",
      /in place/,
    );
  });

  it("raises a document's version with its content, and only then", async () => {
    const { id, inputs } = await sample("ssm/document:Document");
    const update = (more: JsonObject) =>
      test.provider.update("aws:ssm/document:Document", id, { ...inputs, ...more }, target);
    expect(await update({ tags: { a: "b" } })).toMatchObject({ latestVersion: "1" });
    const content = textAt(inputs, "content").replace('"20"', '"30"');
    expect(await update({ content })).toMatchObject({ latestVersion: "2", defaultVersion: "2" });
  });

  it("works under the id that a target was imported by", async () => {
    const { inputs } = await sample("cloudwatch/eventTarget:EventTarget");
    const imported = "gatehouse-session-activity/topic";
    expect(await test.provider.read("aws:cloudwatch/eventTarget:EventTarget", imported, target)).not.toBeNull();
    const outputs = await test.provider.update(
      "aws:cloudwatch/eventTarget:EventTarget",
      imported,
      { ...inputs, inputPath: "$.detail" },
      target,
    );
    expect(outputs).toMatchObject({ inputPath: "$.detail" });
  });
});
