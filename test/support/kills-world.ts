/** The automation engine in a place of its own, for kills: it can be started in another process, and what it leaves is seen. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { createAutomationEngine, type AutomationEngineOptions } from "../../service/engine/automation/create.ts";
import { readLocks } from "../../service/engine/automation/recovery/leftovers-locks.ts";
import { stateOfSession, type SessionIdentity } from "../../service/engine/automation/process/process-session.ts";
import { startKeyService } from "./key-service.ts";
import { pulumiProject } from "../../service/domain/stacks.ts";
import type { Engine } from "../../service/engine/engine.ts";
import { scope, testPrograms } from "./engine.ts";
import { pulumiPostgresUrl } from "./pulumi-postgres-url.ts";

/** Where the stacks' state lies: in files, or in a PostgreSQL database of its own. */
export interface KillsBackend {
  /** As Pulumi names it. */
  url: string;
  /** Places of the locks that lie there now, of one stack. */
  locks(stack: string): Promise<string[]>;
  /** Lets somebody who is no run of ours hold a lock on a stack. */
  lock(stack: string): Promise<void>;
}

/** As the CLI writes one (pkg/backend/diy/lock.go). */
const foreignLock = JSON.stringify({
  pid: 1,
  username: "somebody",
  hostname: "elsewhere",
  timestamp: "2026-01-01T00:00:00Z",
});

/** What an engine is made with, as plain JSON for another process. */
export type KillsPlace = Omit<AutomationEngineOptions, "onTrouble" | "now">;

export interface KillsWorld {
  place: KillsPlace;
  /** Everything that is left of a stack's runs: locks, processes, work directories, doubts. Empty when all is well. */
  leftovers(stack: string): Promise<string[]>;
  /** Lets somebody who is no run of ours hold a lock on a stack. */
  lock(stack: string): Promise<void>;
  /** The CLI process of a stack that is noted as running and may write; `null` when there is none. */
  runningCli(stack: string): Promise<number | null>;
  close(): Promise<void>;
}

export const startEngine = (place: KillsPlace): Promise<Engine> =>
  createAutomationEngine({ ...place, onTrouble: () => undefined, now: () => new Date() });

const fileBackend = async (state: string): Promise<KillsBackend> => {
  await mkdir(state);
  const directoryOf = (stack: string): string => join(state, ".pulumi", "locks", "organization", pulumiProject, stack);
  return {
    url: `file://${state}`,
    locks: async (stack) => (await readLocks(directoryOf(stack))).map(({ place }) => place),
    lock: async (stack) => {
      await mkdir(directoryOf(stack), { recursive: true });
      await writeFile(join(directoryOf(stack), `${randomUUID()}.json`), foreignLock);
    },
  };
};

/** A database that the CLI keeps its state in (`pkg/backend/diy/postgres`: a row for each file of other backends). */
export const postgresBackend = (database: { url: string; pool: Pool }): KillsBackend => ({
  url: pulumiPostgresUrl(database.url),
  locks: async (stack) => {
    const query = "select key from pulumi_state where position($1 in key) > 0";
    const { rows } = await database.pool.query<{ key: string }>(query, [
      `.pulumi/locks/organization/${pulumiProject}/${stack}/`,
    ]);
    return rows.map(({ key }) => key);
  },
  lock: async (stack) => {
    const place = `.pulumi/locks/organization/${pulumiProject}/${stack}/${randomUUID()}.json`;
    // Keys begin with the database's name; content is Base64 in JSON.
    const query = "insert into pulumi_state (key, data, updated_at) values ($1, $2, now())";
    await database.pool.query(query, [
      `${new URL(database.url).pathname.slice(1)}/${place}`,
      { data: btoa(foreignLock) },
    ]);
  },
});

export async function startKillsWorld(
  { url, pool }: { url: string; pool: Pool },
  more: Partial<KillsPlace> = {},
  elsewhere: KillsBackend | null = null,
): Promise<KillsWorld> {
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-kills-"));
  const backend = elsewhere ?? (await fileBackend(join(directory, "state")));
  const keys = await startKeyService();
  const place: KillsPlace = {
    databaseUrl: url,
    children: 1,
    identityCenter: scope,
    digestKey: randomUUID(),
    backend: { ...keys.backend, url: backend.url },
    environment: keys.environment,
    directory,
    programs: testPrograms,
    // As AWS's own plugin lives and dies: with the CLI of its run.
    pluginPerRun: true,
    ...more,
  };
  return {
    place,
    lock: backend.lock,
    runningCli: async (stack) => {
      const { rows } = await pool.query<{ pid: number }>(
        "select pid from automation.processes where stack = $1 and ended_at is null and kind <> 'preview'",
        [stack],
      );
      return rows[0]?.pid ?? null;
    },
    leftovers: async (stack) => {
      const locks = await backend.locks(stack);
      const noted = await pool.query<SessionIdentity & { ended: boolean }>(
        `select pid, host, boot_id as "bootId", start_time as "startTime", session, ended_at is not null as ended
         from automation.processes where stack = $1`,
        [stack],
      );
      const states = await Promise.all(noted.rows.map(stateOfSession));
      const doubts = await pool.query<{ urn: string }>("select urn from automation.begun_writes where stack = $1", [
        stack,
      ]);
      return [
        ...locks.map((where) => `lock ${where}`),
        ...noted.rows.filter(({ ended }) => !ended).map(({ pid }) => `process ${pid} is not known to have ended`),
        ...noted.rows.filter((_row, index) => states[index] !== "ended").map(({ pid }) => `process ${pid} lives`),
        ...doubts.rows.map(({ urn }) => `doubt ${urn}`),
        ...(await readdir(join(directory, "runs"))).map((name) => `work directory ${name}`),
      ];
    },
    close: async () => {
      await keys.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
