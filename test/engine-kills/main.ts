/**
 * `npm run test:engine-kills [-- --kills N --seed N --backend file|postgres]`: the real CLI, its plugin and its runner child are
 * killed with -9, each N times (20), at random moments in mid-up; every second up is carried on by its preview's process.
 * Every stack must come home, nothing may be made twice, no lock, no process and no work directory may be left. A lock of
 * somebody else's must be respected.
 */
import { setTimeout as delay } from "node:timers/promises";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { injectFault } from "../../service/cloud/simulated/faults.ts";
import { findPulumi } from "../../service/engine/automation/cli/cli.ts";
import { seededRandom, type Random } from "../chaos/seeded-random.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../support/database.ts";
import { callsOf, createStack, fresh, logGroup, type Told } from "../support/engine.ts";
import { postgresBackend, startEngine, startKillsWorld, type KillsWorld } from "../support/kills-world.ts";
import { processes, runnersOf } from "../support/processes.ts";
import startPostgres from "../support/start-postgres.ts";
import stopPostgres from "../support/stop-postgres.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    backend: { type: "string", default: "file" },
  },
});
if (values.backend !== "file" && values.backend !== "postgres")
  throw new Error(`--backend is ${values.backend}: it must be file or postgres`);
const victims = ["cli", "plugin", "child"] as const;
type Victim = (typeof victims)[number];
/** Longest time from the first write to the kill; four writes of 150 ms each come before it or do not. */
const longestDelayMilliseconds = 900;
const writeMilliseconds = 150;

async function pidsOf(world: KillsWorld, stack: string, victim: Victim): Promise<number[]> {
  if (victim === "child") return (await runnersOf(process.pid)).map(({ pid }) => pid);
  const cli = await world.runningCli(stack);
  if (cli === null || victim === "cli") return cli === null ? [] : [cli];
  return (await processes())
    .filter(({ parent, command }) => parent === cli && command.includes("plugin/bin/../main.ts"))
    .map(({ pid }) => pid);
}

const kill = (pid: number): boolean => {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself a moment ago: there was nothing to kill.
    return false;
  }
};

/** Who is killed, and whether the up is carried on by the process of its preview. */
interface Cut {
  victim: Victim;
  kept: boolean;
}

/** One up that is cut off, and its way home. Gives what went wrong, and how it was cut. */
async function round(database: TestDatabase, world: KillsWorld, random: Random, { victim, kept }: Cut) {
  const engine = await startEngine(world.place);
  const wrong: string[] = [];
  try {
    const stack = createStack({ engine });
    const names = ["a", "b", "c", "d"].map(fresh);
    const resources = names.map((name, index) =>
      logGroup(name, {}, { dependsOn: names.slice(Math.max(0, index - 1), index) }),
    );
    for (const namePattern of names)
      await injectFault(database.pool, { namePattern, verb: "create", latencyMilliseconds: writeMilliseconds });
    const planned = kept ? await stack.preview({ resources }, { appliesNext: true }) : null;
    let killed = 0;
    let over = false;
    const strikes: Promise<void>[] = [];
    const strike = async (): Promise<void> => {
      await delay(random.integer(0, longestDelayMilliseconds));
      const pids = await pidsOf(world, stack.name, victim);
      // What has ended cannot be cut off any more: a kill would meet a child that waits for the next run.
      killed = over ? 0 : pids.filter(kill).length;
    };
    const cut = await stack.up(
      { resources },
      {
        ...(planned?.planDigest == null ? {} : { approved: planned.planDigest }),
        onEvent: (event) => {
          const first = event.type === "resource.started" && event.step.name === names[0];
          if (first && strikes.length === 0) strikes.push(strike());
        },
      },
    );
    over = true;
    await Promise.all(strikes);
    const expectOutcome = (told: Told, ...allowed: string[]): void => {
      if (!allowed.includes(told.outcome)) wrong.push(`${told.outcome}: ${told.problem?.detail ?? "no problem"}`);
    };
    expectOutcome(cut, "succeeded", "interrupted", "failed", "needs_recovery");
    if (cut.outcome === "needs_recovery") expectOutcome(await stack.recover("refresh"), "succeeded");
    expectOutcome(await stack.up({ resources }), "succeeded");
    if ((await stack.preview({ resources })).did.length > 0) wrong.push("a further preview finds something to do");
    for (const name of names) {
      const calls = await callsOf(database, name);
      if (calls.join() !== "create") wrong.push(`${name}: ${calls.join()}`);
    }
    wrong.push(...(await world.leftovers(stack.name)));
    return { wrong, outcome: killed === 0 ? "missed" : cut.outcome };
  } finally {
    await engine.close();
  }
}

/** A lock of somebody else's is named, and not broken, by ups and recoveries alike. Gives what went wrong. */
async function foreignLock(world: KillsWorld): Promise<string[]> {
  const engine = await startEngine(world.place);
  try {
    const stack = createStack({ engine });
    await stack.up({ resources: [logGroup(fresh("before"))] });
    await world.lock(stack.name);
    const refused = [await stack.up({ resources: [logGroup(fresh("after"))] }), await stack.recover("refresh")];
    const left = (await world.leftovers(stack.name)).map((what) => what.split(" ")[0]);
    return [
      ...refused
        .filter(({ problem }) => problem?.code !== "stack_locked")
        .map(({ outcome, problem }) => `a foreign lock: ${outcome}, ${problem?.detail ?? "no problem"}`),
      ...(left.join() === "lock" ? [] : [`a foreign lock is not all that is left: ${left.join()}`]),
    ];
  } finally {
    await engine.close();
  }
}

const random = seededRandom(Number(values.seed));
await startPostgres();
const database = await createTestDatabase();
const state = values.backend === "postgres" ? await createEmptyDatabase() : null;
const world = await startKillsWorld(
  database,
  { cli: await findPulumi() },
  state === null ? null : postgresBackend(state),
);
try {
  for (const victim of victims) {
    const outcomes: string[] = [];
    let astray = 0;
    for (let tries = 0; outcomes.length < Number(values.kills) && tries < 3 * Number(values.kills); tries += 1) {
      const { wrong, outcome } = await round(database, world, random, { victim, kept: tries % 2 === 1 });
      if (outcome !== "missed") outcomes.push(outcome);
      for (const what of wrong) stdout.write(`${victim}, ${outcome}: ${what}\n`);
      if (wrong.length > 0) astray += 1;
    }
    const counts = [...Map.groupBy(outcomes, (outcome) => outcome)].map(([name, all]) => `${all.length} ${name}`);
    stdout.write(`${victim}: killed ${outcomes.length} times (${counts.join(", ")}), astray: ${astray}\n`);
    if (astray > 0 || outcomes.length < Number(values.kills)) process.exitCode = 1;
  }
  const wrong = await foreignLock(world);
  stdout.write(wrong.length === 0 ? "a lock of somebody else's: respected\n" : `${wrong.join("\n")}\n`);
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  await world.close();
  await state?.drop();
  await database.drop();
  await stopPostgres();
}
