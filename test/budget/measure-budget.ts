/** Many environments at once against Identity Center's limits: what was held of the budget, what AWS really had to do, and what broke. */
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { keepLimits, readViolations } from "../../service/cloud/simulated/identity-center-limits.ts";
import { identityCenterLimits } from "../../service/cloud/identity-center-calls.ts";

export interface BudgetOptions {
  pool: pg.Pool;
  /** Calls the API as admin. */
  call: (method: string, path: string, body?: object) => Promise<Response>;
  environments: number;
  /** Accounts that each environment is for. */
  accounts: number;
  /** How long a simulated second lasts, in seconds. */
  second: number;
  say: (line: string) => void;
}

const limitNames = ["requests", "assignments", "provisionings", "storeRequests"] as const;
type LimitName = (typeof limitNames)[number];
export type OfEachLimit = Record<LimitName, number>;

/**
 * One look at the database while work had no share yet: it waited at the gate, or made its plan, or waited in the queue for
 * either. Shares of AWS's limits, 1 is all.
 */
interface Sample {
  /** What runs had reserved. */
  held: OfEachLimit;
  /**
   * What was taken as far as anybody could know: a write from its request until the provider heard that AWS is done with it;
   * requests in the last simulated second.
   */
  taken: OfEachLimit;
  /** What AWS had under way by its own clock, which it tells nobody. */
  used: OfEachLimit;
  /** What the first of those that waited did not find enough of. */
  missing: LimitName[];
}

export interface BudgetReport {
  /** Environments that came up. */
  succeeded: number;
  /** Real seconds from the first request to the last end. */
  seconds: number;
  violations: Record<string, number>;
  /** Operations that had to be run again because AWS was busy. */
  throttled: number;
  /** Requests to sso-admin and the identity store. */
  requests: number;
  /** The most requests to sso-admin that fell into one simulated second. */
  busiestSecond: number;
  samples: Sample[];
}

/** Each environment attaches a policy to its account's node role, and IAM allows ten ("Managed policies per role"). */
const environmentsInAccount = 7;
const region = "ap-southeast-1";
const firstAccount = 111122223333;

interface Look extends Record<`held_${LimitName}` | `used_${LimitName}` | `all_${LimitName}`, number> {
  taken_assignments: number;
  taken_provisionings: number;
  /** What the first that waits needs: of one on the way all that it wished for. */
  wish: OfEachLimit | null;
  demand: OfEachLimit | null;
}

const lookQuery = `
  SELECT held.requests::float8 AS "held_requests", held.assignments::float8 AS "held_assignments",
    held.provisionings::float8 AS "held_provisionings", held.store_requests::float8 AS "held_storeRequests",
    budget.requests::float8 AS "all_requests", budget.assignments::float8 AS "all_assignments",
    budget.provisionings::float8 AS "all_provisionings", budget.store_requests::float8 AS "all_storeRequests",
    (SELECT count(*) FROM recent WHERE service = 'sso-admin')::float8 AS "used_requests",
    (SELECT coalesce(max(asked), 0) FROM (
      SELECT count(*) AS asked FROM recent WHERE service = 'identitystore' GROUP BY operation) AS store)::float8 AS "used_storeRequests",
    (SELECT count(*) FROM under_way WHERE kind = 'assignment' AND until > clock_timestamp())::float8 AS "used_assignments",
    (SELECT count(*) FROM under_way WHERE kind = 'provisioning' AND until > clock_timestamp())::float8 AS "used_provisionings",
    (SELECT count(*) FROM under_way WHERE kind = 'assignment')::float8 AS "taken_assignments",
    (SELECT count(*) FROM under_way WHERE kind = 'provisioning')::float8 AS "taken_provisionings",
    (SELECT wish FROM gatehouse.identity_center_on_the_way ORDER BY turn NULLS LAST LIMIT 1) AS wish,
    (SELECT identity_center_demand FROM gatehouse.operations WHERE status = 'queued' AND identity_center_next LIMIT 1) AS demand
  FROM gatehouse.identity_center_use AS held, gatehouse.identity_center_budget AS budget`;

const withAccount = `
  WITH recent AS (
    SELECT request.service, request.operation FROM simulated_aws.identity_center_requests AS request,
      simulated_aws.identity_center_limits AS limits
    WHERE request.at > clock_timestamp() - make_interval(secs => limits.second::float8)
  ), under_way AS (
    SELECT kind, until FROM simulated_aws.identity_center_outstanding WHERE told IS NULL
  )`;

const shares = (value: (name: LimitName) => number): OfEachLimit => ({
  requests: value("requests") / identityCenterLimits.requests,
  assignments: value("assignments") / identityCenterLimits.assignments,
  provisionings: value("provisionings") / identityCenterLimits.provisionings,
  storeRequests: value("storeRequests") / identityCenterLimits.storeRequests,
});

/** The least that a waiting run needs of each limit to begin. */
const leastOf = (demand: OfEachLimit): OfEachLimit => ({
  requests: Math.max(demand.requests, demand.assignments > 0 ? 0.8 : 0),
  assignments: Math.min(1, demand.assignments),
  provisionings: demand.provisionings,
  storeRequests: Math.min(5, demand.storeRequests),
});

const lookOnce = async (pool: pg.Pool): Promise<Sample | null> => {
  const { rows } = await pool.query<Look>(`${withAccount} ${lookQuery}`);
  const [look] = rows;
  if (look === undefined) return null;
  const least = look.wish ?? (look.demand && leastOf(look.demand));
  if (least === null) return null;
  const used = shares((name) => look[`used_${name}`]);
  return {
    held: shares((name) => look[`held_${name}`]),
    taken: {
      ...used,
      assignments: look.taken_assignments / identityCenterLimits.assignments,
      provisionings: look.taken_provisionings / identityCenterLimits.provisionings,
    },
    used,
    missing: limitNames.filter((name) => look[`all_${name}`] - look[`held_${name}`] < least[name]),
  };
};

const mustBeAccepted = async (answer: Response): Promise<void> => {
  if (answer.status !== 202) throw new Error(`not accepted: ${answer.status} ${await answer.text()}`);
};

const unfinished = async (pool: pg.Pool): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM gatehouse.operations WHERE status IN ('queued', 'running')",
  );
  return rows[0]?.count ?? 0;
};

const untilIdle = async (pool: pg.Pool, meanwhile: () => Promise<void>): Promise<void> => {
  while ((await unfinished(pool)) > 0) {
    await meanwhile();
    await delay(50);
  }
};

/** Brings foundations up, switches the limits on, and posts all environments at once. */
export const measureBudget = async (options: BudgetOptions): Promise<BudgetReport> => {
  const { pool, call, environments, accounts, second, say } = options;
  const inAll = Math.ceil(environments / environmentsInAccount) * accounts;
  const accountAt = (index: number): string => String(firstAccount + index);
  const foundations = Array.from({ length: inAll }, (_, index) => ({ account: accountAt(index), region }));
  await Promise.all(
    foundations.map(async (foundation) =>
      mustBeAccepted(await call("POST", "/v1/foundation-requests", { action: "up", foundation })),
    ),
  );
  await untilIdle(pool, () => Promise.resolve());
  say(`${inAll} foundations are up; ${environments} environments of ${accounts} accounts each are asked for`);

  await keepLimits(pool, { second });
  // In the simulated account's time, like the limits that it is for.
  await pool.query("UPDATE gatehouse.identity_center_budget SET provisionings_apart = provisionings_apart * $1", [
    second,
  ]);
  const began = performance.now();
  const environmentAt = (index: number) => ({
    name: `many-${index}`,
    tag: { key: "project", value: `many-${index}` },
    targets: Array.from({ length: accounts }, (_, place) => ({
      account: accountAt(Math.floor(index / environmentsInAccount) * accounts + place),
      region,
    })),
  });
  await Promise.all(
    Array.from({ length: environments }, async (_, index) =>
      mustBeAccepted(
        await call("POST", "/v1/environment-requests", { action: "up", environment: environmentAt(index) }),
      ),
    ),
  );
  const samples: Sample[] = [];
  await untilIdle(pool, async () => {
    const sample = await lookOnce(pool);
    if (sample !== null) samples.push(sample);
  });
  const { rows } = await pool.query<{ succeeded: number; throttled: number; requests: number; busiestSecond: number }>(
    `SELECT (SELECT count(*) FROM gatehouse.operations WHERE kind = 'up' AND status = 'succeeded'
               AND stack LIKE 'environment/%')::integer AS succeeded,
       (SELECT coalesce(sum(throttled), 0) FROM gatehouse.operations)::integer AS throttled,
       (SELECT count(*) FROM simulated_aws.identity_center_requests)::integer AS requests,
       (SELECT coalesce(max(asked), 0) FROM (
          SELECT count(*) OVER (ORDER BY at RANGE BETWEEN make_interval(secs => $1) PRECEDING AND CURRENT ROW) AS asked
          FROM simulated_aws.identity_center_requests WHERE service = 'sso-admin') AS seconds)::integer AS "busiestSecond"`,
    [second],
  );
  const [counted] = rows;
  if (counted === undefined) throw new Error("a select without a table gave no row");
  return {
    ...counted,
    seconds: (performance.now() - began) / 1000,
    violations: await readViolations(pool),
    samples,
  };
};

/**
 * How much of a limit AWS can be kept busy with at the pace of the simulated account, were Gatehouse to take no time at all. A
 * provisioning is 4.5 s of the 5.7 s that its place is taken: the permission set is made (0.3 s) and its policy put (0.1 s)
 * before, and the provider asks after 5 s, not before, and reads back (`asking`). An assignment is 9.5 s of 10.4 s.
 */
export const reachable: OfEachLimit = {
  provisionings: 4.5 / 5.7,
  assignments: 9.5 / 10.4,
  requests: 1,
  storeRequests: 1,
};

/** Means over the samples, and the limit that kept the next run waiting most often. */
export const summarise = (samples: readonly Sample[]) => {
  const mean = (value: (sample: Sample) => number): number =>
    samples.length === 0 ? 0 : samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const limits = limitNames.map((name) => ({
    name,
    held: mean(({ held }) => held[name]),
    taken: mean(({ taken }) => taken[name]),
    used: mean(({ used }) => used[name]),
    missing: mean(({ missing }) => (missing.includes(name) ? 1 : 0)),
  }));
  const binding = limits.reduce((one, other) => (other.missing > one.missing ? other : one));
  return { limits, binding };
};
