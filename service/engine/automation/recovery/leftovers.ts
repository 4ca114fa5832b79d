/**
 * What an earlier run left of itself: processes that still live, and locks. Looked for before anything is done to a stack,
 * and when a run came to no end of its own.
 */
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "../../connection.ts";
import { endSession, signalSession, stateOfSession, type SessionIdentity } from "../process/process-session.ts";
import { leftProcesses, recordProcessEnd, type RecordedProcess } from "../process/run-records.ts";

/** A process of an earlier run that cannot be looked at from here, so nobody knows whether it lives. */
export class ProcessElsewhereError extends Error {
  constructor(stack: string, { host, pid, startedAt }: RecordedProcess) {
    super(
      `An earlier run on ${stack} is process ${pid} on ${host}, begun ${startedAt.toISOString()}, and this is another machine or container: nobody here can tell whether it has ended. A worker there clears it up; if that machine is gone for good, see docs/recovery.md.`,
    );
    this.name = "ProcessElsewhereError";
  }
}

/** Which processes are to be ended, and how fast. */
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
}: EndingLeftProcesses): Promise<RecordedProcess[]> {
  const found = await leftProcesses(connection, stack, upToFence);
  for (const left of found) {
    if ((await stateOfSession(left)) === "unknown") throw new ProcessElsewhereError(stack, left);
    await retire(left, graceMilliseconds, hurry);
    await rm(left.workDirectory, { recursive: true, force: true });
    await recordProcessEnd(connection, left.id, now());
  }
  return found;
}
