import type { JsonObject } from "../../domain/json.ts";
import type { Scope } from "../provider.ts";
import type { CloudReader, Found } from "../reader.ts";
import { partitionOf } from "./identifiers.ts";
import { readCallerAccount, readIdentityCenter } from "./organization.ts";
import { sufferReadFault, type readActions } from "./read-faults.ts";
import { objectAt, text } from "./resource-type.ts";
import type { Lookup, Row } from "./resource-type.ts";
import { find } from "./simulated-account.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { trailToken } from "./types/cloudtrail.ts";
import { logGroupToken } from "./types/cloudwatch-logs.ts";
import { eventRuleToken } from "./types/event-bridge.ts";
import { policyToken } from "./types/iam-policies.ts";
import { instanceProfileToken, roleToken } from "./types/iam-roles.ts";
import { groupToken, membershipToken, userToken } from "./types/identity-store.ts";
import { aliasToken, keyIdOf, keyToken } from "./types/kms.ts";
import { managerToken } from "./types/quick-setup.ts";
import { bucketToken } from "./types/s3.ts";
import { topicToken } from "./types/sns.ts";
import { documentToken } from "./types/ssm-documents.ts";
import { serviceSettingToken } from "./types/ssm-hybrid.ts";
import { assignmentToken, permissionSetToken } from "./types/sso-admin.ts";

const found = (id: string): Found => ({ id, importId: id });
const regional = (id: string, { region }: Pick<Scope, "region">): Found => ({ id, importId: `${id}@${region}` });

const isSameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const personAmong = (people: readonly Row[], isWanted: (row: Row) => boolean) => {
  const row = people.find(isWanted);
  return row === undefined ? null : { userId: text(row.outputs, "userId"), ...found(row.id) };
};

/** A reader of the simulated account: each question is one query, beside the look for a fault that is meant for it. */
export const simulatedReader = (account: SimulatedAccount): CloudReader => {
  const home: Scope = account.identityCenter;
  const all = async (scope: Scope, lookup: Lookup): Promise<Row[]> =>
    (await find(account, account.pool, scope, [lookup])).flat();
  const one = async (scope: Scope, lookup: Lookup): Promise<Row | null> => (await all(scope, lookup))[0] ?? null;
  const inStore = (type: string, where: JsonObject) => one(home, { type, where });

  /** Answers unless a fault is in the way; both are asked at once. */
  const asked = async <Answer>(
    question: keyof typeof readActions,
    scope: Scope,
    name: string,
    answer: Promise<Answer>,
  ): Promise<Answer> => {
    const [given] = await Promise.all([answer, sufferReadFault(account, question, scope, name)]);
    return given;
  };
  const byId = async (
    question: keyof typeof readActions,
    scope: Scope,
    type: string,
    id: string,
    asFound: (id: string, scope: Scope) => Found = found,
  ) => {
    const row = await asked(question, scope, id, one(scope, { type, id }));
    return row === null ? null : asFound(row.id, scope);
  };

  return {
    identityCenter: () => asked("identityCenter", home, home.account, readIdentityCenter(account)),
    callerAccount: (scope) => asked("callerAccount", scope, scope.account, readCallerAccount(account, scope)),

    findGroup: async (displayName) => {
      const row = await asked("findGroup", home, displayName, inStore(groupToken, { displayName }));
      return row === null ? null : { groupId: text(row.outputs, "groupId"), ...found(row.id) };
    },

    // AWS keeps no two user names, or addresses, that differ in case only.
    findUser: async (userName) => {
      const people = await asked("findUser", home, userName, all(home, { type: userToken }));
      return personAmong(people, ({ outputs }) => isSameText(text(outputs, "userName"), userName));
    },
    findUserByEmail: async (email) => {
      const people = await asked("findUserByEmail", home, email, all(home, { type: userToken }));
      return personAmong(people, ({ outputs }) => isSameText(text(objectAt(outputs, "emails"), "value"), email));
    },

    findPermissionSet: async (name) => {
      const row = await asked("findPermissionSet", home, name, inStore(permissionSetToken, { name }));
      return row === null ? null : { arn: text(row.outputs, "arn"), ...found(row.id) };
    },

    findLogGroup: (scope, name) => byId("findLogGroup", scope, logGroupToken, name, regional),
    findDocument: (scope, name) => byId("findDocument", scope, documentToken, name, regional),

    findKey: async (scope, alias) => {
      const row = await asked("findKey", scope, alias, one(scope, { type: aliasToken, id: alias }));
      if (row === null) return null;
      const keyId = keyIdOf(text(row.outputs, "targetKeyArn"));
      // A key whose deletion is scheduled is found by nothing but its alias.
      const pendingDeletion = (await one(scope, { type: keyToken, id: keyId })) === null;
      return { keyId, pendingDeletion, ...regional(keyId, scope) };
    },

    findBucket: async (scope, name) => {
      const anywhere = one(scope, { type: bucketToken, id: name, reach: "everywhere" });
      const row = await asked("findBucket", scope, name, anywhere);
      return row === null
        ? null
        : { ...regional(row.id, row), owned: row.account === scope.account, region: row.region };
    },

    // A trail of all regions is shown in each of them, under the ARN of its home.
    findTrail: async (scope, name) => {
      const inAccount = all(scope, { type: trailToken, where: { name }, reach: "account" });
      const trails = await asked("findTrail", scope, name, inAccount);
      const row = trails.find((trail) => trail.region === scope.region || trail.outputs["isMultiRegionTrail"] === true);
      return row === undefined ? null : { arn: text(row.outputs, "arn") };
    },

    findRole: (scope, name) => byId("findRole", scope, roleToken, name),
    findPolicy: (scope, name) =>
      byId("findPolicy", scope, policyToken, `arn:${partitionOf(scope.region)}:iam::${scope.account}:policy/${name}`),

    findInstanceProfile: (scope, name) => byId("findInstanceProfile", scope, instanceProfileToken, name),
    findTopic: (scope, name) =>
      byId(
        "findTopic",
        scope,
        topicToken,
        `arn:${partitionOf(scope.region)}:sns:${scope.region}:${scope.account}:${name}`,
      ),
    findEventRule: (scope, name) => byId("findEventRule", scope, eventRuleToken, name, regional),

    findQuickSetups: async (scope, name) => {
      const rows = await asked("findQuickSetups", scope, name, all(scope, { type: managerToken, where: { name } }));
      return rows.map(({ id }) => found(id));
    },

    findMembership: async (groupId, memberId) => {
      const of = { groupId, memberId };
      const row = await asked("findMembership", home, memberId, inStore(membershipToken, of));
      return row === null ? null : found(row.id);
    },

    findAssignments: async (permissionSetArn, principalId, accounts) => {
      const of = { permissionSetArn, principalId, principalType: "GROUP" };
      const assigned = all(home, { type: assignmentToken, where: of });
      const rows = await asked("findAssignments", home, permissionSetArn, assigned);
      const places = rows.map((row) => [text(row.outputs, "targetId"), found(row.id)] as const);
      return new Map(places.filter(([account]) => accounts.includes(account)));
    },

    // What was never set has AWS's value for everybody.
    findServiceSetting: async (scope, settingId) => {
      const id = `arn:${partitionOf(scope.region)}:ssm:${scope.region}:${scope.account}:servicesetting${settingId}`;
      const row = await asked("findServiceSetting", scope, settingId, one(scope, { type: serviceSettingToken, id }));
      return row === null
        ? { value: "standard", customized: false }
        : { value: text(row.outputs, "settingValue"), customized: true };
    },
  };
};
