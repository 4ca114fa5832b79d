/**
 * Places where a process can be made to die, so that tests can show what comes of it. Does nothing unless the process was
 * started with `GATEHOUSE_FAULT`; docs/recovery.md describes it. For tests only.
 *
 * - `GATEHOUSE_FAULT=<name>[:<nth>][:parent]`: at the nth time (1 by default) that this process comes to the place, it is
 *   killed with SIGKILL; with `:parent` the process that started it is, which for a runner child is the service.
 * - `GATEHOUSE_FAULT_ONCE=<file>`: of all processes that share the setting, only the first does; the file says that it did.
 * - `GATEHOUSE_FAULT_VICTIM=<file>`: killed is the process whose id the file's first line says, such as a database's
 *   `postmaster.pid`.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { errorCode } from "./error-code.ts";

/** Every place, in the order in which an operation comes by. */
export const faultPoints = [
  /** Stored together with its job, in a transaction that is not committed. */
  "operation-inserted",
  /** Committed; the caller was told nothing yet. */
  "operation-accepted",
  /** A worker holds it, and has done nothing with it. */
  "operation-claimed",
  /** What an apply claims for itself is written, and not committed. */
  "begin-written",
  /** It is committed, and the engine not called yet. */
  "begin-committed",
  /** In the runner child: it has its run, and the program has not begun. */
  "child-started",
  /** In the runner child, before the note that a resource is about to be written. */
  "pending-recording",
  /** In the runner child: noted, and the account not asked yet. */
  "pending-recorded",
  /** In the runner child: the account has done it, and what came of it is not recorded. */
  "resource-written",
  /** In the runner child: it is recorded. */
  "resource-recorded",
  /** In the runner child, before the result is sent. */
  "run-finished",
  /** In the service: the child's result has come. */
  "result-received",
  /** What the run means for the operation is known, and nothing of it written. */
  "result-computed",
  /** The operation that continues a preview is made, in the transaction that completes the preview. */
  "next-operation-made",
  /** The operation's end is committed; the queue does not know yet. */
  "result-stored",
] as const;

export type FaultPoint = (typeof faultPoints)[number];

interface Fault {
  name: FaultPoint;
  nth: number;
  parent: boolean;
}

const isFaultPoint = (name: string): name is FaultPoint => faultPoints.some((point) => point === name);

/**
 * Reads `GATEHOUSE_FAULT`; null when it is unset.
 *
 * @throws Error when it names no place: a test that kills nothing would prove nothing
 */
export function parseFault(text: string | undefined): Fault | null {
  if (text === undefined || text === "") return null;
  const [, name = "", nth = "1", parent] = /^([a-z-]+)(?::([1-9]\d*))?(:parent)?$/.exec(text) ?? [];
  if (!isFaultPoint(name))
    throw new Error(
      `GATEHOUSE_FAULT is ${text}: it must be <name>[:<nth>][:parent], with one of ${faultPoints.join(", ")}`,
    );
  return { name, nth: Number(nth), parent: parent !== undefined };
}

const fault = parseFault(process.env.GATEHOUSE_FAULT);
let seen = 0;

/** True for the first of all processes that share the file, and where there is none. */
function isFirst(file: string | undefined): boolean {
  if (file === undefined || file === "") return true;
  try {
    closeSync(openSync(file, "wx"));
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Whom the fault kills. */
function victimOf({ parent }: Fault): number {
  const file = process.env.GATEHOUSE_FAULT_VICTIM;
  if (file !== undefined && file !== "") return Number.parseInt(readFileSync(file, "utf8"), 10);
  return parent ? process.ppid : process.pid;
}

/** Marks a place. Nothing happens there unless this process was started to die at it. */
export function faultPoint(name: FaultPoint): void {
  if (fault?.name !== name) return;
  seen += 1;
  if (seen !== fault.nth || !isFirst(process.env.GATEHOUSE_FAULT_ONCE)) return;
  process.kill(victimOf(fault), "SIGKILL");
}
