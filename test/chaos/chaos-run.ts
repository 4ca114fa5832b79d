/** A chaos run: lanes side by side, each a platform of its own that plays one round after the other. */
import { rmSync } from "node:fs";
import { createCaller } from "./caller.ts";
import { faultsInTurn, faultsOf, suddenDeath, type ChaosEngine } from "./faults.ts";
import { startPlatform, type Topology } from "./platform.ts";
import { complaints, describe, killsIn, missed } from "./report.ts";
import { playRound, type RoundReport } from "./round.ts";
import { seededRandom } from "./seeded-random.ts";
import { foundationWorkload, workloads } from "./workloads.ts";

export interface ChaosOptions {
  seed: number;
  engine: ChaosEngine;
  lanes: readonly Topology[];
  /** Kills after which the run ends, once every fault has struck. */
  kills: number;
  /** Whether to go on past the kills until every fault has struck. */
  complete: boolean;
  /** No round begins later than this. */
  seconds: number;
  /** Told of each round. */
  say: (line: string) => void;
}

/** Of so many rounds one has a sudden death besides: the CLI writes at no place that has a name. */
const suddenEvery: Record<ChaosEngine, number> = { sandbox: 7, automation: 2 };

/** Plays until enough were killed. The same seed and lanes give the same rounds; when a sudden death strikes is up to the machine. */
export async function runChaos(options: ChaosOptions): Promise<RoundReport[]> {
  const rounds: RoundReport[] = [];
  const deadline = Date.now() + options.seconds * 1000;
  const enough = (): boolean => {
    const kills = rounds.reduce((sum, round) => sum + killsIn(round), 0);
    return (
      Date.now() > deadline ||
      (kills >= options.kills && !(options.complete && missed(rounds, faultsOf(options.engine)).length > 0))
    );
  };
  await Promise.all(options.lanes.map((topology, lane) => playLane(options, topology, lane, rounds, enough)));
  return rounds;
}

async function playLane(
  { seed, engine, lanes, say }: ChaosOptions,
  topology: Topology,
  lane: number,
  rounds: RoundReport[],
  enough: () => boolean,
): Promise<void> {
  const random = seededRandom(seed * 1_000 + lane);
  const name = `lane ${lane} (${topology})`;
  const platform = await startPlatform(topology, { engine });
  let isLogOfUse = false;
  try {
    const caller = createCaller(platform);
    const counter = { keys: 0 };
    const newKey = (): string => `chaos-${seed}-${lane}-${(counter.keys += 1)}`;
    const stage = { platform, caller, newKey };
    await playRound(stage, null, foundationWorkload(20));
    // Lanes side by side begin at different places, so that together they come by all faults sooner.
    const places = faultsOf(engine);
    const faults = faultsInTurn(random, Math.floor((lane * places.length) / lanes.length), places);
    const work = workloads(random);
    for (let number = 1; !enough(); number += 1) {
      // Whoever is started in place of the dead has the next one armed, and so may die while it recovers.
      while (platform.toStrike().length < 2) platform.plan([faults.next().value]);
      const sudden = number % suddenEvery[engine] === 0 ? suddenDeath(random, engine) : null;
      const round = await playRound(stage, sudden, work.next().value);
      rounds.push(round);
      const where = `${name} round ${number}`;
      say(`${where}: ${describe(round)}; ${round.seconds.toFixed(1)} s`);
      const broken = complaints(round, where);
      broken.forEach(say);
      if (broken.length > 0) {
        isLogOfUse = true;
        say(`  what the processes wrote: ${platform.logFile}`);
      }
      // What is in a false state would be found again in every round to come.
      if (round.broken.lost.length + round.broken.twice.length + round.broken.falsely.length > 0) {
        say(`${name} ends here: an invariant broke.`);
        return;
      }
    }
  } catch (error) {
    isLogOfUse = true;
    throw error;
  } finally {
    await platform.close();
    if (!isLogOfUse) rmSync(platform.logFile, { force: true });
  }
}
