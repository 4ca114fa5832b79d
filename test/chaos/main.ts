/**
 * `npm run test:chaos -- [--seed N] [--kills N] [--seconds N] [--lanes together,together,apart] [--engine sandbox|automation]`:
 * see docs/chaos.md.
 */
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { runChaos } from "./chaos-run.ts";
import { faultsOf, type ChaosEngine } from "./faults.ts";
import type { Topology } from "./platform.ts";
import { held, killsIn, missed, table } from "./report.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 100_000) },
    kills: { type: "string", default: "200" },
    seconds: { type: "string", default: "840" },
    lanes: { type: "string", default: "together,together,apart" },
    engine: { type: "string", default: "sandbox" },
  },
});
const line = (text: string): void => void stdout.write(`${text}\n`);
const isTopology = (text: string): text is Topology => text === "together" || text === "apart";

const isEngine = (text: string): text is ChaosEngine => text === "sandbox" || text === "automation";
const { engine } = values;
if (!isEngine(engine)) throw new Error(`--engine is ${engine}: it must be sandbox or automation`);

const seed = Number(values.seed);
const kills = Number(values.kills);
const started = Date.now();
line(`chaos, engine ${engine}, seed ${seed}`);
const rounds = await runChaos({
  seed,
  engine,
  kills,
  seconds: Number(values.seconds),
  lanes: values.lanes.split(",").filter(isTopology),
  complete: kills >= 200,
  say: line,
});
const killed = rounds.reduce((sum, round) => sum + killsIn(round), 0);
line("");
table(rounds).forEach(line);
line("");
line(`${Math.round((Date.now() - started) / 1000)} s, seed ${seed}`);
const never = missed(rounds, faultsOf(engine));
if (kills >= 200 && never.length > 0) line(`never struck: ${never.join(", ")}`);
if (killed < kills) line(`only ${killed} of ${kills} kills in the time given`);
if (!held(rounds) || killed < kills || (kills >= 200 && never.length > 0)) process.exitCode = 1;
