/**
 * The reader port: what only AWS can tell, asked before a preview. The simulated account answers it
 * (`simulated/simulated-reader.ts`), and AWS itself (`aws/aws-reader.ts`).
 *
 * Every question rejects with a `CloudReadError` when there is no answer; `null` is an answer: there is no such thing.
 */
import type { Scope } from "./provider.ts";

/** An instance of Identity Center, and where Gatehouse works with it. */
export interface IdentityCenterInstance {
  /** Account and region in which Gatehouse works with it: the organization's own, or one that it delegated to. */
  account: string;
  region: string;
  instanceArn: string;
  identityStoreId: string;
  /** Of the whole organization, or of one account only: such a one has no permission sets. */
  kind: "organization" | "account";
}

/** Something that exists. */
export interface Found {
  /** As the stack's state has it once it is imported. */
  id: string;
  /** As Pulumi imports it; on AWS with the region where the provider would look in another. */
  importId: string;
}

/** A KMS key that an alias leads to. */
export interface FoundKey extends Found {
  keyId: string;
  /** It still is there, its alias too, but nothing can be encrypted or read with it, and KMS deletes it when the time is up. */
  pendingDeletion: boolean;
}

/** The value in force of a setting of Systems Manager in an account and region. */
interface ServiceSetting {
  value: string;
  /** Whether somebody set it; otherwise it is what AWS gives everybody. */
  customized: boolean;
}

/** The port. */
export interface CloudReader {
  /** The instance of Identity Center that is there, the organization's before an account's own; `null` when none is enabled. */
  identityCenter(): Promise<IdentityCenterInstance | null>;
  /** The account to which the credentials for this one lead: it should be the same. */
  callerAccount(scope: Scope): Promise<string>;
  findGroup(displayName: string): Promise<(Found & { groupId: string }) | null>;
  findUser(userName: string): Promise<(Found & { userId: string }) | null>;
  /** By an e-mail address, of which AWS lets no two people have the same. */
  findUserByEmail(email: string): Promise<(Found & { userId: string }) | null>;
  findPermissionSet(name: string): Promise<(Found & { arn: string }) | null>;
  findLogGroup(scope: Scope, name: string): Promise<Found | null>;
  findDocument(scope: Scope, name: string): Promise<Found | null>;
  /** By alias, such as `alias/gatehouse/production`. */
  findKey(scope: Scope, alias: string): Promise<FoundKey | null>;
  /**
   * Bucket names are shared by all of AWS: `owned` says whether this account has it, `region` where (`null` when that is not
   * told).
   */
  findBucket(scope: Scope, name: string): Promise<(Found & { owned: boolean; region: string | null }) | null>;
  findTrail(scope: Scope, name: string): Promise<{ arn: string } | null>;
  /** A role of IAM, by name. */
  findRole(scope: Scope, name: string): Promise<Found | null>;
  /** A managed policy of the account, by name. */
  findPolicy(scope: Scope, name: string): Promise<Found | null>;
  /** An instance profile of IAM, by name. */
  findInstanceProfile(scope: Scope, name: string): Promise<Found | null>;
  /** A topic of SNS, by name. */
  findTopic(scope: Scope, name: string): Promise<Found | null>;
  /** A rule of EventBridge's default bus, by name. */
  findEventRule(scope: Scope, name: string): Promise<Found | null>;
  /** Configurations of Quick Setup by name, oldest first: AWS lets there be several of one name. */
  findQuickSetups(scope: Scope, name: string): Promise<Found[]>;
  /** A person's membership of a group. */
  findMembership(groupId: string, userId: string): Promise<Found | null>;
  /** A group's assignments of a permission set, by account; of the accounts that are named, those that have one. */
  findAssignments(
    permissionSetArn: string,
    groupId: string,
    accounts: readonly string[],
  ): Promise<ReadonlyMap<string, Found>>;
  /** By its id, such as `/ssm/managed-instance/activation-tier`; `null` where AWS has no such setting. */
  findServiceSetting(scope: Scope, settingId: string): Promise<ServiceSetting | null>;
}
