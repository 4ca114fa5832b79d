/**
 * Where PostgreSQL finds its programs and keeps its files. As root it runs as another user, who cannot enter a directory such as
 * `/root`: what lies there is then placed where that user can, so that a checkout in root's home works like any other.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { PostgresPrograms, PostgresUser } from "./postgres-binaries.ts";

/** Where a system service keeps its state (Filesystem Hierarchy Standard, /var/lib); root can always write there. */
const systemDirectory = "/var/lib/gatehouse";

const mayEnter = (user: Required<PostgresUser>, directory: string): boolean => {
  const { mode, uid, gid } = statSync(directory);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
};

/** Whether the user can enter every directory above a path; those that do not exist yet will be made by us. */
export function canReach(user: PostgresUser, path: string): boolean {
  const { uid, gid } = user;
  if (uid === undefined || gid === undefined) return true;
  const parent = dirname(resolve(path));
  const enters = !existsSync(parent) || mayEnter({ uid, gid }, parent);
  return enters && (parent === dirname(parent) || canReach(user, parent));
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/**
 * The directory itself, or one below `base` where the user cannot reach it. A file beside the directory's place says which:
 * who removes the data directory starts anew.
 */
export function reachableDirectory(user: PostgresUser, directory: string, base = systemDirectory): string {
  const { uid, gid } = user;
  if (uid === undefined || gid === undefined || canReach(user, directory)) return directory;
  const pointer = `${directory}.elsewhere`;
  if (existsSync(pointer)) return readFileSync(pointer, "utf8").trim();
  const own = mkdtempSync(join(openDirectory(base), "data-"));
  chownSync(own, uid, gid);
  const elsewhere = join(own, "postgres");
  writeFileSync(pointer, `${elsewhere}\n`, { mode: 0o600 });
  return elsewhere;
}

/** The programs where they are, or a copy of them below `base`, made once for each build of them (60 MB). */
export function reachablePrograms(
  user: PostgresUser,
  programs: PostgresPrograms,
  base = systemDirectory,
): PostgresPrograms {
  if (canReach(user, programs.postgres)) return programs;
  const from = dirname(dirname(programs.postgres));
  const { size, mtimeMs } = statSync(programs.postgres);
  const to = join(openDirectory(base), `postgresql-${shortHash(`${from} ${size} ${mtimeMs}`)}`);
  if (!existsSync(to)) {
    // Made beside and moved whole: a copy that was cut short is never taken for one.
    const unfinished = `${to}.${process.pid}`;
    cpSync(from, unfinished, { recursive: true, verbatimSymlinks: true });
    if (existsSync(to)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, to);
  }
  const moved = (program: string): string => join(to, relative(from, program));
  return { initdb: moved(programs.initdb), postgres: moved(programs.postgres) };
}

function openDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  return directory;
}
