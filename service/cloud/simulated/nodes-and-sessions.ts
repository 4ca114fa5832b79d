/** Nodes and sessions of the simulated account, and what sessions leave behind (`inventory.ts` puts them there). */
import type { CloudNode, CloudSession } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import type { SimulatedAccount } from "./simulated-account.ts";

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

/** Nodes of an account and region for which an SQL condition holds (its values from `$3` on), by id. */
export const nodesWhere = async (
  { pool }: SimulatedAccount,
  scope: Scope,
  condition: string,
  values: unknown[],
): Promise<CloudNode[]> => {
  const { rows } = await pool.query<NodeRow>(
    `SELECT * FROM simulated_aws.nodes WHERE account = $1 AND region = $2 AND ${condition} ORDER BY id`,
    [scope.account, scope.region, ...values],
  );
  return rows.map(nodeOf);
};

/** Newest first; of those that ended, as many as AWS remembers. */
export const sessionsIn = async (
  { pool, now }: SimulatedAccount,
  scope: Scope,
  state: "active" | "history",
): Promise<CloudSession[]> => {
  const { rows } = await pool.query<SessionRow>(
    `SELECT id, owner, target, document_name, started_at, ended_at FROM simulated_aws.sessions
     WHERE account = $1 AND region = $2 AND (ended_at IS NULL) = $3 AND coalesce(ended_at, 'infinity') >= $4
     ORDER BY started_at DESC, id`,
    [scope.account, scope.region, state === "active", new Date(now().getTime() - historyTime)],
  );
  return rows.map(sessionOf);
};

/** Whether a session wrote a log stream of its name into a log group, if that is still there. */
export const wroteStream = async (
  { pool }: SimulatedAccount,
  scope: Scope,
  logGroup: string,
  session: string,
): Promise<boolean> => {
  const { rows } = await pool.query(
    "SELECT FROM simulated_aws.sessions WHERE account = $1 AND region = $2 AND id = $3 AND log_group = $4",
    [scope.account, scope.region, session, logGroup],
  );
  return rows.length > 0;
};

/** Whether a session wrote an object under a key of a bucket, if that is still there. */
export const wroteObject = async ({ pool }: SimulatedAccount, bucket: string, key: string): Promise<boolean> => {
  const { rows } = await pool.query("SELECT FROM simulated_aws.sessions WHERE bucket = $1 AND object_key = $2", [
    bucket,
    key,
  ]);
  return rows.length > 0;
};
