/** Every resource type of the simulated account, by its Pulumi token. A new one is a file (or a table) and a line here. */
import { AwsError } from "../../provider.ts";
import type { ResourceType } from "../resource-type.ts";
import { trail } from "./cloudtrail.ts";
import { logGroup } from "./cloudwatch-logs.ts";
import { eventRule, eventTarget } from "./event-bridge.ts";
import { policy, rolePolicy, rolePolicyAttachment } from "./iam-policies.ts";
import { instanceProfile, role } from "./iam-roles.ts";
import { group, groupMembership, user } from "./identity-store.ts";
import { alias, key } from "./kms.ts";
import { quicksetupConfigurationManager } from "./quick-setup.ts";
import { bucket } from "./s3.ts";
import {
  bucketEncryption,
  bucketLifecycle,
  bucketOwnershipControls,
  bucketPolicy,
  bucketPublicAccessBlock,
  bucketVersioning,
} from "./s3-bucket-settings.ts";
import { topic, topicPolicy, topicSubscription } from "./sns.ts";
import { document } from "./ssm-documents.ts";
import { activation, serviceSetting } from "./ssm-hybrid.ts";
import { accountAssignment, permissionSet, permissionSetInlinePolicy } from "./sso-admin.ts";
import { managedPolicyAttachment, permissionsBoundaryAttachment } from "./sso-policies.ts";

/** The types by token. */
export const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [
    group,
    user,
    groupMembership,
    permissionSet,
    permissionSetInlinePolicy,
    managedPolicyAttachment,
    permissionsBoundaryAttachment,
    accountAssignment,
    key,
    alias,
    logGroup,
    eventRule,
    eventTarget,
    document,
    activation,
    serviceSetting,
    quicksetupConfigurationManager,
    role,
    policy,
    rolePolicy,
    rolePolicyAttachment,
    instanceProfile,
    bucket,
    bucketVersioning,
    bucketEncryption,
    bucketPublicAccessBlock,
    bucketOwnershipControls,
    bucketPolicy,
    bucketLifecycle,
    trail,
    topic,
    topicPolicy,
    topicSubscription,
  ].map((type) => [type.token, type]),
);

/** @throws AwsError `UnsupportedResourceType` for a type that is not simulated. */
export const resourceType = (token: string): ResourceType => {
  const type = resourceTypes.get(token);
  if (type !== undefined) return type;
  throw new AwsError(
    "UnsupportedResourceType",
    `The simulated AWS account knows no ${token}; it knows ${[...resourceTypes.keys()].join(", ")}`,
  );
};
