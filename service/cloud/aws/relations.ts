/** Who is in a group, and what a group is assigned: one question for each, since AWS keeps them unique but names none of them. */
import { GetGroupMembershipIdCommand } from "@aws-sdk/client-identitystore";
import { paginateListAccountAssignments } from "@aws-sdk/client-sso-admin";
import type { Found, IdentityCenterInstance } from "../reader.ts";
import type { AwsClients } from "./clients.ts";
import { inChunks } from "./in-chunks.ts";
import { resourceNotFound } from "./failures.ts";

/** Few: the APIs of Identity Center share 20 requests a second. */
const askedAtOnce = 4;

/** @throws CloudReadError */
export const findMembershipOnAws = async (
  clients: AwsClients,
  instance: IdentityCenterInstance,
  groupId: string,
  userId: string,
): Promise<Found | null> => {
  const { identityStoreId: IdentityStoreId } = instance;
  const of = { IdentityStoreId, GroupId: groupId, MemberId: { UserId: userId } };
  const answer = await clients.ask(
    { action: "identitystore:GetGroupMembershipId", scope: instance, none: resourceNotFound },
    () => clients.identitystore(instance).send(new GetGroupMembershipIdCommand(of)),
  );
  if (answer?.MembershipId === undefined) return null;
  const id = `${IdentityStoreId}/${answer.MembershipId}`;
  return { id, importId: id };
};

/** @throws CloudReadError */
export const findAssignmentsOnAws = async (
  clients: AwsClients,
  { permissionSetArn, groupId, accounts }: { permissionSetArn: string; groupId: string; accounts: readonly string[] },
  instance: IdentityCenterInstance,
): Promise<ReadonlyMap<string, Found>> => {
  const client = clients.ssoAdmin(instance);
  const { instanceArn } = instance;
  const found = await inChunks([...accounts], askedAtOnce, (account) =>
    clients.ask({ action: "sso:ListAccountAssignments", scope: instance, none: resourceNotFound }, async () => {
      const of = { InstanceArn: instanceArn, AccountId: account, PermissionSetArn: permissionSetArn };
      for await (const { AccountAssignments = [] } of paginateListAccountAssignments({ client }, of))
        if (
          AccountAssignments.some(
            ({ PrincipalType, PrincipalId }) => PrincipalType === "GROUP" && PrincipalId === groupId,
          )
        )
          return account;
      return null;
    }),
  );
  return new Map(
    found.flatMap((account) => {
      if (account === null) return [];
      const id = `${groupId},GROUP,${account},AWS_ACCOUNT,${permissionSetArn},${instanceArn}`;
      return [[account, { id, importId: id }]];
    }),
  );
};
