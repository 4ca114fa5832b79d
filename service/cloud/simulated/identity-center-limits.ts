/**
 * What Identity Center allows at once, kept by the simulated account when it is switched on: requests of sso-admin a second,
 * assignments and provisionings under way, one change of a role at a time, requests of the identity store. Every process counts
 * in the same tables, by the database's clock (0014-identity-center-budget.sql). Off, nothing of this takes any time.
 */
import { setTimeout } from "node:timers/promises";
import type { Pool } from "pg";
import type { JsonObject } from "../../domain/json.ts";
import {
  asking,
  identityCenterCalls,
  identityCenterFunctions,
  type Outstanding,
  type StepCalls,
  type StepVerb,
} from "../identity-center-calls.ts";
import { AwsError } from "../provider.ts";
import { text } from "./resource-type.ts";

/** Limits and how long AWS takes, in simulated seconds; those left out are AWS's. */
interface SimulatedLimits {
  requests: number;
  assignments: number;
  provisionings: number;
  storeRequests: number;
  requestSeconds: number;
  assignmentSeconds: number;
  provisioningSeconds: number;
  /** How long a simulated second lasts, in seconds. */
  second: number;
}

const columns: Record<keyof SimulatedLimits, string> = {
  requests: "requests",
  assignments: "assignments",
  provisionings: "provisionings",
  storeRequests: "store_requests",
  requestSeconds: "request_seconds",
  assignmentSeconds: "assignment_seconds",
  provisioningSeconds: "provisioning_seconds",
  second: "second",
};

/** Switches the limits on, for all processes. */
export const keepLimits = async (pool: Pool, limits: Partial<SimulatedLimits> = {}): Promise<void> => {
  await pool.query(`INSERT INTO simulated_aws.identity_center_limits DEFAULT VALUES ON CONFLICT DO NOTHING`);
  for (const [name, column] of Object.entries(columns)) {
    const value = Object.entries(limits).find(([given]) => given === name)?.[1];
    if (value !== undefined)
      await pool.query(`UPDATE simulated_aws.identity_center_limits SET ${column} = $1`, [value]);
  }
};

/** How often a limit was exceeded, by which one. */
export const readViolations = async (pool: Pool): Promise<Record<string, number>> => {
  const { rows } = await pool.query<{ refused: string; count: number }>(
    `SELECT refused, count(*)::integer AS count FROM simulated_aws.identity_center_requests
     WHERE refused IS NOT NULL GROUP BY refused ORDER BY refused`,
  );
  return Object.fromEntries(rows.map(({ refused, count }) => [refused, count]));
};

type Pace = Pick<SimulatedLimits, "second" | "requestSeconds" | "assignmentSeconds" | "provisioningSeconds">;

/** `null` while the limits are off. */
const readPace = async (pool: Pool): Promise<Pace | null> => {
  const { rows } = await pool.query<Pace>(
    `SELECT second::float8, request_seconds::float8 AS "requestSeconds", assignment_seconds::float8 AS "assignmentSeconds",
       provisioning_seconds::float8 AS "provisioningSeconds" FROM simulated_aws.identity_center_limits`,
  );
  return rows[0] ?? null;
};

/** As the provider's SDK does by default: twenty-five times (`max_retries`). */
const mostTries = 25;

/** AWS's words for each limit. Which code it gives for too many writes under way is not documented: taken as throttling. */
const refusals: Readonly<Record<string, { code: string; message: string }>> = {
  rate: { code: "ThrottlingException", message: "Rate exceeded" },
  assignment: { code: "ThrottlingException", message: "Too many account assignment requests are under way" },
  provisioning: { code: "ThrottlingException", message: "Too many permission sets are being provisioned" },
  role: {
    code: "ConflictException",
    message: "Another operation on the same role of the account is in progress. Try again.",
  },
};

/** What a write changes: its permission set, and the account of an assignment. */
interface Role {
  permissionSet: string;
  account: string | null;
}

const roleOf = (id: string | null, inputs: JsonObject): Role => {
  // Ids begin with the set's ARN, but for assignments: …,targetId,targetType,permissionSetArn,instanceArn.
  const parts = (id ?? "").split(",");
  const [set = "", account = null] = parts.length === 6 ? [parts[4], parts[2]] : [parts[0]];
  return {
    permissionSet: text(inputs, "permissionSetArn") || set,
    account: text(inputs, "targetId") || account,
  };
};

interface PacedWrite {
  type: string;
  verb: StepVerb;
  id: string | null;
  inputs: JsonObject;
}

interface IdentityCenterPace {
  /** Does a write, or a read, at the provider's pace: its requests around it, and waiting until AWS is done. @throws AwsError */
  around<Result>(write: PacedWrite, work: () => Promise<Result>): Promise<Result>;
  /** The same of a function. */
  aroundFunction<Result>(token: string, work: () => Promise<Result>): Promise<Result>;
}

/** @param wait how time passes, in milliseconds */
export const identityCenterPace = (
  pool: Pool,
  wait: (milliseconds: number) => Promise<void> = setTimeout,
): IdentityCenterPace => {
  const request = async (
    pace: Pace,
    service: StepCalls["service"],
    operation: string,
    leaves: { kind: Outstanding; role: Role } | null = null,
  ): Promise<void> => {
    const { rows } = await pool.query<{ beyond: string | null }>(
      `SELECT simulated_aws.identity_center_request(limits, $1, $2, $3, $4, $5) AS beyond
       FROM simulated_aws.identity_center_limits AS limits`,
      [service, operation, leaves?.kind ?? null, leaves?.role.permissionSet ?? null, leaves?.role.account ?? null],
    );
    const refusal = refusals[rows[0]?.beyond ?? ""];
    if (refusal !== undefined) throw new AwsError(refusal.code, refusal.message);
    await wait(pace.requestSeconds * pace.second * 1000);
  };

  /** After a write: the provider's SDK asks again by itself when it is told to slow down. That counts as a violation all the same. */
  const insist = async (pace: Pace, operation: string): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await request(pace, "sso-admin", operation);
        return;
      } catch (error) {
        if (!(error instanceof AwsError) || tries === mostTries) throw error;
        await wait(pace.second * 1000);
      }
    }
  };

  /** Asks as the provider does until the time is over that AWS takes. */
  const untilDone = async (pace: Pace, { for: kind, asking: operation }: NonNullable<StepCalls["waits"]>) => {
    const lasts = kind === "assignment" ? pace.assignmentSeconds : pace.provisioningSeconds;
    const { first, atLeast, atMost } = asking[kind];
    let elapsed = first;
    let pause = 0.1;
    await wait(first * pace.second * 1000);
    await insist(pace, operation);
    while (elapsed < lasts) {
      pause *= 2;
      const next = Math.min(atMost, Math.max(atLeast, pause));
      await wait(next * pace.second * 1000);
      elapsed += next;
      await insist(pace, operation);
    }
  };

  /** For who measures how long a place is taken: whoever asked knows now that it is free. */
  const tellDone = (kind: Outstanding, { permissionSet, account }: Role): Promise<unknown> =>
    pool.query(
      `UPDATE simulated_aws.identity_center_outstanding SET told = clock_timestamp()
       WHERE told IS NULL AND kind = $1 AND permission_set = $2 AND account IS NOT DISTINCT FROM $3`,
      [kind, permissionSet, account],
    );

  const paced = async <Result>(
    pace: Pace,
    { service, upTo, waits, after }: StepCalls,
    role: Role | null,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    for (const [index, operation] of upTo.entries()) {
      const last = index === upTo.length - 1;
      await request(
        pace,
        service,
        operation,
        last && waits !== null && role !== null ? { kind: waits.for, role } : null,
      );
    }
    const result = await work();
    if (waits !== null) {
      await untilDone(pace, waits);
      if (role !== null) await tellDone(waits.for, role);
    }
    for (const operation of after) await insist(pace, operation);
    return result;
  };

  return {
    around: async ({ type, verb, id, inputs }, work) => {
      const calls = identityCenterCalls(type, verb);
      const pace = calls === null ? null : await readPace(pool);
      if (calls === null || pace === null) return work();
      return paced(pace, calls, roleOf(id, inputs), work);
    },
    aroundFunction: async (token, work) => {
      const calls = identityCenterFunctions[token];
      const pace = calls === undefined ? null : await readPace(pool);
      if (calls === undefined || pace === null) return work();
      return paced(pace, calls, null, work);
    },
  };
};
