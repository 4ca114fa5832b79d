import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { EnvironmentArguments, EnvironmentMember } from "../arguments.ts";
import { importing } from "./importing.ts";
import { policyJson, type PolicyDocument } from "../policies/policy-document.ts";

export interface SessionAccessArgs {
  /** Region of Identity Center and its identity store. */
  region: string;
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
  readonly identityStoreId: pulumi.Output<string>;
  readonly groupId: pulumi.Output<string>;
  readonly permissionSetArn: pulumi.Output<string>;

  readonly #region: string;
  readonly #instanceArn: pulumi.Output<string>;

  constructor(name: string, args: SessionAccessArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:environment:SessionAccess", name, {}, options);
    const instances = aws.ssoadmin.getInstancesOutput({ region: args.region }, { parent: this });
    this.#region = args.region;
    this.#instanceArn = instances.arns.apply((arns) => only(arns, args.region));
    this.identityStoreId = instances.identityStoreIds.apply((ids) => only(ids, args.region));

    this.groupId = this.#group(args.group);
    for (const member of args.members) this.#member(member);
    const permissionSet = this.#permissionSet(args.permissionSet);
    const inlinePolicy = this.#inlinePolicy(permissionSet, args.policy);
    for (const account of args.accounts) this.#assignment(account, permissionSet, inlinePolicy);

    this.permissionSetArn = permissionSet.arn;
    this.registerOutputs({ groupId: this.groupId, permissionSetArn: this.permissionSetArn });
  }

  #group({ name, description, source, importId }: SessionAccessArgs["group"]): pulumi.Output<string> {
    const store = { region: this.#region, identityStoreId: this.identityStoreId };
    if (source === "external")
      return aws.identitystore.getGroupOutput({ ...store, ...byName("DisplayName", name) }, { parent: this }).groupId;
    return new aws.identitystore.Group(
      "group",
      { ...store, displayName: name, description },
      { parent: this, ...importing(importId) },
    ).groupId;
  }

  #member({ userName, user }: EnvironmentMember): void {
    new aws.identitystore.GroupMembership(
      `membership-${userName}`,
      {
        region: this.#region,
        identityStoreId: this.identityStoreId,
        groupId: this.groupId,
        memberId: user === null ? this.#existingUser(userName) : this.#user(userName, user),
      },
      { parent: this },
    );
  }

  #existingUser(userName: string): pulumi.Output<string> {
    const store = { region: this.#region, identityStoreId: this.identityStoreId };
    return aws.identitystore.getUserOutput({ ...store, ...byName("UserName", userName) }, { parent: this }).userId;
  }

  #user(userName: string, user: NonNullable<EnvironmentMember["user"]>): pulumi.Output<string> {
    const { email, givenName, familyName, retain, importId } = user;
    return new aws.identitystore.User(
      `user-${userName}`,
      {
        region: this.#region,
        identityStoreId: this.identityStoreId,
        userName,
        displayName: `${givenName} ${familyName}`,
        name: { givenName, familyName },
        // What the console writes; Identity Center takes one address.
        emails: { value: email, type: "work", primary: true },
      },
      { parent: this, retainOnDelete: retain, ...importing(importId) },
    ).userId;
  }

  #permissionSet(args: SessionAccessArgs["permissionSet"]): aws.ssoadmin.PermissionSet {
    const { name, description, sessionDuration, relayState, tags, importId } = args;
    return new aws.ssoadmin.PermissionSet(
      "permission-set",
      {
        region: this.#region,
        instanceArn: this.#instanceArn,
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
    permissionSet: aws.ssoadmin.PermissionSet,
    policy: PolicyDocument,
  ): aws.ssoadmin.PermissionSetInlinePolicy {
    return new aws.ssoadmin.PermissionSetInlinePolicy(
      "inline-policy",
      {
        region: this.#region,
        instanceArn: this.#instanceArn,
        permissionSetArn: permissionSet.arn,
        inlinePolicy: policyJson(policy),
      },
      { parent: this },
    );
  }

  #assignment(
    account: string,
    permissionSet: aws.ssoadmin.PermissionSet,
    inlinePolicy: aws.ssoadmin.PermissionSetInlinePolicy,
  ): void {
    new aws.ssoadmin.AccountAssignment(
      `assignment-${account}`,
      {
        region: this.#region,
        instanceArn: this.#instanceArn,
        permissionSetArn: permissionSet.arn,
        principalType: "GROUP",
        principalId: this.groupId,
        targetType: "AWS_ACCOUNT",
        targetId: account,
      },
      // Deletes run the other way: a policy deleted beside its last assignment fails on the provider.
      { parent: this, dependsOn: [inlinePolicy] },
    );
  }
}

/** The alternate identifier under which the identity store looks somebody up. */
const byName = (attributePath: "DisplayName" | "UserName", attributeValue: string) => ({
  alternateIdentifier: { uniqueAttribute: { attributePath, attributeValue } },
});

const only = (found: string[], region: string): string => {
  const [first] = found;
  if (first === undefined)
    throw new Error(
      `IAM Identity Center is not enabled in ${region}: enable an organization instance there, or name its region.`,
    );
  return first;
};
