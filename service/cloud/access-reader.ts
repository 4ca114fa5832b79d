/**
 * The access reader port: what is true in the account about who reaches which nodes, asked by verifications, by the list of
 * nodes and for the warnings of a preview. It only reads. The simulated account answers it, and AWS itself
 * (`aws/aws-access-reader.ts`): each method names the calls that answer it.
 *
 * Every method rejects with a `CloudReadError` (read-error.ts) where there is no answer. Lists are whole: adapters page.
 */
import type { JsonObject } from "../domain/json.ts";
import type { Scope } from "./provider.ts";

/** What Systems Manager knows of a node's agent. */
export interface NodeAgent {
  /** Such as `3.3.2299.0`. */
  version: string;
  pingStatus: "online" | "connection_lost" | "inactive";
  /** RFC 3339; null where it was never heard. */
  lastPingAt: string | null;
}

/** A server that Session Manager may reach: an EC2 instance, or one on premises. */
export interface CloudNode extends Scope {
  /** `i-…` or `mi-…` */
  id: string;
  kind: "ec2" | "managed";
  tags: Record<string, string>;
  /** State of the EC2 instance; null for a server on premises. */
  instanceState: "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated" | null;
  /** Null: it has never registered with Systems Manager. */
  agent: NodeAgent | null;
  /** Name of the IAM role that the agent works with: of the instance profile, of default host management, of the activation. */
  role: string | null;
}

/** A person of a group, as Identity Center knows them. */
export interface GroupMember {
  userId: string;
  userName: string;
}

/** Who has a permission set in an account. */
export interface Assignment {
  account: string;
  principalType: "GROUP" | "USER";
  principalId: string;
}

/** What a permission set is, beside its policies. */
export interface PermissionSetFacts {
  name: string;
  description: string | null;
  /** ISO 8601, as AWS gives it. */
  sessionDuration: string;
  relayState: string | null;
  tags: Record<string, string>;
}

/** A session of Session Manager, running or ended. */
export interface CloudSession {
  /** `<user name>-<17 hexadecimal digits>`; log streams and objects are named by it. */
  id: string;
  /** ARN of the role session that started it: `arn:aws:sts::<account>:assumed-role/<role>/<user name>`. */
  owner: string;
  /** Id of the node. */
  target: string;
  documentName: string;
  /** RFC 3339. */
  startedAt: string;
  /** RFC 3339; null while it runs. */
  endedAt: string | null;
}

/** The port. */
export interface AccessReader {
  /**
   * Nodes that carry the value under the key, in whatever case the key is written, as IAM compares tags; EC2 itself does
   * not. `ec2:DescribeTags` (by value), `ec2:DescribeInstances`, `iam:GetInstanceProfile`, `ssm:DescribeInstanceInformation`,
   * `ssm:ListTagsForResource` for servers on premises.
   */
  nodesWithTag(scope: Scope, tag: { key: string; value: string }): Promise<CloudNode[]>;
  /** Those of the ids that exist. The same calls. */
  nodesById(scope: Scope, ids: readonly string[]): Promise<CloudNode[]>;
  /** ARNs of the managed policies attached to a role; null when there is no such role. `iam:ListAttachedRolePolicies`. */
  attachedPolicies(scope: Scope, role: string): Promise<string[] | null>;

  /** Null when there is no such group. `identitystore:ListGroupMemberships`, `identitystore:DescribeUser`. */
  groupMembers(groupId: string): Promise<GroupMember[] | null>;
  /** `sso:DescribePermissionSet`, `sso:ListTagsForResource`. */
  permissionSet(arn: string): Promise<PermissionSetFacts | null>;
  /** JSON text; null where there is none. `sso:GetInlinePolicyForPermissionSet`. */
  inlinePolicy(permissionSetArn: string): Promise<string | null>;
  /**
   * Policies that are attached to it beside the inline one: ARNs of managed policies, and path and name of those that each
   * account has its own of. `sso:ListManagedPoliciesInPermissionSet`, `sso:ListCustomerManagedPolicyReferencesInPermissionSet`.
   */
  attachedToPermissionSet(permissionSetArn: string): Promise<string[]>;
  /**
   * The boundary of what it can give: the ARN of a managed policy, or path and name of one that each account has its own of; null where
   * there is none. `sso:GetPermissionsBoundaryForPermissionSet`.
   */
  permissionsBoundary(permissionSetArn: string): Promise<string | null>;
  /** In every account. `sso:ListAccountsForProvisionedPermissionSet`, `sso:ListAccountAssignments`. */
  assignments(permissionSetArn: string): Promise<Assignment[]>;

  /** Content of a session document's default version; null when there is no such document. `ssm:GetDocument`. */
  sessionDocument(scope: Scope, name: string): Promise<JsonObject | null>;
  /**
   * Newest first. `active`: those that run. `history`: those that ended, of the last 30 days, as long as AWS keeps them.
   * `ssm:DescribeSessions`.
   */
  sessions(scope: Scope, state: "active" | "history"): Promise<CloudSession[]>;
  /** Whether a log group has a stream of this name. `logs:DescribeLogStreams`. */
  hasLogStream(scope: Scope, logGroup: string, stream: string): Promise<boolean>;
  /** Whether a bucket has an object under this key, by its list: `s3:ListBucket`. What is in it is never read. */
  hasObject(scope: Scope, bucket: string, key: string): Promise<boolean>;
}
