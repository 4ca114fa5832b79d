/** The data directory belongs to one service at a time. */
import { errorCode } from "../error-code.ts";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { z } from "zod";
import { toolEnvironment } from "../tool-environment.ts";
import { DatabaseStartError } from "./postgres-binaries.ts";
import { makePrivateDirectory } from "./postgres-server.ts";

interface DataDirectory {
  /** Absolute path. */
  path: string;
  /** Lets another service take it. */
  release: () => void;
}

const lockContent = z.object({ pid: z.int(), startedAt: z.string() });

/** Directories that this process holds: its own pid in a lock proves nothing about a second service inside it. */
const heldHere = new Set<string>();

/**
 * When a process started, as the system tells it; null when there is no such process. A pid alone would take another process,
 * that got the same number after a restart, for the one that wrote it.
 */
function startOf(pid: number): string | null {
  if (process.platform === "linux") {
    try {
      // Field 22 of /proc/[pid]/stat, counted after the name in parentheses, which may hold spaces (proc_pid_stat(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? null : `${boot} ${fields[18] ?? ""}`;
    } catch (error) {
      if (["ENOENT", "ESRCH"].includes(errorCode(error) ?? "")) return null;
      throw error;
    }
  }
  const answer = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: toolEnvironment() });
  return answer.status === 0 ? answer.stdout.trim() : null;
}

/** The pid of the living process that holds the lock; null when its holder is gone or the file says nothing. */
function holderOf(lockFile: string): number | null {
  let text: string;
  try {
    text = readFileSync(lockFile, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  const content = lockContent.safeParse(jsonIn(text));
  if (!content.success) return null;
  return startOf(content.data.pid) === content.data.startedAt ? content.data.pid : null;
}

/** `null` for what is no JSON: a lock is written whole or not at all, so a damaged one is nobody's. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Does the work, and says what of the directory it was that failed. */
function explained<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (errorCode(error) === null) throw error;
    throw new DatabaseStartError(
      `The data directory ${path} cannot be used (${String(error)}): GATEHOUSE_DATA_DIR must name a directory in which this user may write, or may make one.`,
    );
  }
}

/**
 * Makes the directory (mode 0700), for several services. Gives its absolute path.
 *
 * @throws DatabaseStartError when it cannot be made or used
 */
export function makeDataDirectory(given: string): string {
  const path = resolve(given);
  return explained(path, () => makePrivateDirectory(path));
}

/**
 * Makes the directory (mode 0700) and takes it.
 *
 * @throws DatabaseStartError when another service works on it, or it cannot be made or used
 */
export function takeDataDirectory(given: string): DataDirectory {
  const path = makeDataDirectory(given);
  return explained(path, () => take(path));
}

function take(path: string): DataDirectory {
  const lockFile = join(path, "service.lock");
  const refuse = (pid: number): never => {
    throw new DatabaseStartError(
      `Another Gatehouse (process ${pid}) works on ${path}: stop it, or give this one a GATEHOUSE_DATA_DIR of its own.`,
    );
  };
  if (heldHere.has(path)) refuse(process.pid);
  const holder = holderOf(lockFile);
  if (holder !== null && holder !== process.pid) refuse(holder);
  // What is left is a dead holder's.
  rmSync(lockFile, { force: true });
  const own = `${lockFile}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? "" }), { mode: 0o600 });
  try {
    // Whole or not at all, and only for one of two that start together.
    linkSync(own, lockFile);
  } catch (error) {
    if (errorCode(error) === "EEXIST") refuse(holderOf(lockFile) ?? 0);
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
  heldHere.add(path);
  return {
    path,
    release: () => {
      heldHere.delete(path);
      rmSync(lockFile, { force: true });
    },
  };
}
