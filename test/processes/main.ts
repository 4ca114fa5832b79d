/** `npm run test:processes -- [--seed N] [--stacks N] [--requests N] [--kill-every SECONDS] [--seconds N]`: see docs/chaos.md. */
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { runProcesses } from "./processes-run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 100_000) },
    stacks: { type: "string", default: "50" },
    requests: { type: "string", default: "20" },
    "kill-every": { type: "string", default: "4" },
    seconds: { type: "string", default: "840" },
  },
});
const line = (text: string): void => void stdout.write(`${text}\n`);

const options = {
  seed: Number(values.seed),
  stacks: Number(values.stacks),
  requests: Number(values.requests),
  killEvery: Number(values["kill-every"]),
  seconds: Number(values.seconds),
};
line(`3 API and 4 worker processes, ${options.stacks} stacks × ${options.requests} requests, seed ${options.seed}`);
const report = await runProcesses({ ...options, say: line });

line("");
line("| kind | status | problem | operations |");
line("| --- | --- | --- | --: |");
for (const { kind, status, code, count } of report.outcomes) line(`| ${kind} | ${status} | ${code} | ${count} |`);
line("");
const { service, child, database } = report.kills;
line(`killed: ${service} services, ${child} runner children, the database ${database} times`);
line(
  `${report.operations} operations in ${report.seconds.toFixed(0)} s: ${(report.operations / report.seconds).toFixed(1)} a second; ${report.ranAgain} took more than one attempt`,
);
report.broken.slice(0, 50).forEach((sentence) => line(`BROKEN  ${sentence}`));
line(
  report.broken.length === 0
    ? "Every stack's operations ran one at a time, in order, and ended."
    : `${report.broken.length} broken`,
);
if (report.broken.length > 0) process.exitCode = 1;
