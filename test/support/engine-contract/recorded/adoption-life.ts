/** The environment program on what others made, and on what an environment of that name left behind. */
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import { identityCenterInstance } from "../../../../service/cloud/simulated/identity-center-instance.ts";
import { addResource } from "../../../../service/cloud/simulated/out-of-band.ts";
import { simulatedReader } from "../../../../service/cloud/simulated/simulated-reader.ts";
import type { EnvironmentArguments, EnvironmentMember } from "../../../../stacks/arguments.ts";
import { sessionKeyAlias, sessionLogGroupName } from "../../../../stacks/names.ts";
import { roleInputs, roleType } from "../../engine.ts";
import type { Life } from "./life.ts";
import { environmentOf, plain } from "./product-arguments.ts";

const here = { account: "444455556666", region: "eu-central-1" };
const wanted = environmentOf("adopting", here);

/** The guide's way by hand, with other words than the document's in all but the person. */
const byHand = async (account: SimulatedAccount): Promise<void> => {
  const home = account.identityCenter;
  const { identityStoreId, instanceArn } = identityCenterInstance(home);
  const { group, permissionSet } = wanted;
  const made = [
    ["aws:identitystore/group:Group", { identityStoreId, displayName: group.name, description: "By hand" }, home],
    [
      "aws:ssoadmin/permissionSet:PermissionSet",
      { instanceArn, name: permissionSet.name, sessionDuration: "PT4H" },
      home,
    ],
    ["aws:cloudwatch/logGroup:LogGroup", { name: sessionLogGroupName(wanted.name), retentionInDays: 7 }, here],
    [roleType, roleInputs(wanted.targets[0]?.foundation.nodeRoleName ?? ""), here],
  ] as const;
  for (const [type, inputs, place] of made) await addResource(account, type, inputs, place);
};

/** The ids by which a use case has an environment take over whatever of it is there. */
const takingOver = async (account: SimulatedAccount) => {
  const reader = simulatedReader(account);
  const importId = async (asked: Promise<{ importId: string } | null>): Promise<string | null> =>
    (await asked)?.importId ?? null;
  const { name, group, permissionSet, targets } = wanted;
  const taken: EnvironmentArguments = {
    ...wanted,
    group: { ...group, importId: await importId(reader.findGroup(group.name)) },
    permissionSet: { ...permissionSet, importId: await importId(reader.findPermissionSet(permissionSet.name)) },
    members: await Promise.all(
      wanted.members.map(async ({ userName, user }): Promise<EnvironmentMember> => ({
        userName,
        user: user && { ...user, importId: await importId(reader.findUser(userName)) },
      })),
    ),
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
    { title: "takes people back who were retained, and makes their memberships anew", about: /user-|membership/ },
    { title: "takes logs and their key over and back", about: /LogGroup|kms/ },
    { title: "makes the rest anew", about: /ssm\/document|iam/ },
  ],
};
