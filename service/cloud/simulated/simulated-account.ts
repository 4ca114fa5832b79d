/** What every part of the simulated account is built from, and its tables in PostgreSQL. */
import { setTimeout } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import type { Scope } from "../provider.ts";
import { hexFrom, partitionOf } from "./identifiers.ts";
import { identityCenterInstance } from "./identity-center-instance.ts";
import type { Call, Lookup, Place, ResourceType, Row, RowKey, Verb } from "./resource-type.ts";
import { resourceTypes } from "./types/all-types.ts";

/** The account: where it is kept, and how time and chance are in it. */
export interface SimulatedAccount {
  /** A database with the schema `simulated_aws`; each call commits by itself, on a connection of its own. */
  pool: Pool;
  /** Account and region in which Identity Center lives. */
  identityCenter: { account: string; region: string };
  now: () => Date;
  /** A source of random hexadecimal digits, some each time. */
  newId: () => string;
  /** How an injected latency passes, in milliseconds; by default it does. */
  wait?: (milliseconds: number) => Promise<void>;
  /** How an injected crash ends the process; by default as an unexpected kill does. */
  crash?: () => never;
  /** Aborted when whoever asks is gone: a write that is not committed by then never is, and throws the signal's reason. */
  gone?: AbortSignal;
}

/** How time passes in the account: as it was told, and otherwise as it does, until whoever waits is gone. */
export const waitIn = ({ wait, gone }: SimulatedAccount): ((milliseconds: number) => Promise<void>) =>
  wait ?? ((milliseconds) => setTimeout(milliseconds, undefined, gone === undefined ? {} : { signal: gone }));

/** Where a resource of this type lies when it is asked for from this account and region. */
export const placeOf = (
  scope: ResourceType["scope"],
  from: Scope,
  home: { account: string; region: string },
): Place => {
  if (scope === "identity-center") return { account: home.account, region: home.region };
  return { account: from.account, region: scope === "global" ? "aws-global" : from.region };
};

/** A call on a resource, as its type sees it. */
export const callOf = (
  account: SimulatedAccount,
  scope: Scope,
  call: Pick<Call, "verb" | "name" | "inputs" | "old">,
): Call => ({
  ...call,
  account: scope.account,
  region: scope.region,
  partition: partitionOf(scope.region),
  identityCenter: identityCenterInstance(account.identityCenter),
  now: account.now(),
  hex: (digits) => hexFrom(account.newId, digits),
});

/** The columns by which a lookup narrows its search, with the values; account and region are worked out. */
const filtersOf = (account: SimulatedAccount, from: Scope, lookup: Lookup): [column: string, value: string][] => {
  const scope = resourceTypes.get(lookup.type)?.scope ?? "regional";
  const place = placeOf(scope, from, account.identityCenter);
  const reach = lookup.reach ?? "here";
  return [
    ["type =", lookup.type],
    ...(lookup.id === undefined ? [] : [["id =", lookup.id] as [string, string]]),
    ...(reach === "everywhere" ? [] : [["account =", place.account] as [string, string]]),
    ...(reach === "here" ? [["region =", place.region] as [string, string]] : []),
    ...(lookup.where === undefined ? [] : [["outputs @>", JSON.stringify(lookup.where)] as [string, string]]),
  ];
};

const columns = `account, region, type, id, inputs, outputs, state, origin, deletion_date AS "deletionDate"`;

/** Answers several lookups with one query, in their order; a `null` is answered with nothing. */
export const find = async (
  account: SimulatedAccount,
  on: Pool | PoolClient,
  from: Scope,
  lookups: (Lookup | null)[],
): Promise<Row[][]> => {
  const values: string[] = [];
  const parameter = (value: string): string => `$${values.push(value)}`;
  // Each lookup is a query of its own within the one, so that it runs over the index that fits it.
  const parts = lookups.flatMap((lookup, position) => {
    if (lookup === null) return [];
    const filters = filtersOf(account, from, lookup).map(([column, value]) => `${column} ${parameter(value)}`);
    const conditions = [...filters, "deletion_date IS NULL"].join(" AND ");
    return [`SELECT ${position} AS position, made_at, ${columns} FROM simulated_aws.resources WHERE ${conditions}`];
  });
  const answers = lookups.map((): Row[] => []);
  if (parts.length === 0) return answers;
  const { rows } = await on.query<Row & { position: number; made_at: Date }>(
    `${parts.join(" UNION ALL ")} ORDER BY made_at, id`,
    values,
  );
  for (const { position, made_at: _madeAt, ...row } of rows) answers[position]?.push(row);
  return answers;
};

/** What a write changes, and how it is counted; `counted: null` leaves no trace in `calls`. */
export interface Change {
  put: Row[];
  remove: RowKey[];
  counted: (RowKey & { verb: Verb }) | null;
}

const applyChange = `
  WITH removed AS (
    DELETE FROM simulated_aws.resources AS resource
    USING jsonb_to_recordset($1::jsonb) AS gone(account text, region text, type text, id text)
    WHERE (resource.account, resource.region, resource.type, resource.id) = (gone.account, gone.region, gone.type, gone.id)
  ), counted AS (
    INSERT INTO simulated_aws.calls (at, account, region, type, id, verb)
    SELECT $4, account, region, type, id, verb
    FROM jsonb_to_recordset($3::jsonb) AS call(account text, region text, type text, id text, verb text)
  )
  INSERT INTO simulated_aws.resources
    (account, region, type, id, inputs, outputs, state, origin, deletion_date, made_at)
  SELECT account, region, type, id, inputs, outputs, state, origin, "deletionDate", $4
  FROM jsonb_to_recordset($2::jsonb) AS row(account text, region text, type text, id text, inputs jsonb, outputs jsonb,
    state jsonb, origin text, "deletionDate" timestamptz)
  ON CONFLICT (type, id, account, region) DO UPDATE SET inputs = excluded.inputs, outputs = excluded.outputs,
    state = excluded.state, origin = excluded.origin, deletion_date = excluded.deletion_date`;

/** Applies a change with one query. */
export const apply = async (on: PoolClient, change: Change, at: Date): Promise<void> => {
  const counted = change.counted === null ? [] : [change.counted];
  const [remove, put, calls] = [change.remove, change.put, counted].map((list) => JSON.stringify(list));
  await on.query(applyChange, [remove, put, calls, at]);
};

/** Takes the lock that orders the writes of one account, until the transaction ends: AWS answers them one after the other where they touch each other. */
export const accountLock = (account: string): string =>
  `SELECT pg_advisory_xact_lock(${7_430_000_000_000_000 + Number(account)})`;

/** Runs a write of one account in a transaction of its own, after the account's writes under way. */
export const inAccount = async <Result>(
  { pool, gone }: SimulatedAccount,
  account: string,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> => {
  if (!/^\d{12}$/.test(account)) throw new Error(`${JSON.stringify(account)} is no AWS account id of 12 digits`);
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; ${accountLock(account)}`);
    const result = await work(client);
    // Looked at under the lock: whoever takes it next, after that end was seen, sees all that will ever be written.
    gone?.throwIfAborted();
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    await client.query("ROLLBACK").then(
      () => client.release(),
      (broken: unknown) => client.release(broken instanceof Error ? broken : true),
    );
    throw error;
  }
};
