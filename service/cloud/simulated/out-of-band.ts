/**
 * The account behind everybody's back: what people do in the console, for tests of drift and adoption and for the
 * quickstart's look around. Nothing here is counted among the provider's calls or hit by faults.
 */
import type { JsonObject } from "../../domain/json.ts";
import type { Scope } from "../provider.ts";
import type { Row } from "./resource-type.ts";
import { apply, find, inAccount } from "./simulated-account.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { resourceType } from "./types/all-types.ts";
import { bucketToken } from "./types/s3.ts";
import { writeResource } from "./write.ts";

/** A resource as it is now; an Error when there is none. */
const existing = async (account: SimulatedAccount, type: string, id: string, scope: Scope): Promise<Row> => {
  const [row] = (await find(account, account.pool, scope, [{ type, id }])).flat();
  if (row === undefined) throw new Error(`there is no ${type} ${id} in the simulated account`);
  return row;
};

/** Makes a resource that Gatehouse did not make; AWS's rules hold. Gives its Pulumi id and outputs. */
export const addResource = async (
  account: SimulatedAccount,
  type: string,
  inputs: JsonObject,
  scope: Scope,
): Promise<{ id: string; outputs: JsonObject }> => {
  const write = { verb: "create", name: "by-hand", id: null, inputs, scope, origin: "person" } as const;
  const made = await writeResource(account, resourceType(type), write);
  if (made === null) throw new Error(`${type} was not made`);
  return { id: made.id, outputs: made.outputs };
};

/** Changes properties of a resource, whatever AWS's rules or replace triggers say: drift. */
export const editResource = async (
  account: SimulatedAccount,
  type: string,
  id: string,
  changes: JsonObject,
  scope: Scope,
): Promise<void> => {
  const row = await existing(account, type, id, scope);
  const put = { ...row, inputs: { ...row.inputs, ...changes }, outputs: { ...row.outputs, ...changes } };
  await inAccount(account, row.account, (client) =>
    apply(client, { put: [put], remove: [], counted: null }, account.now()),
  );
};

/** Takes a resource away, whatever refers to it. */
export const removeResource = async (
  account: SimulatedAccount,
  type: string,
  id: string,
  scope: Scope,
): Promise<void> => {
  const row = await existing(account, type, id, scope);
  await inAccount(account, row.account, (client) =>
    apply(client, { put: [], remove: [row], counted: null }, account.now()),
  );
};

/** Puts so many objects into a bucket: one that has any cannot be deleted. */
export const putObjects = async (
  account: SimulatedAccount,
  bucket: string,
  objects: number,
  scope: Scope,
): Promise<void> => {
  const row = await existing(account, bucketToken, bucket, scope);
  const put = { ...row, state: { ...row.state, objects } };
  await inAccount(account, row.account, (client) =>
    apply(client, { put: [put], remove: [], counted: null }, account.now()),
  );
};

/** What is in the account, oldest first: what the provider made, what AWS made of it, and what people did. */
export const listResources = async (
  { pool }: Pick<SimulatedAccount, "pool">,
  filter: { account?: string; region?: string; type?: string } = {},
): Promise<Row[]> => {
  const { rows } = await pool.query<Row>(
    `SELECT account, region, type, id, inputs, outputs, state, origin, deletion_date AS "deletionDate"
     FROM simulated_aws.resources
     WHERE ($1::text IS NULL OR account = $1) AND ($2::text IS NULL OR region = $2) AND ($3::text IS NULL OR type = $3)
     ORDER BY made_at, type, id`,
    [filter.account ?? null, filter.region ?? null, filter.type ?? null],
  );
  return rows;
};

/** Every write that the provider made, in order. */
export const listCalls = async ({
  pool,
}: Pick<SimulatedAccount, "pool">): Promise<{ type: string; id: string; verb: string }[]> => {
  const { rows } = await pool.query<{ type: string; id: string; verb: string }>(
    "SELECT type, id, verb FROM simulated_aws.calls ORDER BY sequence",
  );
  return rows;
};
