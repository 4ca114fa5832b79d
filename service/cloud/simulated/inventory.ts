/**
 * Nodes and sessions of the simulated account. They are no Pulumi resources: people and AWS make them. An inventory is a
 * document that adds some; all processes share what is in the tables.
 */
import { z } from "zod";
import type { SimulatedAccount } from "./simulated-account.ts";

const account = z.string().regex(/^\d{12}$/, "must be an AWS account id of 12 digits");
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be the name of an AWS region");
const nodeId = z
  .string()
  .regex(/^m?i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, "must be i- or mi- and 8 or 17 hexadecimal digits");
const version = z.string().regex(/^\d+(\.\d+){3}$/, "must be a version such as 3.3.2299.0");
const instant = z.iso.datetime({ error: "must be a time such as 2026-11-22T12:00:00Z" });

const node = z
  .strictObject({
    account,
    region,
    id: nodeId,
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
    /** Of EC2 instances only. */
    instanceState: z.enum(["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]).optional(),
    /** Null: it has never registered with Systems Manager. */
    agent: z
      .strictObject({
        version,
        pingStatus: z.enum(["online", "connection_lost", "inactive"]).default("online"),
        lastPingAt: instant.nullable().default(null),
      })
      .nullable(),
    role: z.string().min(1).max(64).nullable().default(null),
  })
  .refine(({ id, instanceState }) => instanceState === undefined || id.startsWith("i-"), {
    path: ["instanceState"],
    error: "must be left out for a server on premises (mi-)",
  });

const session = z.strictObject({
  account,
  region,
  id: z.string().regex(/^[^\s/]{1,78}-[0-9a-f]{17}$/, "must be a user name, a hyphen and 17 hexadecimal digits"),
  /** Role that it was started with, without its path: `AWSReservedSSO_<permission set>_<16 hexadecimal digits>`. */
  role: z.string().min(1).max(64),
  userName: z.string().min(1).max(64),
  target: nodeId,
  documentName: z.string().min(1).max(128),
  startedAt: instant,
  /** Null while it runs. */
  endedAt: instant.nullable().default(null),
  /** Null: it wrote no log stream, or no object. */
  logGroup: z.string().min(1).nullable().default(null),
  object: z
    .strictObject({ bucket: z.string().min(3).max(63), key: z.string().min(1).max(1024) })
    .nullable()
    .default(null),
});

/** The document, as a file has it. */
export const inventory = z.strictObject({
  nodes: z.array(node).max(100_000).default([]),
  sessions: z.array(session).max(100_000).default([]),
});
/** What an inventory adds, with its defaults filled in. */
export type Inventory = z.output<typeof inventory>;

const nodesStatement = `
  INSERT INTO simulated_aws.nodes
    (account, region, id, tags, instance_state, agent_version, ping_status, last_ping_at, role)
  SELECT account, region, id, tags, CASE WHEN id LIKE 'i-%' THEN coalesce("instanceState", 'running') END,
    agent->>'version', agent->>'pingStatus', (agent->>'lastPingAt')::timestamptz, role
  FROM jsonb_to_recordset($1::jsonb) AS node(account text, region text, id text, tags jsonb, "instanceState" text,
    agent jsonb, role text)
  ON CONFLICT (account, region, id) DO UPDATE SET tags = excluded.tags, instance_state = excluded.instance_state,
    agent_version = excluded.agent_version, ping_status = excluded.ping_status, last_ping_at = excluded.last_ping_at,
    role = excluded.role`;

const sessionsStatement = `
  INSERT INTO simulated_aws.sessions
    (account, region, id, owner, target, document_name, started_at, ended_at, log_group, bucket, object_key)
  SELECT account, region, id, 'arn:aws:sts::' || account || ':assumed-role/' || role || '/' || "userName", target,
    "documentName", "startedAt", "endedAt", "logGroup", object->>'bucket', object->>'key'
  FROM jsonb_to_recordset($1::jsonb) AS session(account text, region text, id text, role text, "userName" text, target text,
    "documentName" text, "startedAt" timestamptz, "endedAt" timestamptz, "logGroup" text, object jsonb)
  ON CONFLICT (account, region, id) DO UPDATE SET owner = excluded.owner, target = excluded.target,
    document_name = excluded.document_name, started_at = excluded.started_at, ended_at = excluded.ended_at,
    log_group = excluded.log_group, bucket = excluded.bucket, object_key = excluded.object_key`;

/**
 * Puts nodes and sessions into the account, over what is there under the same ids. Under one name it is done once, however
 * many processes start with it and however often, so what people change afterwards stays.
 *
 * @param name what the inventory is known by: of a file, the digest of its content.
 */
export const putInventory = async (
  { pool, now }: Pick<SimulatedAccount, "pool" | "now">,
  name: string,
  { nodes, sessions }: Inventory,
): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    // Whoever comes second waits here for the first to commit.
    const put = await client.query(
      "INSERT INTO simulated_aws.inventories (name, put_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name",
      [name, now()],
    );
    if (put.rows.length > 0) {
      await client.query(nodesStatement, [JSON.stringify(nodes)]);
      await client.query(sessionsStatement, [JSON.stringify(sessions)]);
    }
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
};
