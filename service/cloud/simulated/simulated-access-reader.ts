/** The access reader of the simulated account. */
import type { AccessReader } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import { nodesWhere, sessionsIn, wroteObject, wroteStream } from "./nodes-and-sessions.ts";
import { sufferReadFault, type readActions } from "./read-faults.ts";
import { objectAt, text, type Lookup, type Row } from "./resource-type.ts";
import { parsedObject } from "./rules.ts";
import { find, type SimulatedAccount } from "./simulated-account.ts";
import { logGroupToken } from "./types/cloudwatch-logs.ts";
import { attachmentToken, roleToken } from "./types/iam-roles.ts";
import { groupToken, membershipToken, userToken } from "./types/identity-store.ts";
import { bucketToken } from "./types/s3.ts";
import { documentToken } from "./types/ssm-documents.ts";
import {
  assignmentToken,
  boundaryToken,
  inlinePolicyToken,
  managedPolicyToken,
  permissionSetToken,
} from "./types/sso-admin.ts";

const textsIn = (values: JsonObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry: [string, Json]): entry is [string, string] => typeof entry[1] === "string"),
  );

const textOrNull = (values: JsonObject, key: string): string | null => {
  const value = text(values, key);
  return value === "" ? null : value;
};

type GrantedAccess = Pick<
  AccessReader,
  "groupMembers" | "permissionSet" | "inlinePolicy" | "attachedToPermissionSet" | "permissionsBoundary" | "assignments"
>;

/** Answers unless a fault is meant for the question: that comes first. */
type Ask = <Answer>(
  question: keyof AccessReader & keyof typeof readActions,
  scope: Scope,
  name: string,
  answer: () => Promise<Answer>,
) => Promise<Answer>;

/** Who has access by Identity Center. */
const grantedAccess = (account: SimulatedAccount, asked: Ask): GrantedAccess => {
  const home: Scope = account.identityCenter;
  const ofPermissionSet = async (type: string, permissionSetArn: string): Promise<JsonObject[]> => {
    const rows = await find(account, account.pool, home, [{ type, where: { permissionSetArn } }]);
    return rows.flat().map(({ outputs }) => outputs);
  };
  return {
    groupMembers: (groupId) =>
      asked("groupMembers", home, groupId, async () => {
        const [groups = [], memberships = [], users = []] = await find(account, account.pool, home, [
          { type: groupToken, where: { groupId } },
          { type: membershipToken, where: { groupId } },
          { type: userToken },
        ]);
        if (groups.length === 0) return null;
        const nameOf = new Map(users.map(({ outputs }) => [text(outputs, "userId"), text(outputs, "userName")]));
        return memberships.map(({ outputs }) => {
          const userId = text(outputs, "memberId");
          return { userId, userName: nameOf.get(userId) ?? userId };
        });
      }),

    permissionSet: (arn) =>
      asked("permissionSet", home, arn, async () => {
        const [row] = (await find(account, account.pool, home, [{ type: permissionSetToken, where: { arn } }])).flat();
        if (row === undefined) return null;
        const { outputs } = row;
        return {
          name: text(outputs, "name"),
          description: textOrNull(outputs, "description"),
          sessionDuration: text(outputs, "sessionDuration"),
          relayState: textOrNull(outputs, "relayState"),
          tags: textsIn(objectAt(outputs, "tags")),
        };
      }),

    inlinePolicy: (arn) =>
      asked("inlinePolicy", home, arn, async () => {
        const [outputs = {}] = await ofPermissionSet(inlinePolicyToken, arn);
        return textOrNull(outputs, "inlinePolicy");
      }),

    attachedToPermissionSet: (arn) =>
      asked("attachedToPermissionSet", home, arn, async () =>
        (await ofPermissionSet(managedPolicyToken, arn)).map((outputs) => text(outputs, "managedPolicyArn")),
      ),

    permissionsBoundary: (arn) =>
      asked("permissionsBoundary", home, arn, async () => {
        const [outputs = {}] = await ofPermissionSet(boundaryToken, arn);
        const boundary = objectAt(outputs, "permissionsBoundary");
        const own = objectAt(boundary, "customerManagedPolicyReference");
        const named = textOrNull(own, "name");
        return named === null ? textOrNull(boundary, "managedPolicyArn") : `${textOrNull(own, "path") ?? "/"}${named}`;
      }),

    assignments: (arn) =>
      asked("assignments", home, arn, async () =>
        (await ofPermissionSet(assignmentToken, arn)).map((outputs) => ({
          account: text(outputs, "targetId"),
          principalType: text(outputs, "principalType") === "USER" ? "USER" : "GROUP",
          principalId: text(outputs, "principalId"),
        })),
      ),
  };
};

/** Each question is one query, or two, beside the look for a fault that is meant for it. */
export const simulatedAccessReader = (account: SimulatedAccount): AccessReader => {
  const asked: Ask = async (question, scope, name, answer) => {
    await sufferReadFault(account, question, scope, name);
    return answer();
  };
  const one = async (scope: Scope, lookup: Lookup): Promise<Row | null> =>
    (await find(account, account.pool, scope, [lookup])).flat()[0] ?? null;

  return {
    ...grantedAccess(account, asked),

    nodesWithTag: (scope, { key, value }) =>
      asked("nodesWithTag", scope, `${key}=${value}`, () =>
        nodesWhere(
          account,
          scope,
          "EXISTS (SELECT FROM jsonb_each_text(tags) AS tag WHERE lower(tag.key) = lower($3) AND tag.value = $4)",
          [key, value],
        ),
      ),
    nodesById: (scope, ids) =>
      asked("nodesById", scope, ids.join(","), () => nodesWhere(account, scope, "id = ANY ($3)", [ids])),

    attachedPolicies: (scope, role) =>
      asked("attachedPolicies", scope, role, async () => {
        const [roles = [], attachments = []] = await find(account, account.pool, scope, [
          { type: roleToken, id: role },
          { type: attachmentToken, where: { role } },
        ]);
        return roles.length === 0 ? null : attachments.map(({ outputs }) => text(outputs, "policyArn"));
      }),

    sessionDocument: (scope, name) =>
      asked("sessionDocument", scope, name, async () => {
        const row = await one(scope, { type: documentToken, id: name });
        return row === null ? null : parsedObject(text(row.outputs, "content"));
      }),
    sessions: (scope, state) => asked("sessions", scope, state, () => sessionsIn(account, scope, state)),

    // A stream or object is there while its log group or bucket is.
    hasLogStream: (scope, logGroup, stream) =>
      asked(
        "hasLogStream",
        scope,
        stream,
        async () =>
          (await wroteStream(account, scope, logGroup, stream)) &&
          (await one(scope, { type: logGroupToken, id: logGroup })) !== null,
      ),
    hasObject: (scope, bucket, key) =>
      asked(
        "hasObject",
        scope,
        key,
        async () =>
          (await wroteObject(account, bucket, key)) &&
          (await one(scope, { type: bucketToken, id: bucket, reach: "everywhere" })) !== null,
      ),
  };
};
