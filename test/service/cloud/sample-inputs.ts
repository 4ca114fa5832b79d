/** Working inputs of what other resources stand on. */
import { identityPolicy, instance, keyPolicy, target, trailBucketPolicy, trustPolicy } from "./account.ts";

const { identityStoreId, instanceArn } = instance;
export const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

export const group = () => ({ identityStoreId, displayName: "ProductionAccess", description: "Production" });
export const user = () => ({
  identityStoreId,
  userName: "testuser01",
  displayName: "Test User01",
  name: { givenName: "Test", familyName: "User01" },
  emails: { value: "testuser01@example.com", primary: true },
});
export const permissionSet = () => ({
  instanceArn,
  name: "ProductionPermissionSet",
  tags: { Name: "ProductionAccess" },
});
export const role = () => ({ name: "GatehouseNodeRole", assumeRolePolicy: trustPolicy() });
export const policy = () => ({ name: "SessionManagerLogPolicy", policy: identityPolicy() });
export const bucket = () => ({ bucket: "session-manager-log-bucket123" });
export const key = () => ({
  description: "Sessions",
  enableKeyRotation: true,
  policy: keyPolicy(target.account, "logs.ap-southeast-1.amazonaws.com", "cloudtrail.amazonaws.com"),
});
export const topic = () => ({ name: "gatehouse-session-activity" });
export const rule = () => ({ name: "gatehouse-session-activity", eventPattern: '{"source":["aws.ssm"]}' });

export const needs = {
  group: { type: "aws:identitystore/group:Group", inputs: group, as: "group" },
  user: { type: "aws:identitystore/user:User", inputs: user, as: "user" },
  permissionSet: { type: "aws:ssoadmin/permissionSet:PermissionSet", inputs: permissionSet, as: "permissionSet" },
  role: { type: "aws:iam/role:Role", inputs: role, as: "role" },
  policy: { type: "aws:iam/policy:Policy", inputs: policy, as: "policy" },
  bucket: { type: "aws:s3/bucket:Bucket", inputs: bucket, as: "bucket" },
  key: { type: "aws:kms/key:Key", inputs: key, as: "key" },
  topic: { type: "aws:sns/topic:Topic", inputs: topic, as: "topic" },
  rule: { type: "aws:cloudwatch/eventRule:EventRule", inputs: rule, as: "rule" },
  bucketPolicy: {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    inputs: () => ({ ...bucket(), policy: trailBucketPolicy(bucket().bucket) }),
    as: "bucketPolicy",
  },
};
