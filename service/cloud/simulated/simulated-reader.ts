import type { JsonObject } from "../../engine/engine.ts";
import type { Scope } from "../provider.ts";
import type { CloudReader } from "../reader.ts";
import { identityCenterInstance } from "./identity-center-instance.ts";
import { text } from "./resource-type.ts";
import type { Lookup, Row } from "./resource-type.ts";
import { find } from "./simulated-account.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { trailToken } from "./types/cloudtrail.ts";
import { logGroupToken } from "./types/cloudwatch-logs.ts";
import { groupToken, userToken } from "./types/identity-store.ts";
import { aliasToken, keyIdOf } from "./types/kms.ts";
import { bucketToken } from "./types/s3.ts";
import { documentToken } from "./types/ssm-documents.ts";
import { permissionSetToken } from "./types/sso-admin.ts";

/** A reader of the simulated account: each question is one query. */
export const simulatedReader = (account: SimulatedAccount): CloudReader => {
  const home: Scope = account.identityCenter;
  const all = async (scope: Scope, lookup: Lookup): Promise<Row[]> =>
    (await find(account, account.pool, scope, [lookup])).flat();
  const one = async (scope: Scope, lookup: Lookup): Promise<Row | null> => (await all(scope, lookup))[0] ?? null;
  const inStore = (type: string, where: JsonObject) => one(home, { type, where });

  return {
    identityCenter: () => Promise.resolve(identityCenterInstance(account.identityCenter)),

    findGroup: async (displayName) => {
      const row = await inStore(groupToken, { displayName });
      return row === null ? null : { groupId: text(row.outputs, "groupId"), importId: row.id };
    },

    // AWS keeps no two user names that differ in case only.
    findUser: async (userName) => {
      const wanted = userName.toLowerCase();
      const people = await all(home, { type: userToken });
      const row = people.find(({ outputs }) => text(outputs, "userName").toLowerCase() === wanted);
      return row === undefined ? null : { userId: text(row.outputs, "userId"), importId: row.id };
    },

    findPermissionSet: async (name) => {
      const row = await inStore(permissionSetToken, { name });
      return row === null ? null : { arn: text(row.outputs, "arn"), importId: row.id };
    },

    findLogGroup: async (scope, name) => {
      const row = await one(scope, { type: logGroupToken, id: name });
      return row === null ? null : { importId: row.id };
    },

    findDocument: async (scope, name) => {
      const row = await one(scope, { type: documentToken, id: name });
      return row === null ? null : { importId: row.id };
    },

    findKey: async (scope, alias) => {
      const row = await one(scope, { type: aliasToken, id: alias });
      return row === null ? null : { keyId: keyIdOf(text(row.outputs, "targetKeyArn")) };
    },

    findBucket: async (scope, name) => {
      const row = await one(scope, { type: bucketToken, id: name, reach: "everywhere" });
      return row === null ? null : { importId: row.id, owned: row.account === scope.account };
    },

    // A trail of all regions is shown in each of them, under the ARN of its home.
    findTrail: async (scope, name) => {
      const trails = await all(scope, { type: trailToken, where: { name }, reach: "account" });
      const row = trails.find((trail) => trail.region === scope.region || trail.outputs["isMultiRegionTrail"] === true);
      return row === undefined ? null : { arn: text(row.outputs, "arn") };
    },
  };
};
