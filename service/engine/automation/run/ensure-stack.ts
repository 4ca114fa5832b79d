/** The stack in the backend, made at its first run: the one CLI process beside those of the runs themselves. */
import type { StackSettings } from "@pulumi/pulumi/automation/index.js";
import type pg from "pg";
import type { Run, RunResult } from "../../engine.ts";
import { secretsOf } from "../process/cli-environment.ts";
import { CliError } from "../process/cli-command.ts";
import { problemOfCli } from "../failures/failures.ts";
import { idleResult } from "./run-result.ts";
import { openRunWorkspace, type AutomationOptions } from "./run-workspace.ts";
import { findStackRecord, keepNewStack, type StackRecord } from "./stack-record.ts";

/** What a checkpoint says of its own secrets: enough for the settings of a stack whose own were lost. */
interface CheckpointSecrets {
  secrets_providers?: { type?: string; state?: { salt?: string; url?: string; encryptedkey?: string } };
}

const settingsOf = ({ secrets_providers: provider }: CheckpointSecrets): StackSettings => {
  const { salt, url, encryptedkey } = provider?.state ?? {};
  if (salt !== undefined) return { encryptionSalt: salt };
  if (url !== undefined && encryptedkey !== undefined) return { secretsProvider: url, encryptedKey: encryptedkey };
  return {};
};

/** Makes the stack, or takes the settings of one that the backend has already from its checkpoint. */
async function makeStack(options: AutomationOptions, run: Run, signal: AbortSignal): Promise<StackSettings> {
  const { workspace, close } = await openRunWorkspace(options, run, { record: null, signal });
  try {
    await workspace.createStack(run.stack);
    return await workspace.stackSettings(run.stack);
  } catch (error) {
    if (!(error instanceof CliError) || !/already exists/.test(error.end.stderr)) throw error;
    const exported: { deployment: CheckpointSecrets | null } = await workspace.exportStack(run.stack);
    return settingsOf(exported.deployment ?? {});
  } finally {
    await close();
  }
}

/** Does the work while no other process does it for this stack. */
async function oneAtATime(pool: pg.Pool, stack: string, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  const name = [`automation stack ${stack}`];
  try {
    await client.query("select pg_advisory_lock(hashtext($1))", name);
    await work();
    await client.query("select pg_advisory_unlock(hashtext($1))", name);
    client.release();
  } catch (error) {
    // The lock goes with the session.
    client.release(true);
    throw error;
  }
}

/**
 * What is kept of the stack; makes it first where the backend was never asked to. Two runs that come first at once make it
 * once, with one salt.
 *
 * @returns a result when it could not be made
 */
export async function ensureStack(
  options: AutomationOptions,
  run: Run,
  signal: AbortSignal,
): Promise<StackRecord | RunResult> {
  const { connection, settings } = options;
  const known = await findStackRecord(connection, run.stack);
  if (known !== null) return known;
  try {
    await oneAtATime(connection, run.stack, async () => {
      if ((await findStackRecord(connection, run.stack)) === null)
        await keepNewStack(connection, run.stack, await makeStack(options, run, signal));
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const problem = problemOfCli(error.end, { signaled: signal.aborted, secrets: secretsOf(settings) });
    return idleResult(problem, { resources: [], outputs: {} });
  }
  const made = await findStackRecord(connection, run.stack);
  if (made === null) throw new Error(`What was made of ${run.stack} was not kept.`);
  return made;
}
