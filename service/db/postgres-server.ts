/** One PostgreSQL server of our own in a directory: made, started, taken up again, stopped. It listens on a unix socket only. */
import { errorCode } from "../error-code.ts";
import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { toolEnvironment } from "../tool-environment.ts";
import { reachableDirectory, reachablePrograms } from "./postgres-places.ts";
import { DatabaseStartError, postgresPrograms, postgresUser, type PostgresUser } from "./postgres-binaries.ts";

export interface PostgresServerOptions {
  /** Holds the cluster; made on the first start. */
  directory: string;
  /** Where the server writes its messages; the one of the start before is kept beside it with `.1`. */
  logFile: string;
  /** Further server settings, such as `fsync: "off"`. */
  settings?: Record<string, string>;
  /** Directory of the socket, where it has to be a certain one: that of the server whose place this one takes. */
  socketDirectory?: string;
  /** Whether the server lives on when this process is interrupted or killed (the default), or hears the terminal's Ctrl-C too. */
  outlives?: boolean;
}

export interface PostgresServer {
  /** Connection string for a database of this server. */
  url: (database: string) => string;
  /** Process id of the server. */
  pid: number;
  /** Whether the server ran already, left behind by a service that was killed. */
  takenUp: boolean;
  socketDirectory: string;
  /** Whether its process is still there. */
  isAlive: () => boolean;
  /** Ends sessions and stops the server (PostgreSQL's fast shutdown); resolves when it is gone. */
  stop: () => Promise<void>;
}

/** Role that owns everything. The socket's directory is closed to other users, so there is no password. */
const owner = "gatehouse";
const socketPort = 5432;
/** `sun_path` of a unix socket holds 107 bytes on Linux and 103 on macOS. */
const longestSocketPath = 103;
const startLimitMilliseconds = 60_000;
const stopLimitMilliseconds = 60_000;
const pollMilliseconds = 20;

const connectionString = (socketDirectory: string, database: string): string =>
  `postgresql://${owner}@localhost:${socketPort}/${database}?host=${encodeURIComponent(socketDirectory)}`;

/** What PostgreSQL writes to `postmaster.pid` (manual, "Database File Layout"): pid, …, socket directory on line 5, status on line 8. */
function readPidFile(directory: string): { pid: number; socketDirectory: string; ready: boolean } | null {
  let text: string;
  try {
    text = readFileSync(join(directory, "postmaster.pid"), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (Number.isNaN(pid)) return null;
  return { pid, socketDirectory: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return errorCode(error) === "EPERM";
  }
}

/** Whether a process is there and no zombie: nobody may reap the one of a server that outlived its service. */
function runs(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/^\d+ \(.*\) Z/s.test(readFileSync(status, "utf8"));
}

/** Whether a server answers on this socket. */
async function answers(socketDirectory: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: connectionString(socketDirectory, "postgres"),
    connectionTimeoutMillis: 5_000,
  });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    // Not an error here: a pid file without a server is what a machine that lost power leaves behind.
    return false;
  }
}

/** The tail of the server's messages: what a person needs when it does not start. */
function lastMessages(logFile: string): string {
  return existsSync(logFile) ? readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join(" | ") : "no messages";
}

function ownedBy(user: PostgresUser, directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  return directory;
}

/**
 * Makes a directory that nobody else can look into, and that PostgreSQL can work below: as root it belongs to the user
 * that the server runs as (root reaches it anyway).
 */
export const makePrivateDirectory = (directory: string): string => ownedBy(postgresUser(), directory);

/** Makes the cluster beside its place and moves it there whole, so that a start killed half-way leaves none that looks finished. */
async function makeCluster(directory: string, user: PostgresUser, logFile: string): Promise<void> {
  const { initdb } = reachablePrograms(user, await postgresPrograms());
  const unfinished = `${directory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  ownedBy(user, unfinished);
  const log = openSync(logFile, "w", 0o600);
  const arguments_ = [
    `--pgdata=${unfinished}`,
    `--username=${owner}`,
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    // The same order of text on every machine.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(initdb, arguments_, { ...user, stdio: ["ignore", log, log], env: toolEnvironment() });
      child.once("error", reject);
      child.once("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`initdb ended with ${code ?? "a signal"}`));
      });
    });
  } catch (error) {
    throw new DatabaseStartError(
      `PostgreSQL could not make its files in ${directory} (${lastMessages(logFile)}). ` +
        (user.uid === undefined
          ? "Is the directory writable?"
          : "As root it runs as user `postgres`, who must be able to write there: choose another directory, start as an ordinary user, or name a server with DATABASE_URL."),
      { cause: error },
    );
  } finally {
    closeSync(log);
  }
  await rename(unfinished, directory);
}

/** A directory for the socket: beside the cluster, or a fresh one in the temporary directory where the path would be too long. */
async function socketDirectoryFor(
  directory: string,
  user: PostgresUser,
): Promise<{ path: string; temporary: boolean }> {
  const beside = join(dirname(directory), "socket");
  const path = join(beside, `.s.PGSQL.${socketPort}`);
  if (Buffer.byteLength(path) <= longestSocketPath) return { path: ownedBy(user, beside), temporary: false };
  return { path: ownedBy(user, await mkdtemp(join(tmpdir(), "gatehouse-"))), temporary: true };
}

/** Waits until `condition` gives something, looking again every few milliseconds; null after the limit. */
async function until<Found>(condition: () => Found | null, limitMilliseconds: number): Promise<Found | null> {
  for (let waited = 0; waited < limitMilliseconds; waited += pollMilliseconds) {
    const found = condition();
    if (found !== null) return found;
    await delay(pollMilliseconds);
  }
  return null;
}

async function stopServer(directory: string, pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, "SIGINT");
  // The server removes its pid file last. Its process may stay visible as a zombie when whoever adopted it does not reap.
  const gone = () => (readPidFile(directory)?.pid === pid && isAlive(pid) ? null : true);
  if ((await until(gone, stopLimitMilliseconds)) === null) {
    throw new DatabaseStartError(`PostgreSQL (process ${pid}) did not stop within ${stopLimitMilliseconds / 1000} s.`);
  }
}

const serverFlags = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

async function launch(options: PostgresServerOptions, user: PostgresUser): Promise<PostgresServer> {
  const { directory, logFile } = options;
  const { postgres } = reachablePrograms(user, await postgresPrograms());
  const socket =
    options.socketDirectory === undefined
      ? await socketDirectoryFor(directory, user)
      : { path: options.socketDirectory, temporary: dirname(options.socketDirectory) === tmpdir() };
  const flags = serverFlags({
    listen_addresses: "",
    port: String(socketPort),
    unix_socket_directories: socket.path,
    unix_socket_permissions: "0700",
    max_connections: "100",
    // One small service on one machine: nothing to replicate.
    wal_level: "minimal",
    max_wal_senders: "0",
    ...options.settings,
  });
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, "w", 0o600);
  // A process group of its own: Ctrl-C in a terminal reaches the whole group, and the database must outlive the draining.
  // Messages go to a file, since a pipe would break when the service is killed, and the server lives on then.
  const child = spawn(postgres, ["-D", directory, ...flags], {
    ...user,
    detached: options.outlives ?? true,
    stdio: ["ignore", log, log],
    env: toolEnvironment(),
  });
  const end: { reason: string | null } = { reason: null };
  child.once("error", (error) => (end.reason = error.message));
  child.once("exit", (code, signal) => (end.reason = `it ended with ${code ?? signal ?? "no code"}`));
  child.unref();
  closeSync(log);
  const started = await until(() => {
    if (end.reason !== null) return "failed";
    const pidFile = readPidFile(directory);
    return pidFile?.ready === true && pidFile.pid === child.pid ? "ready" : null;
  }, startLimitMilliseconds);
  if (started !== "ready" || child.pid === undefined) {
    child.kill("SIGKILL");
    throw new DatabaseStartError(
      `PostgreSQL did not start in ${directory}: ${end.reason ?? "it was not ready in time"} (${lastMessages(logFile)}).`,
    );
  }
  const pid = child.pid;
  return {
    pid,
    takenUp: false,
    socketDirectory: socket.path,
    isAlive: () => runs(pid),
    url: (database) => connectionString(socket.path, database),
    stop: async () => {
      await stopServer(directory, pid);
      if (socket.temporary) await rm(socket.path, { recursive: true, force: true });
    },
  };
}

/**
 * Starts the server of a directory; on the first start its files are made (about a second). One that outlived the service
 * that started it is taken up as it is. The caller sees to it that only one service works on a directory.
 *
 * @throws DatabaseStartError
 */
export async function startPostgresServer(options: PostgresServerOptions): Promise<PostgresServer> {
  const { logFile } = options;
  const user = postgresUser();
  const directory = reachableDirectory(user, options.directory);
  if (!existsSync(directory)) await makeCluster(directory, user, logFile);
  const left = readPidFile(directory);
  if (left !== null && isAlive(left.pid)) {
    const running = await until(() => {
      const now = readPidFile(directory);
      return now === null || now.ready || !isAlive(now.pid) ? { now } : null;
    }, startLimitMilliseconds);
    const found = running === null ? null : running.now;
    if (found?.ready === true && (await answers(found.socketDirectory))) {
      return {
        pid: found.pid,
        takenUp: true,
        socketDirectory: found.socketDirectory,
        isAlive: () => runs(found.pid),
        url: (database) => connectionString(found.socketDirectory, database),
        stop: () => stopServer(directory, found.pid),
      };
    }
  }
  return launch({ ...options, directory }, user);
}
