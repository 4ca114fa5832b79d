/**
 * `npm run test:budget -- [--environments N] [--accounts N] [--workers N] [--second S]
 * [--engine automation]`: docs/identity-center-budget.md. Two
 * service processes share the workers.
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { identityCenterLimits } from "../../service/cloud/identity-center-calls.ts";
import { makePrivateDirectory } from "../../service/db/postgres-server.ts";
import { keepDatabase } from "../chaos/kept-database.ts";
import { signalTo, startService } from "../chaos/service-process.ts";
import { measureBudget, reachable, summarise } from "./measure-budget.ts";

const { values } = parseArgs({
  options: {
    environments: { type: "string", default: "40" },
    accounts: { type: "string", default: "1" },
    workers: { type: "string", default: "16" },
    second: { type: "string", default: "0.5" },
    engine: { type: "string", default: "sandbox" },
  },
});
const line = (text: string): void => void stdout.write(`${text}\n`);
const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;
const key = "gh_budget-admin-key-of-more-than-thirty-two-characters";

const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-budget-")));
const database = await keepDatabase(directory);
const settings = {
  PORT: "0",
  DATABASE_URL: database.url(),
  GATEHOUSE_DATA_DIR: directory,
  GATEHOUSE_ADMIN_KEY: key,
  GATEHOUSE_REQUIRED_APPROVALS: "0",
  GATEHOUSE_WORKERS: String(Math.ceil(Number(values.workers) / 2)),
  LOG_LEVEL: "warn",
  ...(values.engine === "automation"
    ? {
        GATEHOUSE_ENGINE: "automation",
        PULUMI_BACKEND_URL: pathToFileURL(makePrivateDirectory(join(directory, "state"))).href,
        PULUMI_CONFIG_PASSPHRASE: "of no account",
      }
    : {}),
};
const door = startService(settings, `${directory}.log`);
const url = (await door.ready) ?? "";
const worker = startService({ ...settings, GATEHOUSE_ROLES: "worker" }, `${directory}.log`);
await worker.ready;
const pool = new pg.Pool({ connectionString: database.url() });
try {
  const report = await measureBudget({
    pool,
    call: (method, path, body) =>
      fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    environments: Number(values.environments),
    accounts: Number(values.accounts),
    second: Number(values.second),
    say: line,
  });
  const { limits, binding } = summarise(report.samples);
  line("");
  line(`While a run waited for its share (${report.samples.length} looks), of AWS's limit on average:`);
  line("| limit | held by runs | taken, as far as known | in use by AWS's clock | kept the next run waiting |");
  line("| --- | --: | --: | --: | --: |");
  for (const { name, held, taken, used, missing } of limits)
    line(`| ${name} | ${percent(held)} | ${percent(taken)} | ${percent(used)} | ${percent(missing)} of the time |`);
  line("");
  line(
    `${report.succeeded} of ${values.environments} environments up in ${report.seconds.toFixed(0)} s (${(report.seconds / Number(values.second)).toFixed(0)} simulated ones), ${report.requests} requests, ${report.throttled} runs again.`,
  );
  line(`The busiest second: ${report.busiestSecond} of ${identityCenterLimits.requests} requests to sso-admin.`);
  line(`Violations: ${Object.keys(report.violations).length === 0 ? "none" : JSON.stringify(report.violations)}`);
  const most = reachable[binding.name];
  line(
    `The limit that kept the next run waiting, ${binding.name}: held to ${percent(binding.held)}; by AWS's clock in use to ${percent(binding.used)}, and more than ${percent(most)} nobody reaches.`,
  );
  const isUsed = binding.held >= 0.9 && binding.used >= 0.9 * most;
  if (!isUsed || report.succeeded < Number(values.environments) || Object.keys(report.violations).length > 0)
    process.exitCode = 1;
} finally {
  await pool.end();
  for (const { pid, gone } of [door, worker]) {
    signalTo(pid, "SIGTERM");
    await gone;
  }
  await database.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(`${directory}.log`, { force: true });
}
