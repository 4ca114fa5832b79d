/** Faults that tests inject into the account: what AWS does on a bad day. */
import type { Pool, PoolClient } from "pg";
import { AwsError } from "../provider.ts";
import type { Verb } from "./resource-type.ts";
import { waitIn, type SimulatedAccount } from "./simulated-account.ts";

/** A fault, and the writes that it hits. */
export interface Fault {
  /** LIKE patterns over the type token and over the id (at create: the logical name); `%` fits all. */
  typePattern: string;
  namePattern: string;
  /** `null` fits every write. */
  verb: Verb | null;
  /** How many writes it hits. */
  remaining: number;
  /** How long the write waits first. */
  latencyMilliseconds: number;
  /** An error instead of the write; such as ThrottlingException or ConflictException. */
  error: { code: string; message: string } | null;
  /** Whether the process ends before or after the write. */
  crash: "before" | "after" | null;
}

/** What a write is known by to faults. */
interface FaultTarget {
  type: string;
  name: string;
  /** `null`: a question, which only faults without a verb fit. */
  verb: Verb | null;
}

/** Questions have types of their own (`reader/…`), and are only hit by faults that name them. */
const fits = `starts_with(type_pattern, 'reader/') = starts_with($1, 'reader/') AND remaining > 0 AND $1 LIKE type_pattern AND $2 LIKE name_pattern AND (verb IS NULL OR verb = $3)`;

/** Adds a fault. Fields left out: every type, every name, every verb, once, no wait, no error, no crash. */
export const injectFault = async (pool: Pool, fault: Partial<Fault>): Promise<void> => {
  await pool.query(
    `INSERT INTO simulated_aws.faults
       (type_pattern, name_pattern, verb, remaining, latency_ms, error_code, message, crash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      fault.typePattern ?? "%",
      fault.namePattern ?? "%",
      fault.verb ?? null,
      fault.remaining ?? 1,
      fault.latencyMilliseconds ?? 0,
      fault.error?.code ?? null,
      fault.error?.message ?? null,
      fault.crash ?? null,
    ],
  );
};

/** Whether any fault waits for this write. */
export const isFaulty = async (client: PoolClient, target: FaultTarget): Promise<boolean> => {
  const { rows } = await client.query<{ faulty: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM simulated_aws.faults WHERE ${fits}) AS faulty`,
    [target.type, target.name, target.verb],
  );
  return rows[0]?.faulty ?? false;
};

/**
 * Uses up the first fault that fits, and lets it happen as far as it comes before the write: waits, ends the process, or
 * throws. Gives whether the process is to end after the write.
 *
 * @throws AwsError the fault's error
 */
export const sufferFault = async (account: SimulatedAccount, target: FaultTarget): Promise<{ crashAfter: boolean }> => {
  const { rows } = await account.pool.query<{
    latency_ms: number;
    error_code: string | null;
    message: string | null;
    crash: Fault["crash"];
  }>(
    `UPDATE simulated_aws.faults SET remaining = remaining - 1
     WHERE sequence = (SELECT sequence FROM simulated_aws.faults WHERE ${fits} ORDER BY sequence LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING latency_ms, error_code, message, crash`,
    [target.type, target.name, target.verb],
  );
  const fault = rows[0];
  if (fault === undefined) return { crashAfter: false };
  if (fault.latency_ms > 0) await waitIn(account)(fault.latency_ms);
  if (fault.crash === "before") crash(account);
  if (fault.error_code !== null) throw new AwsError(fault.error_code, fault.message ?? "");
  return { crashAfter: fault.crash === "after" };
};

/** Ends the process as a kill from outside does: no handler runs. */
export const crash = (account: SimulatedAccount): void => {
  if (account.crash !== undefined) account.crash();
  process.kill(process.pid, "SIGKILL");
};
