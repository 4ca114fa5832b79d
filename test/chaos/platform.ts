/**
 * The service with its database as somebody runs it: real processes, started again when they die. `together` is one process
 * with the embedded database; `apart` is an API, a worker, and a PostgreSQL of their own; `many` several of each.
 */
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { isDatabaseUnavailable } from "../../service/database-unavailable.ts";
import { makePrivateDirectory } from "../../service/db/postgres-server.ts";
import { environmentOf, type ChaosEngine, type Fault, type SuddenVictim } from "./faults.ts";
import { keepDatabase, type KeptDatabase } from "./kept-database.ts";
import { keepService, type KeptService } from "./kept-service.ts";
import { orphansOf, pulumiProcessesOf, runnersOf, signalTo } from "./service-process.ts";

const lookLimitMilliseconds = 60_000;
const lookAgainMilliseconds = 100;

export type Topology = "together" | "apart" | "many";

export interface Platform {
  topology: Topology;
  engine: ChaosEngine;
  adminKey: string;
  /** What the processes wrote. */
  logFile: string;
  /** Where the API listens now; waits while it is being started. */
  url(): Promise<string>;
  /** Adds faults that are to strike, one after the other: each process starts with the first that has not struck yet. */
  plan(faults: Fault[]): void;
  /** Those that have struck. */
  struck(): Fault[];
  /** Those that are still to strike. */
  toStrike(): Fault[];
  /** Sees to it that the next fault is armed: what was started with one that has struck is killed and starts again. */
  arm(): Promise<void>;
  /** Kills somebody at once; false when there was nobody. */
  kill(victim: SuddenVictim, which: number): boolean;
  /** How often a process of the service ended by itself. */
  crashes(): number;
  /** Process ids of runner children whose service is gone. */
  orphans(): number[];
  /** Of the Pulumi CLI and its plugins; none while nothing runs. */
  pulumi(): number[];
  /** Looks at the database from outside; again from the start where that is killed meanwhile, so `ask` changes nothing. */
  look<Seen>(ask: (client: pg.Client) => Promise<Seen>): Promise<Seen>;
  close(): Promise<void>;
}

const adminKey = "gh_chaos-admin-key-of-more-than-thirty-two-characters";
/** What the processes of each topology do. */
const rolesOf: Record<Topology, readonly string[]> = {
  together: ["api,worker"],
  apart: ["api", "worker"],
  many: ["api", "api", "api", "worker", "worker", "worker", "worker"],
};

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

/** With services apart, Pulumi's state is in a database of their server; together it is in files. */
const engineSettings = (engine: ChaosEngine, database: KeptDatabase | null): Record<string, string> => ({
  GATEHOUSE_ENGINE: engine,
  ...(engine === "sandbox" || database === null
    ? {}
    : { PULUMI_BACKEND_URL: database.stateUrl(), PULUMI_CONFIG_PASSPHRASE: "passphrase-of-the-chaos" }),
});

export async function startPlatform(
  topology: Topology,
  { engine = "sandbox" }: { engine?: ChaosEngine } = {},
): Promise<Platform> {
  const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-chaos-")));
  const logFile = `${directory}.log`;
  const pidFile = join(directory, "postgres", "postmaster.pid");
  const life = { plan: [] as Fault[], calls: 0 };
  /** Index of the fault that the youngest process of each role was started with. */
  const armedWith = new Map<string, number>();
  const database = topology === "together" ? null : await keepDatabase(directory);

  const onceFile = (index: number): string => join(directory, `struck-${index}`);
  const struck = (): number => life.plan.filter((_fault, index) => existsSync(onceFile(index))).length;
  const environmentNow = (roles: string): Record<string, string> => {
    const index = struck();
    const next = life.plan[index];
    armedWith.set(roles, next === undefined ? -1 : index);
    return {
      ...settings,
      ...engineSettings(engine, database),
      GATEHOUSE_DATA_DIR: directory,
      ...(database === null ? {} : { DATABASE_URL: database.url() }),
      ...(next === undefined ? {} : environmentOf(next, onceFile(index), pidFile)),
    };
  };
  const services: KeptService[] = [];
  for (const roles of rolesOf[topology]) {
    services.push(keepService(roles, () => environmentNow(roles), logFile));
    // The first one migrates the database; the others find it done.
    if (services.length === 1) await services[0]?.ready();
  }
  const doors = services.filter(({ roles }) => roles.includes("api"));
  const pids = (): number[] => services.map(({ pid }) => pid());
  const allReady = () => Promise.all(services.map(({ ready }) => ready()));
  await allReady();

  return {
    topology,
    engine,
    adminKey,
    logFile,
    plan: (faults) => void life.plan.push(...faults),
    struck: () => life.plan.slice(0, struck()),
    toStrike: () => life.plan.slice(struck()),
    url: async () => {
      life.calls += 1;
      return (await doors[life.calls % doors.length]?.ready()) ?? "";
    },
    arm: async () => {
      const next = struck();
      if (next < life.plan.length)
        await Promise.all(
          services.filter(({ roles }) => armedWith.get(roles) !== next).map(({ startAgain }) => startAgain()),
        );
      await allReady();
    },
    kill: (victim, which) => {
      const candidates = {
        service: pids,
        child: () => pids().flatMap(runnersOf),
        database: () => pidIn(pidFile),
        cli: () => pulumiProcessesOf(directory),
      };
      const found = candidates[victim]();
      const pid = found[which % Math.max(1, found.length)];
      return pid !== undefined && signalTo(pid, "SIGKILL");
    },
    crashes: () => services.reduce((sum, { crashes }) => sum + crashes(), 0),
    orphans: () => orphansOf(directory, pids()),
    pulumi: () => pulumiProcessesOf(directory),
    look: async (ask) => {
      for (const deadline = Date.now() + lookLimitMilliseconds; ;) {
        try {
          return await lookOnce(database?.url() ?? embeddedUrl(pidFile), ask);
        } catch (error) {
          if (!isDatabaseUnavailable(error) || Date.now() > deadline) throw error;
          await delay(lookAgainMilliseconds);
        }
      }
    },
    close: async () => {
      // The embedded server ends with the service that stops in good order.
      await Promise.all(services.map(({ stop }) => stop()));
      await database?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function pidIn(file: string): number[] {
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : NaN;
  return Number.isNaN(pid) ? [] : [pid];
}

async function lookOnce<Seen>(connectionString: string, ask: (client: pg.Client) => Promise<Seen>): Promise<Seen> {
  const client = new pg.Client({ connectionString });
  // A database that is killed while nothing is asked: the next query tells.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

/** The socket's directory is on line 5 of the pid file (PostgreSQL manual, "Database File Layout"). */
const embeddedUrl = (pidFile: string): string =>
  `postgresql://gatehouse@localhost:5432/gatehouse?host=${encodeURIComponent(readFileSync(pidFile, "utf8").split("\n")[4] ?? "")}`;
