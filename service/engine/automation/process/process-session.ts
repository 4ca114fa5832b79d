/**
 * A command in a session of its own: known durably before it runs, recognised for certain later, and ended whole.
 *
 * The Pulumi CLI gives each plugin a process group of its own, so a kill by group misses them; all of them stay in the CLI's
 * session (setsid(2)), and carry its environment. A pid alone proves nothing, since systems use them again: with the time of
 * its start it names one process, and with the start of the machine one for ever.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../../../error-code.ts";
import {
  findProcess,
  listProcesses,
  markVariable,
  processPlace,
  type ProcessEntry,
  type ProcessPlace,
} from "./process-table.ts";

/** Names a session for ever: its first process and where that ran. Plain JSON. */
export interface SessionIdentity extends ProcessPlace {
  pid: number;
  /** Of that process, in the system's own terms; compared only. */
  startTime: string;
  /** Session id: equal to `pid`, since the process leads it. */
  session: number;
}

interface SessionCommand {
  /** Path of the executable. */
  command: string;
  arguments: readonly string[];
  directory: string;
  /** All of it: nothing is inherited beside. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Files for the output (made with mode 0600 where there is none): it outlives whoever started the command. */
  stdout: string;
  stderr: string;
}

interface SessionEnd {
  /** `null` when it was ended by a signal. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A command that runs in a session of its own. */
export interface ProcessSession {
  identity: SessionIdentity;
  /** Resolves when the command itself has ended; what it started may live on (`endSession`). */
  ended: Promise<SessionEnd>;
  /** Signals the command, and nothing that it started. False when it has ended. */
  signal(signal: NodeJS.Signals): boolean;
}

/** A session that did not end although all of it was killed: a process that hangs in the kernel, or is another user's. */
export class SessionAliveError extends Error {
  constructor(pids: readonly number[]) {
    super(`Processes ${pids.join(", ")} were killed and are still there. End them by hand.`);
    this.name = "SessionAliveError";
  }
}

const markOf = ({ pid, startTime }: Pick<SessionIdentity, "pid" | "startTime">): string =>
  `${pid}:${startTime.replaceAll(/\s+/g, "_")}`;

/**
 * Waits for its mark and becomes the command, keeping its pid. When whoever started it goes away first, it reads the end of
 * its input and ends, having run nothing. What the command writes is for this user only: Pulumi's own logs would be for everybody.
 */
const gateScript = `umask 077 && IFS= read -r ${markVariable} && export ${markVariable} && exec "$@" </dev/null`;

/**
 * Starts a command in a session of its own. It runs only when `record` has kept its identity; if that fails, nothing ran.
 *
 * @throws Error when it cannot be started or recorded
 */
export async function startSession(
  { command, arguments: given, directory, environment, stdout, stderr }: SessionCommand,
  record: (identity: SessionIdentity) => Promise<void>,
): Promise<ProcessSession> {
  const files = await Promise.all([open(stdout, "a", 0o600), open(stderr, "a", 0o600)]);
  const child = spawn("/bin/sh", ["-c", gateScript, "sh", command, ...given], {
    cwd: directory,
    env: environment,
    detached: true,
    stdio: ["pipe", ...files.map(({ fd }) => fd)],
  });
  const gate = child.stdin;
  if (gate === null) throw new Error("The gate has no input.");
  const ended = new Promise<SessionEnd>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  try {
    await once(child, "spawn");
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
  // A command that ends before it reads the mark breaks the pipe; its end tells.
  gate.on("error", () => undefined);
  try {
    const { pid = 0 } = child;
    const [entry, place] = await Promise.all([findProcess(pid), processPlace()]);
    if (entry === null) throw new Error(`${command} ended before it began.`);
    const identity = { host: place.host, bootId: place.bootId, pid, startTime: entry.startTime, session: pid };
    await record(identity);
    gate.end(`${markOf(identity)}\n`);
    return { identity, ended, signal: (signal) => child.exitCode === null && child.kill(signal) };
  } catch (error) {
    gate.destroy();
    await ended;
    throw error;
  }
}

/** Everything that is in a group with one of these or descends from one. */
function withKin(entries: readonly ProcessEntry[], of: readonly ProcessEntry[]): ProcessEntry[] {
  const pids = new Set(of.map(({ pid }) => pid));
  const groups = new Set(of.map(({ group }) => group));
  const kin = entries.filter(({ pid, parent, group }) => pids.has(pid) || pids.has(parent) || groups.has(group));
  return kin.length === of.length ? kin : withKin(entries, kin);
}

/**
 * Which processes are of a session. Whoever carries its mark, wherever it went; while its first process lives, also who shares
 * its session id, or, where the system tells no sessions, its kin. Once the first process is gone an id alone proves nothing.
 */
export function membersOf(
  entries: readonly ProcessEntry[],
  { pid, startTime, session }: Pick<SessionIdentity, "pid" | "startTime" | "session">,
): ProcessEntry[] {
  const mark = markOf({ pid, startTime });
  const leader = entries.find((entry) => entry.pid === pid && entry.startTime === startTime);
  const known = entries.filter(
    (entry) => entry === leader || entry.mark === mark || (leader !== undefined && entry.session === session),
  );
  return leader?.session === null ? withKin(entries, known) : known;
}

/** `unknown`: it ran where this process cannot look, on another host or in another container. */
type SessionState = "alive" | "ended" | "unknown";

const isHere = (identity: SessionIdentity, place: ProcessPlace): boolean =>
  identity.host === place.host && identity.bootId === place.bootId;

const bootOf = ({ bootId }: ProcessPlace): string => bootId.split(" pid:")[0] ?? bootId;

/** Whether anything of a session lives, proven by looking. A machine that was started anew has none of its old processes. */
export async function stateOfSession(identity: SessionIdentity): Promise<SessionState> {
  const place = await processPlace();
  if (identity.host !== place.host) return "unknown";
  if (bootOf(identity) !== bootOf(place)) return "ended";
  if (!isHere(identity, place)) return "unknown";
  return membersOf(await listProcesses(), identity).length > 0 ? "alive" : "ended";
}

/** Signals a process. One that went away meanwhile needs none. */
const sendIfThere = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
};

/** Signals the session's first process alone, if that still lives here. */
export async function signalSession(identity: SessionIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!isHere(identity, await processPlace())) return;
  const entry = await findProcess(identity.pid);
  if (entry?.startTime === identity.startTime) sendIfThere(identity.pid, signal);
}

const lookAgainMilliseconds = 10;
const usualEndMilliseconds = 5_000;

/**
 * Kills everything of a session, and resolves when a look finds nothing of it.
 *
 * @throws SessionAliveError when something is left after the limit
 * @throws Error when it is not of this place, so that nothing can be killed
 */
export async function endSession(
  identity: SessionIdentity,
  { limitMilliseconds = usualEndMilliseconds }: { limitMilliseconds?: number } = {},
): Promise<void> {
  const state = await stateOfSession(identity);
  if (state === "ended") return;
  if (state === "unknown")
    throw new Error(`Process ${identity.pid} ran on ${identity.host}; it cannot be ended from here.`);
  const end = performance.now() + limitMilliseconds;
  for (;;) {
    const members = membersOf(await listProcesses(), identity);
    if (members.length === 0) return;
    if (performance.now() > end) throw new SessionAliveError(members.map(({ pid }) => pid));
    // The first process first: the CLI must not learn that its plugin is gone, and drop its note of what is pending.
    const inOrder = members.toSorted(
      (left, right) => Number(right.pid === identity.pid) - Number(left.pid === identity.pid),
    );
    for (const { pid } of inOrder) sendIfThere(pid, "SIGKILL");
    await delay(lookAgainMilliseconds);
  }
}
