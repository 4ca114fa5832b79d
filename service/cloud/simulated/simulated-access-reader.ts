import type { AccessReader, CloudNode, CloudSession } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { objectAt, text } from "./resource-type.ts";
import { sufferReadFault, type readActions } from "./read-faults.ts";
import type { Lookup, Row } from "./resource-type.ts";
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

interface NodeRow {
  account: string;
  region: string;
  id: string;
  tags: Record<string, string>;
  instance_state: CloudNode["instanceState"];
  agent_version: string | null;
  ping_status: "online" | "connection_lost" | "inactive" | null;
  last_ping_at: Date | null;
  role: string | null;
}

const nodeOf = (row: NodeRow): CloudNode => ({
  account: row.account,
  region: row.region,
  id: row.id,
  kind: row.id.startsWith("mi-") ? "managed" : "ec2",
  tags: row.tags,
  instanceState: row.instance_state,
  agent:
    row.agent_version === null || row.ping_status === null
      ? null
      : {
          version: row.agent_version,
          pingStatus: row.ping_status,
          lastPingAt: row.last_ping_at?.toISOString() ?? null,
        },
  role: row.role,
});

interface SessionRow {
  id: string;
  owner: string;
  target: string;
  document_name: string;
  started_at: Date;
  ended_at: Date | null;
}

const sessionOf = (row: SessionRow): CloudSession => ({
  id: row.id,
  owner: row.owner,
  target: row.target,
  documentName: row.document_name,
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
});

/** As long as DescribeSessions keeps sessions that ended, in milliseconds. */
const historyTime = 30 * 24 * 3600 * 1000;

const textsIn = (values: JsonObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry: [string, Json]): entry is [string, string] => typeof entry[1] === "string"),
  );

const textOrNull = (values: JsonObject, key: string): string | null => {
  const value = text(values, key);
  return value === "" ? null : value;
};

/** An access reader of the simulated account: each question is one query, or two, beside the look for a fault that is meant for it. */
export const simulatedAccessReader = (account: SimulatedAccount): AccessReader => {
  const reader = answers(account);
  const home: Scope = account.identityCenter;
  const fault = (question: keyof AccessReader & keyof typeof readActions, scope: Scope, name: string) =>
    sufferReadFault(account, question, scope, name);
  return {
    nodesWithTag: async (scope, tag) => {
      await fault("nodesWithTag", scope, `${tag.key}=${tag.value}`);
      return reader.nodesWithTag(scope, tag);
    },
    nodesById: async (scope, ids) => {
      await fault("nodesById", scope, ids.join(","));
      return reader.nodesById(scope, ids);
    },
    attachedPolicies: async (scope, role) => {
      await fault("attachedPolicies", scope, role);
      return reader.attachedPolicies(scope, role);
    },
    groupMembers: async (groupId) => {
      await fault("groupMembers", home, groupId);
      return reader.groupMembers(groupId);
    },
    permissionSet: async (arn) => {
      await fault("permissionSet", home, arn);
      return reader.permissionSet(arn);
    },
    inlinePolicy: async (permissionSetArn) => {
      await fault("inlinePolicy", home, permissionSetArn);
      return reader.inlinePolicy(permissionSetArn);
    },
    attachedToPermissionSet: async (permissionSetArn) => {
      await fault("attachedToPermissionSet", home, permissionSetArn);
      return reader.attachedToPermissionSet(permissionSetArn);
    },
    permissionsBoundary: async (permissionSetArn) => {
      await fault("permissionsBoundary", home, permissionSetArn);
      return reader.permissionsBoundary(permissionSetArn);
    },
    assignments: async (permissionSetArn) => {
      await fault("assignments", home, permissionSetArn);
      return reader.assignments(permissionSetArn);
    },
    sessionDocument: async (scope, name) => {
      await fault("sessionDocument", scope, name);
      return reader.sessionDocument(scope, name);
    },
    sessions: async (scope, state) => {
      await fault("sessions", scope, state);
      return reader.sessions(scope, state);
    },
    hasLogStream: async (scope, logGroup, stream) => {
      await fault("hasLogStream", scope, stream);
      return reader.hasLogStream(scope, logGroup, stream);
    },
    hasObject: async (scope, bucket, key) => {
      await fault("hasObject", scope, key);
      return reader.hasObject(scope, bucket, key);
    },
  };
};

const answers = (account: SimulatedAccount): AccessReader => {
  const home: Scope = account.identityCenter;
  const all = async (scope: Scope, lookup: Lookup): Promise<Row[]> =>
    (await find(account, account.pool, scope, [lookup])).flat();
  const one = async (scope: Scope, lookup: Lookup): Promise<Row | null> => (await all(scope, lookup))[0] ?? null;
  const nodesWhere = async (scope: Scope, condition: string, values: unknown[]): Promise<CloudNode[]> => {
    const { rows } = await account.pool.query<NodeRow>(
      `SELECT * FROM simulated_aws.nodes WHERE account = $1 AND region = $2 AND ${condition} ORDER BY id`,
      [scope.account, scope.region, ...values],
    );
    return rows.map(nodeOf);
  };

  return {
    nodesWithTag: (scope, { key, value }) =>
      nodesWhere(
        scope,
        "EXISTS (SELECT FROM jsonb_each_text(tags) AS tag WHERE lower(tag.key) = lower($3) AND tag.value = $4)",
        [key, value],
      ),
    nodesById: (scope, ids) => nodesWhere(scope, "id = ANY ($3)", [ids]),

    attachedPolicies: async (scope, role) => {
      const [roles = [], attachments = []] = await find(account, account.pool, scope, [
        { type: roleToken, id: role },
        { type: attachmentToken, where: { role } },
      ]);
      return roles.length === 0 ? null : attachments.map(({ outputs }) => text(outputs, "policyArn"));
    },

    groupMembers: async (groupId) => {
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
    },

    permissionSet: async (arn) => {
      const row = await one(home, { type: permissionSetToken, where: { arn } });
      if (row === null) return null;
      const { outputs } = row;
      return {
        name: text(outputs, "name"),
        description: textOrNull(outputs, "description"),
        sessionDuration: text(outputs, "sessionDuration"),
        relayState: textOrNull(outputs, "relayState"),
        tags: textsIn(objectAt(outputs, "tags")),
      };
    },

    inlinePolicy: async (permissionSetArn) => {
      const row = await one(home, { type: inlinePolicyToken, where: { permissionSetArn } });
      return row === null ? null : textOrNull(row.outputs, "inlinePolicy");
    },

    attachedToPermissionSet: async (permissionSetArn) => {
      const rows = await all(home, { type: managedPolicyToken, where: { permissionSetArn } });
      return rows.map(({ outputs }) => text(outputs, "managedPolicyArn"));
    },

    permissionsBoundary: async (permissionSetArn) => {
      const [row] = await all(home, { type: boundaryToken, where: { permissionSetArn } });
      const boundary = objectAt(row?.outputs ?? {}, "permissionsBoundary");
      const own = objectAt(boundary, "customerManagedPolicyReference");
      const named = textOrNull(own, "name");
      return named === null ? textOrNull(boundary, "managedPolicyArn") : `${textOrNull(own, "path") ?? "/"}${named}`;
    },

    assignments: async (permissionSetArn) => {
      const rows = await all(home, { type: assignmentToken, where: { permissionSetArn } });
      return rows.map(({ outputs }) => ({
        account: text(outputs, "targetId"),
        principalType: text(outputs, "principalType") === "USER" ? "USER" : "GROUP",
        principalId: text(outputs, "principalId"),
      }));
    },

    sessionDocument: async (scope, name) => {
      const row = await one(scope, { type: documentToken, id: name });
      const content = row === null ? null : parsedObject(text(row.outputs, "content"));
      return isObject(content ?? undefined) ? content : null;
    },

    sessions: async (scope, state) => {
      const { rows } = await account.pool.query<SessionRow>(
        `SELECT id, owner, target, document_name, started_at, ended_at FROM simulated_aws.sessions
         WHERE account = $1 AND region = $2 AND (ended_at IS NULL) = $3 AND coalesce(ended_at, 'infinity') >= $4
         ORDER BY started_at DESC, id`,
        [scope.account, scope.region, state === "active", new Date(account.now().getTime() - historyTime)],
      );
      return rows.map(sessionOf);
    },

    // A stream or object is there while its log group or bucket is.
    hasLogStream: async (scope, logGroup, stream) => {
      const { rows } = await account.pool.query(
        "SELECT FROM simulated_aws.sessions WHERE account = $1 AND region = $2 AND id = $3 AND log_group = $4",
        [scope.account, scope.region, stream, logGroup],
      );
      return rows.length > 0 && (await one(scope, { type: logGroupToken, id: logGroup })) !== null;
    },

    hasObject: async (scope, bucket, key) => {
      const { rows } = await account.pool.query(
        "SELECT FROM simulated_aws.sessions WHERE bucket = $1 AND object_key = $2",
        [bucket, key],
      );
      return rows.length > 0 && (await one(scope, { type: bucketToken, id: bucket, reach: "everywhere" })) !== null;
    },
  };
};
