/** What AWS refuses because something else is missing in the account. */
import type { JsonObject } from "../../../service/domain/json.ts";
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
import { callsOn, refused } from "./calls.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

const { instanceArn, identityStoreId } = instance;
const { create } = callsOn(() => test);

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

it("refuses a type that it does not know, and says which it knows", async () => {
  await refused(
    test.provider.create("aws:ec2/instance:Instance", "a", {}, target),
    "UnsupportedResourceType",
    /aws:iam\/role:Role/,
  );
  expect(test.provider.check("aws:ec2/instance:Instance", {}, target)).toHaveLength(1);
});
