/**
 * Locks that a run left on its stack. A self-managed backend keeps one file for each: who made it, and nothing that says
 * whether that one still lives (pkg/backend/diy/lock.go). Other than `pulumi cancel`, which deletes all of them and asks
 * nothing, a lock is broken here only when its owner is a run of ours that is proven dead.
 */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { failureClasses } from "../../../domain/failure-classes.ts";
import { ifAbsent } from "../../../error-code.ts";
import type { Connection } from "../../connection.ts";

/** Whoever holds a lock. */
interface LockOwner {
  pid: number;
  hostname: string;
  username: string;
  /** When the lock was made. */
  timestamp: Date;
}

interface StackLock extends LockOwner {
  /** Where it lies: a path, or a URL as the CLI shows it. */
  place: string;
}

const lockContent = z.object({
  pid: z.int(),
  hostname: z.string(),
  username: z.string(),
  timestamp: z.coerce.date(),
});

/** A lock whose file cannot be read: nobody knows whose it is. */
const unknownOwner = { pid: 0, hostname: "a host that it does not name", username: "somebody" };

/** Names whoever holds locks. */
export const ownersOf = (locks: readonly LockOwner[]): string =>
  locks
    .map(
      ({ hostname, pid, username, timestamp }) =>
        `${username} on ${hostname} (process ${pid}, since ${timestamp.toISOString()})`,
    )
    .join(" and ");

/** A lock somebody holds whom we cannot prove dead. */
export class LockHeldError extends Error {
  readonly locks: readonly StackLock[];
  constructor(stack: string, locks: readonly StackLock[]) {
    super(
      `${stack} is locked by ${ownersOf(locks)}, which is no run of this service that is known to have ended. ${failureClasses.lock_held.advice}`,
    );
    this.name = "LockHeldError";
    this.locks = locks;
  }
}

/** Directory of a `file://` backend; `null` for any other, whose files only the CLI reaches. */
export function fileBackend(backendUrl: string): string | null {
  const path = backendUrl.split("?")[0] ?? "";
  // Pulumi takes what follows for a path as it is, `file://~` and relative ones too; ours is absolute.
  return path.startsWith("file:///") ? join(fileURLToPath(path), ".pulumi") : null;
}

/** Directory of a stack's locks in a `file://` backend; `null` for any other. */
export function lockDirectory(backendUrl: string, project: string, stack: string): string | null {
  const backend = fileBackend(backendUrl);
  return backend === null ? null : join(backend, "locks", "organization", project, stack);
}

/** The locks in a directory of them. One that is unlocked meanwhile is none. */
export async function readLocks(directory: string): Promise<StackLock[]> {
  const names = await readdir(directory).catch(ifAbsent([]));
  const locks = names
    .filter((name) => name.endsWith(".json"))
    .map(async (name) => {
      const place = join(directory, name);
      const text = await readFile(place, "utf8").catch(ifAbsent(null));
      if (text === null) return [];
      const owner = ownerIn(text);
      if (owner !== null) return [{ place, ...owner }];
      const file = await stat(place).catch(ifAbsent(null));
      return file === null ? [] : [{ place, ...unknownOwner, timestamp: file.mtime }];
    });
  return (await Promise.all(locks)).flat();
}

/** `null` where the text is no lock: the CLI heeds it all the same. */
function ownerIn(text: string): LockOwner | null {
  try {
    return lockContent.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const lockLine =
  /^\s*(?<place>\S+): created by (?<username>.+)@(?<hostname>\S+) \(pid (?<pid>\d+)\) at (?<timestamp>\S+)$/gm;

/** The locks that the CLI names when it refuses a locked stack (`checkForLock`). Empty where it says nothing of a lock. */
export const locksIn = (text: string): StackLock[] =>
  [...text.matchAll(lockLine)].flatMap(({ groups = {} }) => {
    const { place = "", ...owner } = groups;
    const parsed = lockContent.safeParse({ ...owner, pid: Number(owner["pid"]) });
    return parsed.success ? [{ place, ...parsed.data }] : [];
  });

const deadOwnerQuery = `
  select 1 from automation.processes
  where stack = $1 and host = $2 and pid = $3 and ended_at is not null
    and started_at - interval '1 minute' <= $4 and $4 <= ended_at + interval '1 minute'`;

/** Whether the owner is a run of this stack of ours whose whole session was seen to be gone. */
async function isOurDead(connection: Connection, stack: string, lock: StackLock): Promise<boolean> {
  const { rows } = await connection.query(deadOwnerQuery, [stack, lock.hostname, lock.pid, lock.timestamp]);
  return rows.length > 0;
}

interface LockBreaking {
  connection: Connection;
  stack: string;
  locks: readonly StackLock[];
  /** Takes the locks away: these, or all of the stack where the backend lets no single one be named. */
  remove: (locks: readonly StackLock[]) => Promise<void>;
}

/**
 * Breaks the locks of runs of ours that are dead.
 *
 * @throws LockHeldError when one of them is anybody else's; then none is broken
 */
export async function breakDeadLocks({ connection, stack, locks, remove }: LockBreaking): Promise<void> {
  if (locks.length === 0) return;
  const dead = await Promise.all(locks.map((lock) => isOurDead(connection, stack, lock)));
  const others = locks.filter((_lock, index) => dead[index] !== true);
  if (others.length > 0) throw new LockHeldError(stack, others);
  await remove(locks);
}

/** For `file://`: each lock is a file, with another for its attributes (gocloud.dev/blob/fileblob). */
export const removeLockFiles = async (locks: readonly StackLock[]): Promise<void> => {
  const files = locks.flatMap(({ place }) => [place, `${place}.attrs`]);
  await Promise.all(files.map((file) => rm(file, { force: true })));
};
