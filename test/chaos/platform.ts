/**
 * The service with its database as somebody runs it: real processes, started again when they die. `together` is one process
 * with the embedded database; `apart` is an API, a worker, and a PostgreSQL of their own.
 */
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { makePrivateDirectory } from "../../service/db/postgres-server.ts";
import { environmentOf, type Fault, type Victim } from "./faults.ts";
import { keepDatabase } from "./kept-database.ts";
import { orphansOf, runnersOf, signalTo, startService, type ServiceProcess } from "./service-process.ts";

export type Topology = "together" | "apart";

export interface Platform {
  topology: Topology;
  adminKey: string;
  /** What the processes wrote. */
  logFile: string;
  /** Where the API listens now; waits while it is being started. */
  url(): Promise<string>;
  /** Starts every process again, with the first of these faults armed; the next follows when it has struck. */
  arm(faults: Fault[]): Promise<void>;
  /** How many of the armed faults have struck. */
  struck(): number;
  /** Kills somebody at once; false when there was nobody. */
  kill(victim: Victim, which: number): boolean;
  /** Process ids of runner children whose service is gone. */
  orphans(): number[];
  /** A connection to the database, for looking at it from outside. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

const adminKey = "gh_chaos-admin-key-of-more-than-thirty-two-characters";
const restartMilliseconds = 50;
const startLimitMilliseconds = 60_000;
/** What the processes of each topology do. */
const rolesOf: Record<Topology, readonly string[]> = { together: ["api,worker"], apart: ["api", "worker"] };

/** A lease short enough that another attempt begins within seconds, and an engine with one child: processes die often here. */
const settings = {
  PORT: "0",
  GATEHOUSE_ADMIN_KEY: adminKey,
  GATEHOUSE_WORKERS: "1",
  GATEHOUSE_LEASE_SECONDS: "3",
  GATEHOUSE_DRAIN_SECONDS: "5",
  GATEHOUSE_REQUIRED_APPROVALS: "0",
  LOG_LEVEL: "info",
};

export async function startPlatform(topology: Topology, environment: Record<string, string> = {}): Promise<Platform> {
  const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-chaos-")));
  const logFile = `${directory}.log`;
  const pidFile = join(directory, "postgres", "postmaster.pid");
  const running = new Map<string, ServiceProcess>();
  const life = { closing: false, plan: [] as Fault[], generation: 0 };
  const database = topology === "apart" ? await keepDatabase(directory) : null;

  const onceFile = (index: number): string => join(directory, `struck-${life.generation}-${index}`);
  const struck = (): number => life.plan.filter((_fault, index) => existsSync(onceFile(index))).length;
  const environmentNow = (roles: string): Record<string, string> => {
    const next = life.plan[struck()];
    return {
      ...settings,
      ...environment,
      GATEHOUSE_DATA_DIR: directory,
      GATEHOUSE_ROLES: roles,
      ...(database === null ? {} : { DATABASE_URL: database.url() }),
      ...(next === undefined ? {} : environmentOf(next, onceFile(struck()), pidFile)),
    };
  };
  const keep = async (roles: string): Promise<void> => {
    while (!life.closing) {
      const process = startService(environmentNow(roles), logFile);
      running.set(roles, process);
      await process.gone;
      await delay(restartMilliseconds);
    }
  };
  const keepers = rolesOf[topology].map(keep);

  /** The process of these roles, once it is ready. */
  const ready = async (roles: string): Promise<string | null> => {
    for (const deadline = Date.now() + startLimitMilliseconds; Date.now() < deadline;) {
      const process = running.get(roles);
      // One that died while starting is started again: the next look finds its successor.
      const answer = await process?.ready.then(
        (url) => ({ url }),
        () => null,
      );
      if (answer != null && running.get(roles) === process) return answer.url;
      await delay(restartMilliseconds);
    }
    throw new Error(`the ${roles} process does not start: ${lastLines(logFile)}`);
  };
  const [apiRoles = ""] = rolesOf[topology];
  const allReady = async (): Promise<void> => {
    await Promise.all(rolesOf[topology].map(ready));
  };
  await allReady();

  return {
    topology,
    adminKey,
    logFile,
    struck,
    url: async () => (await ready(apiRoles)) ?? "",
    arm: async (faults) => {
      life.plan = faults;
      life.generation += 1;
      const before = [...running.values()];
      for (const { pid } of before) signalTo(pid, "SIGKILL");
      await Promise.all(before.map(({ gone }) => gone));
      await delay(2 * restartMilliseconds);
      await allReady();
    },
    kill: (victim, which) => {
      const services = [...running.values()].map(({ pid }) => pid);
      const candidates = {
        service: () => services,
        child: () => services.flatMap(runnersOf),
        database: () => pidIn(pidFile),
      };
      const pids = candidates[victim]();
      const pid = pids[which % Math.max(1, pids.length)];
      return pid !== undefined && signalTo(pid, "SIGKILL");
    },
    orphans: () =>
      orphansOf(
        directory,
        [...running.values()].map(({ pid }) => pid),
      ),
    connect: async () => {
      const client = new pg.Client({ connectionString: database?.url() ?? embeddedUrl(pidFile) });
      await client.connect();
      return client;
    },
    close: async () => {
      life.closing = true;
      // The embedded server ends with the service that stops in good order.
      for (const { pid } of running.values()) signalTo(pid, "SIGTERM");
      await Promise.all(keepers);
      await database?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-5).join(" | ") : "it wrote nothing";
}

function pidIn(file: string): number[] {
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : NaN;
  return Number.isNaN(pid) ? [] : [pid];
}

/** The socket's directory is on line 5 of the pid file (PostgreSQL manual, "Database File Layout"). */
const embeddedUrl = (pidFile: string): string =>
  `postgresql://gatehouse@localhost:5432/gatehouse?host=${encodeURIComponent(readFileSync(pidFile, "utf8").split("\n")[4] ?? "")}`;
