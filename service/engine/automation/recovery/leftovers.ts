/**
 * What an earlier run left of itself: processes that still live, and locks. Looked for before anything is done to a stack,
 * and when a run came to no end of its own.
 */
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "../../connection.ts";
import { endSession, signalSession, stateOfSession, type SessionIdentity } from "../process/process-session.ts";

/** A CLI process that was begun and not seen to be gone. */
export interface LeftProcess extends SessionIdentity {
  id: string;
  fence: number;
  operationId: string;
  kind: string;
  workDirectory: string;
  startedAt: Date;
}

/** A process of an earlier run that cannot be looked at from here, so nobody knows whether it lives. */
export class ProcessElsewhereError extends Error {
  constructor(stack: string, { host, pid, startedAt }: LeftProcess) {
    super(
      `An earlier run on ${stack} is process ${pid} on ${host}, begun ${startedAt.toISOString()}, and this is another machine or container: nobody here can tell whether it has ended. A worker there clears it up; if that machine is gone for good, see docs/recovery.md.`,
    );
    this.name = "ProcessElsewhereError";
  }
}

const leftQuery = `
  select id, fence::float8 as fence, operation_id as "operationId", kind, host, boot_id as "bootId", pid,
    start_time as "startTime", session, work_directory as "workDirectory", started_at as "startedAt"
  from automation.processes where stack = $1 and fence <= $2 and ended_at is null order by started_at`;

const endedQuery = "update automation.processes set ended_at = $2 where id = $1";

export interface EndingLeftProcesses {
  connection: Connection;
  stack: string;
  /** Runs with a fence up to this one are over: theirs, and nobody else's, are ended. */
  upToFence: number;
  now: () => Date;
  /** How long a process that still lives may take to end its running steps, before it is killed. */
  graceMilliseconds: number;
  /** Aborting kills at once. */
  hurry?: AbortSignal;
}

const lookAgainMilliseconds = 25;

/** Lets running steps end, for so long; then everything is killed. Resolves when nothing is left. */
async function retire(process: SessionIdentity, graceMilliseconds: number, hurry?: AbortSignal): Promise<void> {
  const end = performance.now() + graceMilliseconds;
  const mayWait = (): boolean => performance.now() < end && hurry?.aborted !== true;
  if (mayWait()) await signalSession(process, "SIGINT");
  while (mayWait() && (await stateOfSession(process)) === "alive") await delay(lookAgainMilliseconds);
  await endSession(process);
}

/**
 * Ends what earlier runs left running, and notes that it is gone. Gives the runs that were found.
 *
 * @throws ProcessElsewhereError when one of them is not of this place; SessionAliveError when one cannot be ended
 */
export async function endLeftProcesses({
  connection,
  stack,
  upToFence,
  now,
  graceMilliseconds,
  hurry,
}: EndingLeftProcesses): Promise<LeftProcess[]> {
  const { rows } = await connection.query<LeftProcess>(leftQuery, [stack, upToFence]);
  for (const left of rows) {
    if ((await stateOfSession(left)) === "unknown") throw new ProcessElsewhereError(stack, left);
    await retire(left, graceMilliseconds, hurry);
    await rm(left.workDirectory, { recursive: true, force: true });
    await connection.query(endedQuery, [left.id, now()]);
  }
  return rows;
}

/**
 * When the last operation of a stack that may write began, in the first of its runs; `null` when none is known of. Later runs of
 * it may only have looked at what the first one left.
 */
export async function lastWritingOperation(connection: Connection, stack: string): Promise<Date | null> {
  const { rows } = await connection.query<{ startedAt: Date | null }>(
    `select min(started_at) as "startedAt" from automation.processes
     where stack = $1 and operation_id = (
       select operation_id from automation.processes where stack = $1 and kind in ('up', 'destroy')
       order by started_at desc limit 1)`,
    [stack],
  );
  return rows[0]?.startedAt ?? null;
}
