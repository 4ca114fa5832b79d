/**
 * Names that the programs give to what they make in AWS. They come from the environment's name, which never changes, and
 * not from team, tag or targets: so changing those replaces nothing. The service uses them to look for what exists already.
 */

/** CloudWatch log group of an environment's sessions, in each target. */
export const sessionLogGroupName = (environment: string): string => `/gatehouse/sessions/${environment}`;

/** Alias of the KMS key that encrypts an environment's sessions and their log group, in each target. */
export const sessionKeyAlias = (environment: string): string => `alias/gatehouse/${environment}`;

/** Session document (preferences) of an environment, in each target. */
export const sessionDocumentName = (environment: string): string => `Gatehouse-${environment}`;

/** Managed policy that lets nodes write an environment's session logs; IAM is per account, so the region is in the name. */
export const nodeLogPolicyName = (environment: string, region: string): string =>
  `GatehouseSessionLogs-${environment}-${region}`;

/** Service role of an environment's hybrid activation (at most 64 characters: names end at 40). */
export const activationRoleName = (environment: string): string => `GatehouseOnPremises-${environment}`;

/** The default session preferences of an account and region: Systems Manager reads the document of this name. */
export const preferencesDocumentName = "SSM-SessionManagerRunShell";

/** Alias of the KMS key of a foundation's log archive. */
export const archiveKeyAlias = "alias/gatehouse-log-archive";

/** Policy that lets nodes write session logs, by the reference's name; later regions of an account add theirs to it. */
export const archiveLogPolicyName = (region: string, ownsAccount: boolean): string =>
  ownsAccount ? "SessionManagerLogPolicy" : `SessionManagerLogPolicy-${region}`;

/** Quick Setup configuration that manages the hosts of one region of an account. */
export const hostManagementName = (region: string): string => `gatehouse-host-management-${region}`;

/** Roles with which Quick Setup deploys inside one account, by the names that AWS gives them when its console makes them. */
export const quickSetupAdministrationRoleName = "AWS-QuickSetup-LocalAdministrationRole";
export const quickSetupExecutionRoleName = "AWS-QuickSetup-LocalExecutionRole";

/** Role that Quick Setup's host management makes and attaches to instances that have none. */
export const quickSetupNodeRoleName = "AmazonSSMRoleForInstancesQuickSetup";

/** Role (and instance profile) of our own where host management is off. */
export const ownNodeRoleName = "GatehouseNodeRole";

/** Trail, topic and rule of the session activity notifications. */
export const trailName = "gatehouse-management-events";
export const notificationTopicName = "gatehouse-session-activity";
export const notificationRuleName = "gatehouse-session-activity";

/** Logical name of the user that an environment holds: by user name, so that a member's coming and going touches no other. */
export const userResourceName = (userName: string): string => `user-${userName}`;

/** Logical names of a person's membership, and of an account's assignment. */
export const membershipResourceName = (userName: string): string => `membership-${userName}`;
export const assignmentResourceName = (account: string): string => `assignment-${account}`;
