import * as aws from "@pulumi/aws";
import type { EnvironmentArguments } from "../arguments.ts";

/** Identity Center as it is before the program makes anything: its ids, and those of the people and group looked up there. */
export interface IdentityCenter {
  region: string;
  instanceArn: string;
  identityStoreId: string;
  /** Of an external group; `null` where the group is made here. */
  existingGroupId: string | null;
  /** By user name: people whom this environment does not own. */
  existingUserIds: ReadonlyMap<string, string>;
}

/**
 * Looks up what the environment builds on. Awaited before any resource is registered, so that what is missing fails the
 * program as one plain error, and not as a promise that nobody holds.
 *
 * @throws Error when Identity Center is not enabled in the region, or does not know the group or a person
 */
export const findIdentityCenter = async (
  { identityCenter: { region, instance }, group, members }: EnvironmentArguments,
  provider: aws.Provider,
): Promise<IdentityCenter> => {
  const { arn: instanceArn, identityStoreId } = instance ?? (await findInstance(region, provider));
  const store = { region, identityStoreId };

  const findGroup = async (): Promise<string> => {
    const found = await aws.identitystore.getGroup(
      { ...store, ...byAttribute("DisplayName", group.name) },
      { provider },
    );
    return found.groupId;
  };
  const findUser = async (userName: string): Promise<[userName: string, userId: string]> => {
    const found = await aws.identitystore.getUser({ ...store, ...byAttribute("UserName", userName) }, { provider });
    return [userName, found.userId];
  };
  const existingMembers = members.filter((member) => member.user === null);
  const [existingGroupId, existingUsers] = await Promise.all([
    group.source === "external" ? findGroup() : null,
    Promise.all(existingMembers.map((member) => findUser(member.userName))),
  ]);
  return { ...store, instanceArn, existingGroupId, existingUserIds: new Map(existingUsers) };
};

const findInstance = async (region: string, provider: aws.Provider) => {
  const { arns, identityStoreIds } = await aws.ssoadmin.getInstances({ region }, { provider });
  const [[arn], [identityStoreId]] = [arns, identityStoreIds];
  if (arn === undefined || identityStoreId === undefined) {
    throw new Error(
      `IAM Identity Center is not enabled in ${region}: enable an organization instance there, or name the region that has it.`,
    );
  }
  return { arn, identityStoreId };
};

/** How the identity store looks somebody up other than by id. */
const byAttribute = (attributePath: "DisplayName" | "UserName", attributeValue: string) => ({
  alternateIdentifier: { uniqueAttribute: { attributePath, attributeValue } },
});
