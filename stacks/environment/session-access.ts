import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EnvironmentArguments, EnvironmentMember } from "../arguments.ts";
import type { IdentityCenter } from "./identity-center.ts";
import { importing } from "./importing.ts";
import { assignmentResourceName, membershipResourceName } from "../names.ts";
import { policyJson, type PolicyDocument } from "../policies/policy-document.ts";

export interface SessionAccessArgs {
  identityCenter: IdentityCenter;
  group: EnvironmentArguments["group"];
  /** People of a group that is made here; an external group has none of ours. */
  members: EnvironmentMember[];
  permissionSet: EnvironmentArguments["permissionSet"];
  /** Inline policy of the permission set. */
  policy: PolicyDocument;
  /** Accounts in which the group gets the permission set; each once. */
  accounts: string[];
}

/**
 * Who may reach the environment's nodes: a group of Identity Center with its people, the permission set with its policy, and
 * one assignment per account. Its provider is that of Identity Center's account.
 *
 * Logical names come from user names and accounts: one who comes or goes touches nobody else.
 */
export class SessionAccess extends pulumi.ComponentResource {
  readonly groupId: pulumi.Output<string>;
  readonly permissionSetArn: pulumi.Output<string>;

  constructor(name: string, args: SessionAccessArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:environment:SessionAccess", name, {}, options);
    const groupId = this.#group(args);
    for (const member of args.members) this.#member(args, groupId, member);
    const permissionSet = this.#permissionSet(args);
    const inlinePolicy = this.#inlinePolicy(args, permissionSet);
    for (const account of args.accounts) this.#assignment(args, account, groupId, permissionSet, inlinePolicy);

    this.groupId = groupId;
    this.permissionSetArn = permissionSet.arn;
    this.registerOutputs({ groupId: this.groupId, permissionSetArn: this.permissionSetArn });
  }

  #group({ identityCenter, group }: SessionAccessArgs): pulumi.Output<string> {
    const { region, identityStoreId, existingGroupId } = identityCenter;
    if (existingGroupId !== null) return pulumi.output(existingGroupId);
    const { name, description, importId } = group;
    return new aws.identitystore.Group(
      "group",
      { region, identityStoreId, displayName: name, description },
      { parent: this, ...importing(importId) },
    ).groupId;
  }

  #member(args: SessionAccessArgs, groupId: pulumi.Output<string>, member: EnvironmentMember): void {
    const { userName, user, membershipImportId } = member;
    const { region, identityStoreId, existingUserIds } = args.identityCenter;
    const memberId = user === null ? existingUserIds.get(userName) : this.#user(args, userName, user);
    if (memberId === undefined) throw new Error(`${userName} was not looked up in Identity Center.`);
    new aws.identitystore.GroupMembership(
      membershipResourceName(userName),
      { region, identityStoreId, groupId, memberId },
      { parent: this, ...importing(membershipImportId ?? null) },
    );
  }

  #user(
    { identityCenter }: SessionAccessArgs,
    userName: string,
    { email, givenName, familyName, retain, importId }: NonNullable<EnvironmentMember["user"]>,
  ): pulumi.Output<string> {
    return new aws.identitystore.User(
      `user-${userName}`,
      {
        region: identityCenter.region,
        identityStoreId: identityCenter.identityStoreId,
        userName,
        displayName: `${givenName} ${familyName}`,
        name: { givenName, familyName },
        // What the console writes; Identity Center takes one address.
        emails: { value: email, type: "work", primary: true },
      },
      { parent: this, retainOnDelete: retain, ...importing(importId) },
    ).userId;
  }

  #permissionSet({ identityCenter, permissionSet }: SessionAccessArgs): aws.ssoadmin.PermissionSet {
    const { region, instanceArn } = identityCenter;
    const { name, description, sessionDuration, relayState, tags, importId } = permissionSet;
    return new aws.ssoadmin.PermissionSet(
      "permission-set",
      {
        region,
        instanceArn,
        name,
        sessionDuration,
        tags,
        ...(description === null ? {} : { description }),
        ...(relayState === null ? {} : { relayState }),
      },
      { parent: this, ...importing(importId) },
    );
  }

  #inlinePolicy(
    { identityCenter: { region, instanceArn }, policy }: SessionAccessArgs,
    permissionSet: aws.ssoadmin.PermissionSet,
  ): aws.ssoadmin.PermissionSetInlinePolicy {
    return new aws.ssoadmin.PermissionSetInlinePolicy(
      "inline-policy",
      {
        region,
        instanceArn,
        permissionSetArn: permissionSet.arn,
        inlinePolicy: policyJson(policy),
      },
      { parent: this },
    );
  }

  #assignment(
    { identityCenter: { region, instanceArn }, permissionSet: { assignmentImportIds = {} } }: SessionAccessArgs,
    account: string,
    groupId: pulumi.Output<string>,
    permissionSet: aws.ssoadmin.PermissionSet,
    inlinePolicy: aws.ssoadmin.PermissionSetInlinePolicy,
  ): void {
    new aws.ssoadmin.AccountAssignment(
      assignmentResourceName(account),
      {
        region,
        instanceArn,
        permissionSetArn: permissionSet.arn,
        principalType: "GROUP",
        principalId: groupId,
        targetType: "AWS_ACCOUNT",
        targetId: account,
      },
      // Deletes run the other way: a policy deleted beside its last assignment fails on the provider.
      { parent: this, dependsOn: [inlinePolicy], ...importing(assignmentImportIds[account] ?? null) },
    );
  }
}
