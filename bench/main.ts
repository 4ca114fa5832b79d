/**
 * `npm run bench -- [preview] [load] [scale] [claim] [access] [start] [--seconds N]`: all parts, or those that are named. Figures are of this
 * machine and moment; the ratios, each from one run, are what to look at. docs/benchmarks.md keeps one run.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { benchAccess } from "./access.ts";
import { benchClaim } from "./claim.ts";
import { benchLoad } from "./load.ts";
import { benchPreview } from "./preview.ts";
import { benchScale } from "./scale.ts";
import { benchStart } from "./start.ts";
import { line } from "./table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "10" } },
});
const parts: Record<string, () => Promise<void>> = {
  preview: benchPreview,
  load: () => benchLoad(Number(values.seconds)),
  scale: benchScale,
  claim: benchClaim,
  access: benchAccess,
  start: benchStart,
};
const unknown = positionals.filter((name) => parts[name] === undefined);
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}: ${Object.keys(parts).join(", ")}`);

line(`Node ${process.version}, ${availableParallelism()} cores, sandbox engine, embedded PostgreSQL`);
line();
for (const [name, part] of Object.entries(parts))
  if (positionals.length === 0 || positionals.includes(name)) await part();
