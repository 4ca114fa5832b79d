/**
 * The processes of this machine, as far as it takes to tell a session of ours from any other: on Linux from /proc (proc(5)),
 * elsewhere from `ps`, which knows of no sessions and no environments there.
 */
import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { hostname, platform } from "node:os";
import { promisify } from "node:util";
import { errorCode } from "../../../error-code.ts";
import { toolEnvironment } from "../../../tool-environment.ts";

const execute = promisify(execFile);

/** Set in everything that a session of ours runs; the value is its mark. */
export const markVariable = "GATEHOUSE_SESSION";

/** A process that runs or is stopped; one that is dead and not yet waited for is none. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** `null` where the system does not tell. */
  session: number | null;
  /** Clock ticks since the machine started (Linux), or a date. With the pid it names one process for ever. */
  startTime: string;
  /** Value of the mark in its environment; `null`: none, or not for us to read. */
  mark: string | null;
}

/** Which processes a pid speaks of: those of one host, since one start of it, in one pid namespace. */
export interface ProcessPlace {
  host: string;
  /** Linux: boot id and pid namespace, since containers of one machine count their pids apart; macOS: the time of the start. */
  bootId: string;
}

/** Errors of reading about a process that went away meanwhile, or is another user's. */
const unreadable: ReadonlySet<string | null> = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (unreadable.has(errorCode(error))) return null;
    throw error;
  }
};

/** Reads `/proc/<pid>/stat`. The command in parentheses may itself have spaces and parentheses. `null` for a dead process. */
export function parseStat(stat: string): Omit<ProcessEntry, "mark"> | null {
  const pid = Number.parseInt(stat, 10);
  const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = rest[15];
  if (startTime === undefined || state === "Z" || state === "X") return null;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), startTime };
}

/** The mark among variables as `/proc/<pid>/environ` lists them. */
export const markIn = (environment: string): string | null =>
  environment
    .split("\0")
    .find((each) => each.startsWith(`${markVariable}=`))
    ?.slice(markVariable.length + 1) ?? null;

async function entryFromProc(pid: number): Promise<ProcessEntry | null> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  const entry = stat === null ? null : parseStat(stat);
  if (entry === null) return null;
  const environment = await readIfThere(`/proc/${pid}/environ`);
  return { ...entry, mark: environment === null ? null : markIn(environment) };
}

/** Reads a line of `ps -o pid=,ppid=,pgid=,stat=,lstart=`. `null` for a dead process. */
export function parseListed(line: string): ProcessEntry | null {
  const [, pid, parent, group, state = "", startTime] =
    /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
  if (startTime === undefined || state.startsWith("Z")) return null;
  return { pid: Number(pid), parent: Number(parent), group: Number(group), session: null, startTime, mark: null };
}

const listColumns = "pid=,ppid=,pgid=,stat=,lstart=";

const listed = async (selection: readonly string[]): Promise<ProcessEntry[]> => {
  const { stdout } = await execute("ps", [...selection, "-o", listColumns], { env: toolEnvironment() });
  return stdout
    .split("\n")
    .map(parseListed)
    .filter((entry) => entry !== null);
};

const isLinux = platform() === "linux";

/** All processes of this place. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  if (!isLinux) return listed(["-A"]);
  const names = await readdir("/proc");
  const entries = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((pid) => entryFromProc(Number(pid))),
  );
  return entries.filter((entry) => entry !== null);
}

/** One process; `null` when there is none (any more). */
export async function findProcess(pid: number): Promise<ProcessEntry | null> {
  if (isLinux) return entryFromProc(pid);
  return (await listed(["-A"])).find((entry) => entry.pid === pid) ?? null;
}

async function readBootId(): Promise<string> {
  if (!isLinux) return (await execute("sysctl", ["-n", "kern.boottime"], { env: toolEnvironment() })).stdout.trim();
  const [bootId, namespace] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    readlink("/proc/self/ns/pid"),
  ]);
  return `${bootId.trim()} ${namespace}`;
}

let bootId: Promise<string> | null = null;

/** Where this process is. */
export const processPlace = async (): Promise<ProcessPlace> => {
  bootId ??= readBootId();
  return { host: hostname(), bootId: await bootId };
};
