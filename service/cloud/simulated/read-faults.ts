/** Faults of questions: what AWS does on a bad day to somebody who only asks. */
import { AwsError, type Scope } from "../provider.ts";
import { CloudReadError, type ReadFailure } from "../read-error.ts";
import { sufferFault } from "./faults.ts";
import type { SimulatedAccount } from "./simulated-account.ts";

/** Type tokens of questions, by which `injectFault` picks them: `reader/findGroup`. Patterns of resources fit none of them. */
const readToken = (question: string): string => `reader/${question}`;

/** The IAM action that each question needs first, as a policy would allow it. */
export const readActions = {
  identityCenter: "sso:ListInstances",
  callerAccount: "sts:AssumeRole",
  findGroup: "identitystore:GetGroupId",
  findUser: "identitystore:GetUserId",
  findUserByEmail: "identitystore:GetUserId",
  findPermissionSet: "sso:ListPermissionSets",
  findLogGroup: "logs:DescribeLogGroups",
  findDocument: "ssm:DescribeDocument",
  findKey: "kms:DescribeKey",
  findBucket: "s3:ListAllMyBuckets",
  findTrail: "cloudtrail:DescribeTrails",
  findRole: "iam:GetRole",
  findPolicy: "iam:GetPolicy",
  findInstanceProfile: "iam:GetInstanceProfile",
  findTopic: "cloudformation:GetResource",
  findEventRule: "cloudformation:GetResource",
  findQuickSetups: "cloudformation:ListResources",
  findMembership: "identitystore:GetGroupMembershipId",
  findAssignments: "sso:ListAccountAssignments",
  findServiceSetting: "ssm:GetServiceSetting",
  nodesWithTag: "ec2:DescribeInstances",
  nodesById: "ec2:DescribeInstances",
  attachedPolicies: "iam:ListAttachedRolePolicies",
  groupMembers: "identitystore:ListGroupMemberships",
  permissionSet: "sso:DescribePermissionSet",
  inlinePolicy: "sso:GetInlinePolicyForPermissionSet",
  attachedToPermissionSet: "sso:ListManagedPoliciesInPermissionSet",
  permissionsBoundary: "sso:GetPermissionsBoundaryForPermissionSet",
  assignments: "sso:ListAccountAssignments",
  sessionDocument: "ssm:GetDocument",
  sessions: "ssm:DescribeSessions",
  hasLogStream: "logs:DescribeLogStreams",
  hasObject: "s3:ListBucket",
} as const;

const failures: ReadonlyMap<string, ReadFailure> = new Map([
  ["AccessDenied", "access_denied"],
  ["AccessDeniedException", "access_denied"],
  ["ExpiredToken", "credentials_invalid"],
  ["ExpiredTokenException", "credentials_invalid"],
  ["ThrottlingException", "throttled"],
  ["TimeoutError", "aws_unreachable"],
]);

/**
 * Uses up the first fault that is for this question, if there is one.
 *
 * @throws CloudReadError the fault's error
 */
export const sufferReadFault = async (
  account: SimulatedAccount,
  question: keyof typeof readActions,
  scope: Scope,
  name: string,
): Promise<void> => {
  const { rows } = await account.pool.query<{ faulty: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM simulated_aws.faults
       WHERE remaining > 0 AND starts_with(type_pattern, 'reader/') AND $1 LIKE type_pattern) AS faulty`,
    [readToken(question)],
  );
  if (rows[0]?.faulty !== true) return;
  try {
    await sufferFault(account, { type: readToken(question), name, verb: null });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { code, message } = error;
    const asked = { action: readActions[question], scope, role: null };
    throw new CloudReadError(failures.get(code) ?? "aws_failed", asked, { code, message });
  }
};
