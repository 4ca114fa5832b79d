/** Who and what is in Identity Center by name: groups, people, permission sets, and how they belong together. */
import { GetGroupIdCommand, GetUserIdCommand } from "@aws-sdk/client-identitystore";
import type { CloudReader, Found, IdentityCenterInstance } from "../reader.ts";
import type { AwsClients } from "./clients.ts";
import { resourceNotFound } from "./failures.ts";
import { askingInstance } from "./identity-center.ts";
import { createPermissionSetNames } from "./permission-sets.ts";
import { findAssignmentsOnAws, findMembershipOnAws } from "./relations.ts";

type Identities = Pick<
  CloudReader,
  "findGroup" | "findUser" | "findUserByEmail" | "findPermissionSet" | "findMembership" | "findAssignments"
>;

const unique = (path: string, value: string) => ({
  AlternateIdentifier: { UniqueAttribute: { AttributePath: path, AttributeValue: value } },
});

/** The part of the reader that asks Identity Center; where there is none, nobody is in it. */
export const findIdentities = (
  clients: AwsClients,
  identityCenter: () => Promise<IdentityCenterInstance | null>,
): Identities => {
  const inIdentityCenter = askingInstance(identityCenter);
  const permissionSetArn = createPermissionSetNames(clients);

  const findUserBy = (path: "userName" | "emails.value", value: string): ReturnType<CloudReader["findUser"]> =>
    inIdentityCenter(null, async (instance) => {
      const { identityStoreId: IdentityStoreId } = instance;
      const answer = await clients.ask(
        { action: "identitystore:GetUserId", scope: instance, none: resourceNotFound },
        () => clients.identitystore(instance).send(new GetUserIdCommand({ IdentityStoreId, ...unique(path, value) })),
      );
      const userId = answer?.UserId;
      if (userId === undefined) return null;
      const id = `${IdentityStoreId}/${userId}`;
      return { userId, id, importId: id };
    });

  return {
    findGroup: (displayName) =>
      inIdentityCenter(null, async (instance) => {
        const { identityStoreId: IdentityStoreId } = instance;
        const answer = await clients.ask(
          { action: "identitystore:GetGroupId", scope: instance, none: resourceNotFound },
          () =>
            clients
              .identitystore(instance)
              .send(new GetGroupIdCommand({ IdentityStoreId, ...unique("displayName", displayName) })),
        );
        const groupId = answer?.GroupId;
        if (groupId === undefined) return null;
        const id = `${IdentityStoreId}/${groupId}`;
        return { groupId, id, importId: id };
      }),

    findUser: (userName) => findUserBy("userName", userName),
    findUserByEmail: (email) => findUserBy("emails.value", email),

    findPermissionSet: (name) =>
      inIdentityCenter(null, async (instance) => {
        const arn = await permissionSetArn(instance, instance.instanceArn, name);
        if (arn === null) return null;
        const id = `${arn},${instance.instanceArn}`;
        return { arn, id, importId: id };
      }),

    findMembership: (groupId, userId) =>
      inIdentityCenter(null, (instance) => findMembershipOnAws(clients, instance, groupId, userId)),

    findAssignments: (permissionSet, groupId, accounts) =>
      inIdentityCenter<ReadonlyMap<string, Found>>(new Map(), (instance) =>
        findAssignmentsOnAws(clients, { permissionSetArn: permissionSet, groupId, accounts }, instance),
      ),
  };
};
