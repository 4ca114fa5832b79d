/** Many requests to many processes of which some are killed all along. */
import { setTimeout as delay } from "node:timers/promises";
import { appliedTwice, recordedFalsely } from "../chaos/account-invariants.ts";
import { createCaller } from "../chaos/caller.ts";
import { startPlatform, type Platform } from "../chaos/platform.ts";
import { playRound } from "../chaos/round.ts";
import { seededRandom } from "../chaos/seeded-random.ts";
import { foundationWorkload } from "../chaos/workloads.ts";
import type { Victim } from "../chaos/faults.ts";
import { outcomes, outOfOrder } from "./order.ts";
import { bringHome, sendRequests, type Requester } from "./requester.ts";

export interface ProcessesOptions {
  seed: number;
  stacks: number;
  /** Of each stack. */
  requests: number;
  /** Seconds between two kills, on average. */
  killEvery: number;
  /** The run is given up after so many. */
  seconds: number;
  say: (line: string) => void;
}

export interface ProcessesReport {
  kills: Record<Victim, number>;
  operations: number;
  /** From the first request to the end of the last operation. */
  seconds: number;
  outcomes: Awaited<ReturnType<typeof outcomes>>;
  ranAgain: number;
  /** Sentences for whatever broke. */
  broken: string[];
}

/** Each environment attaches a policy to its account's node role, and IAM allows ten of them (quota "Managed policies per role"). */
const stacksInAccount = 7;

/** Runs it. Rejects when the harness itself cannot go on. */
export async function runProcesses(options: ProcessesOptions): Promise<ProcessesReport> {
  const { seed, stacks, requests, say } = options;
  const platform = await startPlatform("many");
  try {
    const caller = createCaller(platform);
    const counter = { keys: 0 };
    const newKey = (): string => `processes-${seed}-${(counter.keys += 1)}`;
    const accounts = Array.from({ length: Math.ceil(stacks / stacksInAccount) }, (_, index) =>
      String(111122223333 + index),
    );
    for (const account of accounts)
      await playRound({ platform, caller, newKey }, null, foundationWorkload(20, account));
    const requesters = Array.from({ length: stacks }, (_, index): Requester => {
      const name = `stack-${String(index).padStart(3, "0")}`;
      const account = accounts[Math.floor(index / stacksInAccount)] ?? "";
      return { caller, name, account, random: seededRandom(seed * 1_000 + index), accepted: [] };
    });
    const started = Date.now();
    const killing = killAllAlong(platform, options);
    const broken: string[] = [];
    try {
      await Promise.all(requesters.map((requester) => sendRequests(requester, requests)));
      say(`${stacks * requests} requests accepted after ${((Date.now() - started) / 1000).toFixed(0)} s`);
      await allEnded(platform, options.seconds - (Date.now() - started) / 1000, say);
    } catch (error) {
      broken.push(error instanceof Error ? error.message : String(error));
    } finally {
      killing.stop();
    }
    const kills = await killing.done;
    const seconds = (Date.now() - started) / 1000;
    await Promise.all(requesters.map(bringHome));
    return await lookAt(platform, { requesters, broken: [...broken, ...caller.faultyAnswers], kills, seconds });
  } finally {
    await platform.close();
    say(`what the processes wrote: ${platform.logFile}`);
  }
}

/** Kills one process after the other at moments drawn from the seed, until told to stop. */
function killAllAlong(platform: Platform, { seed, killEvery }: ProcessesOptions) {
  const random = seededRandom(seed);
  const stopping = new AbortController();
  const kills: Record<Victim, number> = { service: 0, child: 0, database: 0 };
  const kill = async (): Promise<typeof kills> => {
    for (;;) {
      await untilOrStopped(killEvery * 2_000 * random.next(), stopping.signal);
      if (stopping.signal.aborted) return kills;
      const drawn = random.next();
      const victim: Victim = drawn < 0.08 ? "database" : drawn < 0.5 ? "child" : "service";
      if (platform.kill(victim, random.integer(0, 1_000))) kills[victim] += 1;
    }
  };
  return { done: kill(), stop: () => stopping.abort() };
}

async function untilOrStopped(milliseconds: number, stopped: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: stopped });
  } catch (error) {
    if (!stopped.aborted) throw error;
  }
}

/** Waits until nothing is queued or running, however the database comes and goes. */
async function allEnded(platform: Platform, limitSeconds: number, say: (line: string) => void): Promise<void> {
  const deadline = Date.now() + limitSeconds * 1000;
  for (let told = 0; Date.now() < deadline;) {
    const left = await unfinished(platform);
    if (left === 0) return;
    if (Date.now() - told > 20_000) {
      told = Date.now();
      say(`${left ?? "?"} operations are still to end`);
    }
    await delay(500);
  }
  throw new Error(`after ${Math.round(limitSeconds)} s operations are still queued or running`);
}

/** Waits while the database is away. */
const unfinished = (platform: Platform): Promise<number | undefined> =>
  platform.look(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      "select count(*)::integer as count from gatehouse.operations where status in ('queued', 'running')",
    );
    return rows[0]?.count;
  });

async function lookAt(
  platform: Platform,
  run: { requesters: Requester[]; broken: string[]; kills: Record<Victim, number>; seconds: number },
): Promise<ProcessesReport> {
  return platform.look(async (client) => {
    const { rows } = await client.query<{ id: string; attempt: number; status: string }>(
      "select id, attempt, status from gatehouse.operations",
    );
    const ended = new Set(rows.filter(({ status }) => status !== "queued" && status !== "running").map(({ id }) => id));
    const lost = run.requesters
      .flatMap(({ accepted }) => accepted)
      .filter((id) => !ended.has(id))
      .map((id) => `operation ${id} was accepted, and has not ended`);
    return {
      kills: run.kills,
      seconds: run.seconds,
      operations: rows.length,
      ranAgain: rows.filter(({ attempt }) => attempt > 1).length,
      outcomes: await outcomes(client),
      broken: [
        ...run.broken,
        ...lost,
        ...(await outOfOrder(client)),
        ...(await appliedTwice(client)),
        ...(await recordedFalsely(client, "sandbox")),
        ...(platform.crashes() === 0 ? [] : [`${platform.crashes()} processes of the service ended by themselves`]),
        ...platform.orphans().map((pid) => `runner ${pid} lives on without its service`),
      ],
    };
  });
}
