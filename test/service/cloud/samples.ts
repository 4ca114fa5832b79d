/** A working example of every resource type, with what must be in the account before it. */
import type { JsonObject } from "../../../service/domain/json.ts";
import type { Scope } from "../../../service/cloud/provider.ts";
import { home, identityPolicy, instance, sessionContent, target, trailBucketPolicy, trustPolicy } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { bucket, group, key, needs, permissionSet, policy, role, rule, topic, user, uuid } from "./sample-inputs.ts";

export interface Sample {
  type: string;
  /** What is made first; its outputs are there for `inputs` by name. */
  needs?: { type: string; inputs: (made: Made) => JsonObject; as: string }[];
  inputs: (made: Made) => JsonObject;
  id: RegExp;
  /** Inputs that can change in place. */
  change?: JsonObject;
}

type Made = Record<string, JsonObject>;

const atHome = /^aws:(identitystore|ssoadmin)\//;

/** Where a sample lives. */
export const scopeOf = (type: string): Scope => (atHome.test(type) ? home : target);

/** Makes what a sample needs, and gives its inputs. */
export const build = async (
  { provider }: TestAccount,
  sample: Sample,
): Promise<{ inputs: JsonObject; scope: Scope; made: Made }> => {
  const made: Made = {};
  for (const need of sample.needs ?? []) {
    const { outputs } = await provider.create(need.type, need.as, need.inputs(made), scopeOf(need.type));
    made[need.as] = outputs;
  }
  return { inputs: sample.inputs(made), scope: scopeOf(sample.type), made };
};

const { identityStoreId, instanceArn } = instance;

const deploymentRole = (name: string) => ({
  type: "aws:iam/role:Role",
  inputs: () => ({ name, assumeRolePolicy: trustPolicy("cloudformation.amazonaws.com") }),
  as: name,
});

const inBucket = (type: string, inputs: JsonObject, change?: JsonObject): Sample => ({
  type,
  needs: [needs.bucket],
  inputs: () => ({ ...bucket(), ...inputs }),
  id: /^session-manager-log-bucket123$/,
  ...(change === undefined ? {} : { change }),
});

const managedPolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/** What belongs to a permission set; `before` stands in front of its id. */
const ofPermissionSet = (name: string, inputs: JsonObject, before: string, more: Partial<Sample> = {}): Sample => ({
  type: `aws:ssoadmin/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
  needs: [needs.permissionSet],
  inputs: ({ permissionSet }) => ({ instanceArn, permissionSetArn: permissionSet!["arn"]!, ...inputs }),
  id: new RegExp(`^${before}arn:aws:sso:::permissionSet/[^,]+,arn:aws:sso:::instance/[^,]+$`),
  ...more,
});

export const quickSetupSample: Sample = {
  type: "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager",
  needs: [
    deploymentRole("AWS-QuickSetup-LocalAdministrationRole"),
    deploymentRole("AWS-QuickSetup-LocalExecutionRole"),
  ],
  inputs: (made) => ({
    name: "host-management",
    configurationDefinition: {
      type: "AWSQuickSetupType-SSMHostMgmt",
      localDeploymentAdministrationRoleArn: made["AWS-QuickSetup-LocalAdministrationRole"]!["arn"]!,
      localDeploymentExecutionRoleName: "AWS-QuickSetup-LocalExecutionRole",
      parameters: {
        CollectInventory: "true",
        TargetType: "*",
        TargetAccounts: target.account,
        TargetRegions: target.region,
      },
    },
  }),
  id: new RegExp(`^arn:aws:ssm-quicksetup:ap-southeast-1:111122223333:configuration-manager/${uuid}$`),
  change: { name: "hosts", description: "Hosts" },
};

export const samples: Sample[] = [
  {
    type: needs.group.type,
    inputs: group,
    id: new RegExp(`^${identityStoreId}/${uuid}$`),
    change: { displayName: "Production", description: "Everybody" },
  },
  {
    type: needs.user.type,
    inputs: user,
    id: new RegExp(`^${identityStoreId}/${uuid}$`),
    change: { displayName: "T. User01" },
  },
  {
    type: "aws:identitystore/groupMembership:GroupMembership",
    needs: [needs.group, needs.user],
    inputs: ({ group, user }) => ({ identityStoreId, groupId: group!["groupId"]!, memberId: user!["userId"]! }),
    id: new RegExp(`^${identityStoreId}/${uuid}$`),
  },
  {
    type: needs.permissionSet.type,
    inputs: permissionSet,
    id: /^arn:aws:sso:::permissionSet\/ssoins-[0-9a-f]{16}\/ps-[0-9a-f]{16},arn:aws:sso:::instance\/ssoins-[0-9a-f]{16}$/,
    change: { description: "Production servers", sessionDuration: "PT2H", tags: { Name: "Other" } },
  },
  ofPermissionSet("PermissionSetInlinePolicy", { inlinePolicy: identityPolicy() }, "", {
    change: { inlinePolicy: identityPolicy("ssm:TerminateSession") },
  }),
  ofPermissionSet("ManagedPolicyAttachment", { managedPolicyArn }, `${managedPolicyArn},`),
  ofPermissionSet("PermissionsBoundaryAttachment", { permissionsBoundary: { managedPolicyArn } }, ""),
  {
    type: "aws:ssoadmin/accountAssignment:AccountAssignment",
    needs: [needs.group, needs.permissionSet],
    inputs: ({ group, permissionSet }) => ({
      instanceArn,
      permissionSetArn: permissionSet!["arn"]!,
      principalId: group!["groupId"]!,
      principalType: "GROUP",
      targetId: target.account,
      targetType: "AWS_ACCOUNT",
    }),
    id: new RegExp(
      `^${uuid},GROUP,111122223333,AWS_ACCOUNT,arn:aws:sso:::permissionSet/[^,]+,arn:aws:sso:::instance/[^,]+$`,
    ),
  },
  {
    type: needs.key.type,
    inputs: key,
    id: new RegExp(`^${uuid}$`),
    change: { description: "Logs", enableKeyRotation: false },
  },
  {
    type: "aws:kms/alias:Alias",
    needs: [needs.key],
    inputs: ({ key }) => ({ name: "alias/gatehouse/production", targetKeyId: key!["keyId"]! }),
    id: /^alias\/gatehouse\/production$/,
  },
  {
    type: "aws:cloudwatch/logGroup:LogGroup",
    needs: [needs.key],
    inputs: ({ key }) => ({ name: "/gatehouse/sessions/production", retentionInDays: 365, kmsKeyId: key!["arn"]! }),
    id: /^\/gatehouse\/sessions\/production$/,
    change: { retentionInDays: 30, tags: { a: "b" } },
  },
  {
    type: needs.rule.type,
    inputs: rule,
    id: /^gatehouse-session-activity$/,
    change: { description: "Sessions", state: "DISABLED" },
  },
  {
    type: "aws:cloudwatch/eventTarget:EventTarget",
    needs: [needs.rule, needs.topic],
    inputs: ({ topic }) => ({ rule: rule().name, targetId: "topic", arn: topic!["arn"]! }),
    id: /^gatehouse-session-activity-topic$/,
    change: { inputPath: "$.detail" },
  },
  {
    type: "aws:ssm/document:Document",
    inputs: () => ({ name: "Gatehouse-production", documentType: "Session", content: sessionContent() }),
    id: /^Gatehouse-production$/,
    change: { content: sessionContent({ idleSessionTimeout: "10" }) },
  },
  {
    type: "aws:ssm/activation:Activation",
    needs: [needs.role],
    inputs: () => ({
      iamRole: "GatehouseNodeRole",
      registrationLimit: 10,
      expirationDate: "2026-10-15T12:00:00Z",
      tags: { project: "Production" },
    }),
    id: new RegExp(`^${uuid}$`),
  },
  {
    type: "aws:ssm/serviceSetting:ServiceSetting",
    inputs: () => ({
      settingId: "arn:aws:ssm:ap-southeast-1:111122223333:servicesetting/ssm/managed-instance/activation-tier",
      settingValue: "advanced",
    }),
    id: /^arn:aws:ssm:.*activation-tier$/,
    change: { settingValue: "standard" },
  },
  quickSetupSample,
  {
    type: needs.role.type,
    inputs: role,
    id: /^GatehouseNodeRole$/,
    change: { description: "Nodes", maxSessionDuration: 7200 },
  },
  {
    type: needs.policy.type,
    inputs: policy,
    id: /^arn:aws:iam::111122223333:policy\/SessionManagerLogPolicy$/,
    change: { policy: identityPolicy("logs:PutLogEvents") },
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    needs: [needs.role],
    inputs: () => ({
      name: "AssumeExecutionRole",
      role: "GatehouseNodeRole",
      policy: identityPolicy("sts:AssumeRole"),
    }),
    id: /^GatehouseNodeRole:AssumeExecutionRole$/,
    change: { policy: identityPolicy() },
  },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    needs: [needs.role, needs.policy],
    inputs: ({ policy }) => ({ role: "GatehouseNodeRole", policyArn: policy!["arn"]! }),
    id: /^GatehouseNodeRole\/arn:aws:iam::111122223333:policy\/SessionManagerLogPolicy$/,
  },
  {
    type: "aws:iam/instanceProfile:InstanceProfile",
    needs: [needs.role],
    inputs: () => ({ name: "GatehouseNodeRole", role: "GatehouseNodeRole" }),
    id: /^GatehouseNodeRole$/,
    change: { tags: { a: "b" } },
  },
  { type: needs.bucket.type, inputs: bucket, id: /^session-manager-log-bucket123$/, change: { forceDestroy: true } },
  inBucket(
    "aws:s3/bucketVersioning:BucketVersioning",
    { versioningConfiguration: { status: "Enabled" } },
    { versioningConfiguration: { status: "Suspended" } },
  ),
  inBucket(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" }, bucketKeyEnabled: true }] },
    { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
  ),
  inBucket(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    { blockPublicAcls: true },
    { blockPublicPolicy: true },
  ),
  inBucket(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    { rule: { objectOwnership: "BucketOwnerEnforced" } },
    { rule: { objectOwnership: "ObjectWriter" } },
  ),
  inBucket("aws:s3/bucketPolicy:BucketPolicy", { policy: trailBucketPolicy(bucket().bucket) }),
  inBucket(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    { rules: [{ id: "expire", status: "Enabled", filter: {}, expiration: { days: 365 } }] },
    { rules: [{ id: "expire", status: "Enabled", filter: {}, expiration: { days: 30 } }] },
  ),
  {
    type: "aws:cloudtrail/trail:Trail",
    needs: [needs.key, needs.bucket, needs.bucketPolicy],
    inputs: ({ key }) => ({
      name: "gatehouse-management-events",
      s3BucketName: bucket().bucket,
      kmsKeyId: key!["arn"]!,
      isMultiRegionTrail: true,
    }),
    id: /^arn:aws:cloudtrail:ap-southeast-1:111122223333:trail\/gatehouse-management-events$/,
    change: { enableLogFileValidation: true },
  },
  {
    type: needs.topic.type,
    inputs: topic,
    id: /^arn:aws:sns:ap-southeast-1:111122223333:gatehouse-session-activity$/,
    change: { displayName: "Sessions" },
  },
  {
    type: "aws:sns/topicPolicy:TopicPolicy",
    needs: [needs.topic],
    inputs: ({ topic }) => ({
      arn: topic!["arn"]!,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sns:Publish", Resource: "*" },
        ],
      }),
    }),
    id: /^arn:aws:sns:ap-southeast-1:111122223333:gatehouse-session-activity$/,
  },
  {
    type: "aws:sns/topicSubscription:TopicSubscription",
    needs: [needs.topic],
    inputs: ({ topic }) => ({ topic: topic!["arn"]!, protocol: "email", endpoint: "security@example.com" }),
    id: new RegExp(`^arn:aws:sns:ap-southeast-1:111122223333:gatehouse-session-activity:${uuid}$`),
    change: { rawMessageDelivery: true },
  },
];
