/** What AWS refuses because of what else is in the account, and what goes with what. */
import type { JsonObject } from "../../../service/engine/engine.ts";
import { AwsError } from "../../../service/cloud/provider.ts";
import { listResources, putObjects, removeResource } from "../../../service/cloud/simulated/out-of-band.ts";
import {
  createTestAccount,
  home,
  identityPolicy,
  instance,
  keyPolicy,
  target,
  trailBucketPolicy,
  trustPolicy,
} from "./account.ts";
import type { TestAccount } from "./account.ts";
import { build, samples, scopeOf } from "./samples.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const { instanceArn, identityStoreId } = instance;
const sampleOf = (type: string) => samples.find((sample) => sample.type === `aws:${type}`)!;

const create = (type: string, inputs: JsonObject, scope = scopeOf(`aws:${type}`)) =>
  test.provider.create(`aws:${type}`, "made", inputs, scope);
const remove = (type: string, id: string, scope = scopeOf(`aws:${type}`)) =>
  test.provider.delete(`aws:${type}`, id, scope);

/** A sample with everything it needs. */
const sample = async (type: string) => {
  const { inputs, scope, made } = await build(test, sampleOf(type));
  return { inputs, made, ...(await test.provider.create(`aws:${type}`, "sample", inputs, scope)) };
};

const refused = async (work: Promise<unknown>, code: string, says?: RegExp): Promise<void> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AwsError);
  expect(error).toMatchObject({ code });
  if (says !== undefined) expect((error as AwsError).message).toMatch(says);
};

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

describe("what must exist first", () => {
  const arn = `${instanceArn.replace("instance", "permissionSet")}/ps-0000000000000000`;
  it.each<[string, JsonObject, string, RegExp]>([
    [
      "identitystore/group:Group",
      { identityStoreId: "d-0000000000", displayName: "A" },
      "ResourceNotFoundException",
      /IdentityStore/,
    ],
    [
      "identitystore/groupMembership:GroupMembership",
      { identityStoreId, groupId: "g", memberId: "m" },
      "ResourceNotFoundException",
      /GROUP not found/,
    ],
    [
      "ssoadmin/permissionSet:PermissionSet",
      { instanceArn: "arn:aws:sso:::instance/ssoins-0000000000000000", name: "A" },
      "ResourceNotFoundException",
      /Instance/,
    ],
    [
      "ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
      { instanceArn, permissionSetArn: arn, inlinePolicy: identityPolicy() },
      "ResourceNotFoundException",
      /PermissionSet/,
    ],
    ["kms/alias:Alias", { name: "alias/a", targetKeyId: "nothing" }, "NotFoundException", /does not exist/],
    [
      "cloudwatch/logGroup:LogGroup",
      { name: "/a", kmsKeyId: "arn:aws:kms:ap-southeast-1:111122223333:key/k" },
      "InvalidParameterException",
      /does not exist or is not allowed/,
    ],
    [
      "cloudwatch/eventTarget:EventTarget",
      { rule: "a", arn: "arn:aws:sns:ap-southeast-1:111122223333:t" },
      "ResourceNotFoundException",
      /Rule a/,
    ],
    ["ssm/activation:Activation", { iamRole: "a" }, "ValidationException", /Nonexistent role/],
    [
      "iam/rolePolicyAttachment:RolePolicyAttachment",
      { role: "a", policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" },
      "NoSuchEntity",
      /role with name a/,
    ],
    [
      "iam/rolePolicy:RolePolicy",
      { role: "a", name: "b", policy: identityPolicy() },
      "NoSuchEntity",
      /role with name a/,
    ],
    ["iam/instanceProfile:InstanceProfile", { name: "a", role: "a" }, "NoSuchEntity", /role with name a/],
    [
      "s3/bucketPolicy:BucketPolicy",
      { bucket: "a-bucket", policy: trailBucketPolicy("a-bucket") },
      "NoSuchBucket",
      /a-bucket/,
    ],
    [
      "cloudtrail/trail:Trail",
      { name: "trail", s3BucketName: "a-bucket" },
      "S3BucketDoesNotExistException",
      /a-bucket/,
    ],
    [
      "sns/topicSubscription:TopicSubscription",
      { topic: "arn:aws:sns:ap-southeast-1:111122223333:t", protocol: "email", endpoint: "a@b.c" },
      "NotFound",
      /Topic/,
    ],
    [
      "ssm/serviceSetting:ServiceSetting",
      {
        settingId: "arn:aws:ssm:eu-west-1:111122223333:servicesetting/ssm/managed-instance/activation-tier",
        settingValue: "advanced",
      },
      "ServiceSettingNotFound",
      /eu-west-1/,
    ],
  ])("%s", (type, inputs, code, says) => refused(create(type, inputs), code, says));

  it("is a policy of AWS's by its right name, or one of the account", async () => {
    await create("iam/role:Role", { name: "a", assumeRolePolicy: trustPolicy() });
    const attach = (policyArn: string) =>
      create("iam/rolePolicyAttachment:RolePolicyAttachment", { role: "a", policyArn });
    await attach("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore");
    await refused(attach("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCoer"), "NoSuchEntity");
    await refused(attach("arn:aws:iam::111122223333:policy/mine"), "NoSuchEntity");
  });

  it("is a role that Systems Manager may take, for an activation that ends within 30 days", async () => {
    await create("iam/role:Role", { name: "ec2", assumeRolePolicy: trustPolicy("ec2.amazonaws.com") });
    await create("iam/role:Role", { name: "ssm", assumeRolePolicy: trustPolicy() });
    await refused(create("ssm/activation:Activation", { iamRole: "ec2" }), "ValidationException", /service principal/);
    const until = (expirationDate: string) => create("ssm/activation:Activation", { iamRole: "ssm", expirationDate });
    await refused(until("2026-09-30T12:00:00Z"), "ValidationException", /30 days/);
    await refused(until("2026-11-01T12:00:00Z"), "ValidationException", /30 days/);
    const { id, outputs } = await until("2026-10-30T12:00:00Z");
    expect(outputs["activationCode"]).toMatch(/^[0-9a-f]{20}$/);
    test.clock.now = new Date("2026-10-31T12:00:00Z");
    const read = await test.provider.read("aws:ssm/activation:Activation", id, target);
    test.clock.now = new Date("2026-10-01T12:00:00Z");
    expect(read!.outputs).toMatchObject({ expired: true, registrationCount: 0 });
  });

  it("is a key whose policy lets the service in", async () => {
    const { outputs } = await create("kms/key:Key", { policy: keyPolicy(target.account) });
    await refused(
      create("cloudwatch/logGroup:LogGroup", { name: "/a", kmsKeyId: outputs["arn"]! }),
      "InvalidParameterException",
    );
    await create("s3/bucket:Bucket", { bucket: "a-bucket" });
    await refused(
      create("cloudtrail/trail:Trail", { name: "trail", s3BucketName: "a-bucket" }),
      "InsufficientS3BucketPolicyException",
    );
    await create("s3/bucketPolicy:BucketPolicy", { bucket: "a-bucket", policy: trailBucketPolicy("a-bucket") });
    await refused(
      create("cloudtrail/trail:Trail", { name: "trail", s3BucketName: "a-bucket", kmsKeyId: outputs["arn"]! }),
      "InsufficientEncryptionPolicyException",
    );
  });

  it("is a key policy that does not lock the account out, and a bucket policy about that bucket", async () => {
    await refused(create("kms/key:Key", { policy: keyPolicy("999999999999") }), "MalformedPolicyDocumentException");
    await create("s3/bucket:Bucket", { bucket: "a-bucket" });
    await refused(
      create("s3/bucketPolicy:BucketPolicy", { bucket: "a-bucket", policy: trailBucketPolicy("other") }),
      "MalformedPolicy",
    );
  });

  it("refuses a public bucket policy while public policies are blocked", async () => {
    await create("s3/bucket:Bucket", { bucket: "a-bucket" });
    await create("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", { bucket: "a-bucket", blockPublicPolicy: true });
    const everybody = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::a-bucket/*" }],
    });
    await refused(create("s3/bucketPolicy:BucketPolicy", { bucket: "a-bucket", policy: everybody }), "AccessDenied");
  });

  it("is the account and region of Identity Center", async () => {
    await refused(
      create("identitystore/group:Group", { identityStoreId, displayName: "A" }, target),
      "ResourceNotFoundException",
      /no Identity Center instance/,
    );
    const { id } = await create("identitystore/group:Group", { identityStoreId, displayName: "A" });
    expect(await test.provider.read("aws:identitystore/group:Group", id, { ...home, region: "eu-west-1" })).toBeNull();
  });
});

describe("a delete", () => {
  it("is refused for an assigned permission set, and takes the inline policy along", async () => {
    const { id, inputs, made } = await sample("ssoadmin/accountAssignment:AccountAssignment");
    const set = `${String(made["permissionSet"]!["arn"])},${instanceArn}`;
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
    const policyArn = String(made["policy"]!["arn"]);
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
    await remove("identitystore/group:Group", `${identityStoreId}/${String(made["group"]!["groupId"])}`);
    expect(await listResources(test.account, { type: "aws:identitystore/groupMembership:GroupMembership" })).toEqual(
      [],
    );
    await remove("identitystore/user:User", `${identityStoreId}/${String(inputs["memberId"])}`);
    expect(await listResources(test.account)).toEqual([]);
  });

  it("schedules a key, which is gone from sight, and frees its alias", async () => {
    const { made, inputs } = await sample("kms/alias:Alias");
    const keyId = String(made["key"]!["keyId"]);
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
    await remove("sns/topic:Topic", String(made["topic"]!["arn"]));
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
    const content = String(inputs["content"]).replace('"20"', '"30"');
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

it("refuses a type that it does not know, and says which it knows", async () => {
  await refused(
    test.provider.create("aws:ec2/instance:Instance", "a", {}, target),
    "UnsupportedResourceType",
    /aws:iam\/role:Role/,
  );
  expect(test.provider.check("aws:ec2/instance:Instance", {}, target)).toHaveLength(1);
});
