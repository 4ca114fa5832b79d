/**
 * `npm run test:outage [seconds] [callers]`: the database away for 30 seconds under load. Prints what was seen, and fails when
 * anything that was accepted was lost, applied twice or answered wrongly.
 */
import { stdout } from "node:process";
import { runOutage } from "./outage.ts";

const [seconds = "30", callers = "6"] = process.argv.slice(2);
const say = (line: string): void => void stdout.write(`${line}\n`);

const { load, operations, ranAgain, backMilliseconds, complaints, broken } = await runOutage({
  seconds: Number(seconds),
  callers: Number(callers),
  workerBeside: true,
  say,
});
say("");
say(`accepted with 202            ${load.accepted.length}`);
say(`refused with 503             ${load.refused}`);
say(`slowest answer               ${Math.round(load.slowestMilliseconds)} ms`);
say(`first end after the return   ${Math.round(backMilliseconds)} ms`);
say(`operations that ran again    ${ranAgain}`);
for (const [what, count] of Object.entries(operations)) say(`${what.padEnd(29)}${count}`);
for (const [probe, count] of Object.entries(load.probes)) say(`${probe.padEnd(29)}${count}`);
say(`log lines at warn or above   ${complaints.length}`);
for (const line of complaints) say(`  ${line.slice(0, 300)}`);
say("");
say(broken.length === 0 ? "Nothing lost, nothing applied twice, nothing answered wrongly." : "BROKEN:");
for (const sentence of broken) say(`  ${sentence}`);
process.exitCode = broken.length === 0 ? 0 : 1;
