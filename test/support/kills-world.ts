/** The automation engine in a place of its own, for kills: it can be started in another process, and what it leaves is seen. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { createAutomationEngine, type AutomationEngineOptions } from "../../service/engine/automation/create.ts";
import { readLocks } from "../../service/engine/automation/recovery/leftovers-locks.ts";
import { stateOfSession, type SessionIdentity } from "../../service/engine/automation/process/process-session.ts";
import { pulumiProject } from "../../service/domain/stacks.ts";
import type { Engine } from "../../service/engine/engine.ts";
import { scope, testPrograms } from "./engine.ts";

/** What an engine is made with, as plain JSON for another process. */
export type KillsPlace = Omit<AutomationEngineOptions, "onTrouble" | "now">;

export interface KillsWorld {
  place: KillsPlace;
  /** Everything that is left of a stack's runs: locks, processes, work directories, doubts. Empty when all is well. */
  leftovers(stack: string): Promise<string[]>;
  /** The CLI process of a stack that is noted as running and may write; `null` when there is none. */
  runningCli(stack: string): Promise<number | null>;
  close(): Promise<void>;
}

export const startEngine = (place: KillsPlace): Promise<Engine> =>
  createAutomationEngine({ ...place, onTrouble: () => undefined, now: () => new Date() });

export async function startKillsWorld(
  { url, pool }: { url: string; pool: Pool },
  more: Partial<KillsPlace> = {},
): Promise<KillsWorld> {
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-kills-"));
  const state = join(directory, "state");
  await mkdir(state);
  const place: KillsPlace = {
    databaseUrl: url,
    children: 1,
    identityCenter: scope,
    digestKey: randomUUID(),
    backend: { url: `file://${state}`, secretsProvider: "passphrase", passphrase: "passphrase-of-a-test" },
    directory,
    programs: testPrograms,
    // As AWS's own plugin lives and dies: with the CLI of its run.
    pluginPerRun: true,
    ...more,
  };
  return {
    place,
    runningCli: async (stack) => {
      const { rows } = await pool.query<{ pid: number }>(
        "select pid from automation.processes where stack = $1 and ended_at is null and kind <> 'preview'",
        [stack],
      );
      return rows[0]?.pid ?? null;
    },
    leftovers: async (stack) => {
      const locks = await readLocks(join(state, ".pulumi", "locks", "organization", pulumiProject, stack));
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
        ...locks.map(({ place: where }) => `lock ${where}`),
        ...noted.rows.filter(({ ended }) => !ended).map(({ pid }) => `process ${pid} is not known to have ended`),
        ...noted.rows.filter((_row, index) => states[index] !== "ended").map(({ pid }) => `process ${pid} lives`),
        ...doubts.rows.map(({ urn }) => `doubt ${urn}`),
        ...(await readdir(join(directory, "runs"))).map((name) => `work directory ${name}`),
      ];
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
