/** Who has access by Identity Center as it is now: a group's people, and what a permission set is and where it is assigned. */
import { DescribeUserCommand, paginateListGroupMemberships } from "@aws-sdk/client-identitystore";
import {
  DescribePermissionSetCommand,
  GetInlinePolicyForPermissionSetCommand,
  GetPermissionsBoundaryForPermissionSetCommand,
  paginateListAccountAssignments,
  paginateListAccountsForProvisionedPermissionSet,
  paginateListCustomerManagedPolicyReferencesInPermissionSet,
  paginateListManagedPoliciesInPermissionSet,
  paginateListTagsForResource,
} from "@aws-sdk/client-sso-admin";
import type { Assignment, GroupMember, PermissionSetFacts } from "../access-reader.ts";
import type { IdentityCenterInstance } from "../reader.ts";
import type { AwsClients } from "./clients.ts";
import { inChunks } from "./in-chunks.ts";
import { tagRecord } from "./instances.ts";
import { resourceNotFound } from "./failures.ts";

/** Identity Center's APIs share 20 requests a second, and the identity store has as many for each call. */
const askedAtOnce = 4;

/** What Identity Center gives a permission set that names none (CreatePermissionSet). */
const defaultSessionDuration = "PT1H";

/** Null when there is no such group. */
export const groupMembersOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  groupId: string,
): Promise<GroupMember[] | null> => {
  const client = clients.identitystore(instance);
  const of = { IdentityStoreId: instance.identityStoreId };
  const userIds = await clients.ask(
    { action: "identitystore:ListGroupMemberships", scope: instance, none: resourceNotFound },
    async () => {
      const listed: string[] = [];
      for await (const page of paginateListGroupMemberships({ client }, { ...of, GroupId: groupId }))
        for (const { MemberId } of page.GroupMemberships ?? [])
          if (MemberId?.UserId !== undefined) listed.push(MemberId.UserId);
      return listed;
    },
  );
  if (userIds === null) return null;
  const members = await inChunks(userIds, askedAtOnce, async (userId): Promise<GroupMember[]> => {
    const user = await clients.ask(
      { action: "identitystore:DescribeUser", scope: instance, none: resourceNotFound },
      () => client.send(new DescribeUserCommand({ ...of, UserId: userId })),
    );
    // Who was deleted since has left the group, too.
    return user === null ? [] : [{ userId, userName: user.UserName ?? userId }];
  });
  return members.flat();
};

/** Null when there is no such permission set. */
export const permissionSetOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  arn: string,
): Promise<PermissionSetFacts | null> => {
  const client = clients.ssoAdmin(instance);
  const answer = await clients.ask(
    { action: "sso:DescribePermissionSet", scope: instance, none: resourceNotFound },
    () => client.send(new DescribePermissionSetCommand({ InstanceArn: instance.instanceArn, PermissionSetArn: arn })),
  );
  const found = answer?.PermissionSet;
  if (found === undefined) return null;
  const tags = await clients.ask(
    { action: "sso:ListTagsForResource", scope: instance, none: resourceNotFound },
    async (): Promise<Record<string, string>> => {
      const told = {};
      const of = { InstanceArn: instance.instanceArn, ResourceArn: arn };
      for await (const page of paginateListTagsForResource({ client }, of)) Object.assign(told, tagRecord(page.Tags));
      return told;
    },
  );
  if (tags === null) return null;
  return {
    name: found.Name ?? "",
    description: found.Description ?? null,
    sessionDuration: found.SessionDuration ?? defaultSessionDuration,
    relayState: found.RelayState ?? null,
    tags,
  };
};

/** JSON text; null where there is none, which AWS tells as an empty one. */
export const inlinePolicyOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  arn: string,
): Promise<string | null> => {
  const answer = await clients.ask(
    { action: "sso:GetInlinePolicyForPermissionSet", scope: instance, none: resourceNotFound },
    () =>
      clients
        .ssoAdmin(instance)
        .send(new GetInlinePolicyForPermissionSetCommand({ InstanceArn: instance.instanceArn, PermissionSetArn: arn })),
  );
  return answer?.InlinePolicy || null;
};

/** ARNs of managed policies, and path and name of those that each account has its own of. */
export const attachedToPermissionSetOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  arn: string,
): Promise<string[]> => {
  const client = clients.ssoAdmin(instance);
  const of = { InstanceArn: instance.instanceArn, PermissionSetArn: arn };
  const managed = await clients.ask(
    { action: "sso:ListManagedPoliciesInPermissionSet", scope: instance, none: resourceNotFound },
    async () => {
      const listed: string[] = [];
      for await (const page of paginateListManagedPoliciesInPermissionSet({ client }, { ...of }))
        for (const { Arn = "" } of page.AttachedManagedPolicies ?? []) listed.push(Arn);
      return listed;
    },
  );
  const own = await clients.ask(
    { action: "sso:ListCustomerManagedPolicyReferencesInPermissionSet", scope: instance, none: resourceNotFound },
    async () => {
      const listed: string[] = [];
      for await (const page of paginateListCustomerManagedPolicyReferencesInPermissionSet({ client }, { ...of }))
        for (const { Path = "/", Name = "" } of page.CustomerManagedPolicyReferences ?? [])
          listed.push(`${Path}${Name}`);
      return listed;
    },
  );
  return [...(managed ?? []), ...(own ?? [])];
};

/** ARN of a managed policy, or path and name of one that each account has its own of; null where there is none. */
export const permissionsBoundaryOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  arn: string,
): Promise<string | null> => {
  const of = { InstanceArn: instance.instanceArn, PermissionSetArn: arn };
  // AWS answers with this code too where the permission set has no boundary.
  const answer = await clients.ask(
    { action: "sso:GetPermissionsBoundaryForPermissionSet", scope: instance, none: resourceNotFound },
    () => clients.ssoAdmin(instance).send(new GetPermissionsBoundaryForPermissionSetCommand(of)),
  );
  const { ManagedPolicyArn, CustomerManagedPolicyReference: own } = answer?.PermissionsBoundary ?? {};
  if (own?.Name !== undefined) return `${own.Path ?? "/"}${own.Name}`;
  return ManagedPolicyArn ?? null;
};

/** In every account: Identity Center lists assignments of one account at a time. */
export const assignmentsOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  arn: string,
): Promise<Assignment[]> => {
  const client = clients.ssoAdmin(instance);
  const of = { InstanceArn: instance.instanceArn, PermissionSetArn: arn };
  const accounts = await clients.ask(
    { action: "sso:ListAccountsForProvisionedPermissionSet", scope: instance, none: resourceNotFound },
    async () => {
      const listed: string[] = [];
      // A paginator writes its token into what it is given, which is no one else's then.
      for await (const page of paginateListAccountsForProvisionedPermissionSet({ client }, { ...of }))
        listed.push(...(page.AccountIds ?? []));
      return listed;
    },
  );
  const assignments = await inChunks(accounts ?? [], askedAtOnce, (account) =>
    clients.ask({ action: "sso:ListAccountAssignments", scope: instance, none: resourceNotFound }, async () => {
      const listed: Assignment[] = [];
      for await (const page of paginateListAccountAssignments({ client }, { ...of, AccountId: account }))
        for (const { PrincipalId = "", PrincipalType } of page.AccountAssignments ?? [])
          listed.push({
            account,
            principalId: PrincipalId,
            principalType: PrincipalType === "USER" ? "USER" : "GROUP",
          });
      return listed;
    }),
  );
  return assignments.flatMap((listed) => listed ?? []);
};
