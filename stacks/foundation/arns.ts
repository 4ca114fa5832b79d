import {
  notificationRuleName,
  notificationTopicName,
  quickSetupAdministrationRoleName,
  quickSetupExecutionRoleName,
  trailName,
} from "../names.ts";
import type { Partition } from "../policies/partition.ts";

/** Where a foundation stands. */
export interface Place {
  partition: Partition;
  /** Twelve digits. */
  account: string;
  region: string;
}

/**
 * ARNs of what a foundation makes or refers to, built from names instead of taken from outputs: a policy and the thing
 * that it guards would otherwise wait for each other, and a first preview could not show the policy.
 * Source of each format: "Actions, resources, and condition keys" of the service in the Service Authorization Reference.
 */
const regional = (service: string, resource: string, { partition, account, region }: Place): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

const role = (roleName: string, { partition, account }: Place): string =>
  `arn:${partition}:iam::${account}:role/${roleName}`;

export const bucketArn = (bucketName: string, { partition }: Place): string => `arn:${partition}:s3:::${bucketName}`;

/** The trail that the account's first foundation makes, in that foundation's region. */
export const trailArn = (place: Place): string => regional("cloudtrail", `trail/${trailName}`, place);

export const notificationTopicArn = (place: Place): string => regional("sns", notificationTopicName, place);

/** A rule of the default event bus. */
export const notificationRuleArn = (place: Place): string => regional("events", `rule/${notificationRuleName}`, place);

/** The region's setting for the tier of on-premises nodes; the provider wants it by its ARN, never by its short id. */
export const activationTierSettingArn = (place: Place): string =>
  regional("ssm", "servicesetting/ssm/managed-instance/activation-tier", place);

export const quickSetupAdministrationRoleArn = (place: Place): string => role(quickSetupAdministrationRoleName, place);
export const quickSetupExecutionRoleArn = (place: Place): string => role(quickSetupExecutionRoleName, place);

/** A policy that AWS maintains. */
export const awsManagedPolicyArn = (policyName: string, { partition }: Place): string =>
  `arn:${partition}:iam::aws:policy/${policyName}`;
