/** The environment program on what others made, and on what an environment of that name left behind. */
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import type { JsonObject } from "../../../../service/domain/json.ts";
import { identityCenterInstance } from "../../../../service/cloud/simulated/identity-center-instance.ts";
import { addResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import { text } from "../../../../service/cloud/simulated/resource-type.ts";
import { simulatedReader } from "../../../../service/cloud/simulated/simulated-reader.ts";
import type { EnvironmentArguments, EnvironmentMember } from "../../../../stacks/arguments.ts";
import { sessionKeyAlias, sessionLogGroupName } from "../../../../stacks/names.ts";
import { roleInputs, roleType } from "../../engine.ts";
import type { Life } from "./life.ts";
import { environmentOf, plain } from "./product-arguments.ts";

const here = { account: "444455556666", region: "eu-central-1" };
/** Of the members one is made, and one is there and in the group already. */
const already = "adopting-two";
const named = environmentOf("adopting", here);
const wanted: EnvironmentArguments = { ...named, members: [...named.members, { userName: already, user: null }] };

/** The guide's way by hand, with other words than the document's, one person, and the group assigned in the account. */
const byHand = async (account: SimulatedAccount): Promise<void> => {
  const home = account.identityCenter;
  const { identityStoreId, instanceArn } = identityCenterInstance(home);
  const { group, permissionSet } = wanted;
  const inCenter = async (type: string, inputs: JsonObject): Promise<(output: string) => string> => {
    const { outputs } = await addResource(account, `aws:${type}`, inputs, home);
    return (output) => text(outputs, output);
  };
  const madeGroup = await inCenter("identitystore/group:Group", {
    ...{ identityStoreId, displayName: group.name, description: "By hand" },
  });
  const person = await inCenter("identitystore/user:User", {
    ...{ identityStoreId, userName: already, displayName: "By Hand", name: { givenName: "By", familyName: "Hand" } },
  });
  const set = await inCenter("ssoadmin/permissionSet:PermissionSet", {
    ...{ instanceArn, name: permissionSet.name, sessionDuration: "PT4H" },
  });
  const groupId = madeGroup("groupId");
  const membership = { identityStoreId, groupId, memberId: person("userId") };
  await inCenter("identitystore/groupMembership:GroupMembership", membership);
  const assigned = { instanceArn, permissionSetArn: set("arn"), principalId: groupId, principalType: "GROUP" };
  const toAccount = { targetId: here.account, targetType: "AWS_ACCOUNT" };
  await inCenter("ssoadmin/accountAssignment:AccountAssignment", { ...assigned, ...toAccount });
  const logGroup = { name: sessionLogGroupName(wanted.name), retentionInDays: 7 };
  await addResource(account, "aws:cloudwatch/logGroup:LogGroup", logGroup, here);
  await addResource(account, roleType, roleInputs(wanted.targets[0]?.foundation.nodeRoleName ?? ""), here);
};

/** The ids by which a use case has an environment take over whatever of it is there. */
const takingOver = async (account: SimulatedAccount) => {
  const reader = simulatedReader(account);
  const importId = async (asked: Promise<{ importId: string } | null>): Promise<string | null> =>
    (await asked)?.importId ?? null;
  const { name, group, permissionSet, targets } = wanted;
  const [foundGroup, foundSet] = await Promise.all([
    reader.findGroup(group.name),
    reader.findPermissionSet(permissionSet.name),
  ]);
  const memberOf = async ({ userName, user }: EnvironmentMember): Promise<EnvironmentMember> => {
    const found = await reader.findUser(userName);
    const membership = foundGroup && found ? await reader.findMembership(foundGroup.groupId, found.userId) : null;
    return {
      userName,
      user: user && { ...user, importId: found?.importId ?? null },
      ...(membership === null ? {} : { membershipImportId: membership.importId }),
    };
  };
  const assignments =
    foundGroup && foundSet ? await reader.findAssignments(foundSet.arn, foundGroup.groupId, [here.account]) : null;
  const assigned = [...(assignments ?? [])].map(([id, { importId: taken }]) => [id, taken] as const);
  const taken: EnvironmentArguments = {
    ...wanted,
    group: { ...group, importId: foundGroup?.importId ?? null },
    permissionSet: {
      ...permissionSet,
      importId: foundSet?.importId ?? null,
      ...(assigned.length === 0 ? {} : { assignmentImportIds: Object.fromEntries(assigned) }),
    },
    members: await Promise.all(wanted.members.map(memberOf)),
    targets: await Promise.all(
      targets.map(async (one) => ({
        ...one,
        logGroupImportId: await importId(reader.findLogGroup(here, sessionLogGroupName(name))),
        keyImportId: await importId(reader.findKey(here, sessionKeyAlias(name))),
      })),
    ),
  };
  return plain(taken);
};

export const adoptionLife: Life = {
  name: "environment-adoption",
  about: "The environment program, taking over",
  cast: "product",
  acts: [
    { outside: byHand },
    { about: "what others made is taken over and changed", run: "up", arguments: takingOver, look: true },
    { about: "the same again, with nothing to import", run: "up", arguments: plain(wanted) },
    { about: "its end", run: "destroy", look: true },
    { about: "made again on what it retained", run: "up", arguments: takingOver, look: true },
  ],
  behaviours: [
    { title: "takes over what people get in by", about: /ssoadmin|identitystore\/group:/ },
    {
      title: "takes people back who were retained, and the memberships of those who are in the group already",
      about: /user-|membership/,
    },
    { title: "takes logs and their key over and back", about: /LogGroup|kms/ },
    { title: "makes the rest anew", about: /ssm\/document|iam/ },
  ],
};
