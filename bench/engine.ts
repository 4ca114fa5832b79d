/**
 * `npm run bench:engine`: the automation engine over HTTP against the Automation API as its documentation shows it. The same
 * programs, CLI, kind of backend and simulated account on both sides, asked in turn; both are warm, and the stacks exist. The plain
 * way's CLI starts the plugin for each provider of a run, ours attaches to the one of the service; on AWS both would start AWS's.
 */
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { startEmbeddedDatabase } from "../service/db/embedded.ts";
import type { Operation } from "../service/domain/operation.ts";
import type { JsonObject } from "../service/domain/json.ts";
import { measureInTurn, timingsOf } from "./measure.ts";
import { identityCenter, plainAutomation, type PlainStack } from "./plain-automation.ts";
import { environmentOf, startBenchService, target, withDirectory, type BenchService } from "./service.ts";
import { line, milliseconds, table } from "./table.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "8" }, environments: { type: "string", default: "8" } },
});
const rounds = Number(values.rounds);
const names = Array.from({ length: Number(values.environments) }, (_, index) => `team-${index + 1}`);

/** What changes from round to round, so that each up has something to do: one resource is updated. */
const described = (name: string, round: number) => ({
  ...environmentOf(name),
  permissionSet: { description: `Round ${round}` },
});

async function database(serverUrl: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The arguments that an operation's program ran with. */
async function argumentsOf(url: string, { id }: Operation): Promise<JsonObject> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ arguments: JsonObject }>(
    "SELECT arguments FROM gatehouse.operations WHERE id = $1",
    [id],
  );
  await client.end();
  return rows[0]?.arguments ?? {};
}

const inRound = (stack: PlainStack, round: number): PlainStack => ({
  ...stack,
  arguments: JSON.parse(JSON.stringify(stack.arguments).replaceAll(/Round \d+/g, `Round ${round}`)) as JsonObject,
});

async function previewThenApply(service: BenchService, environment: object): Promise<void> {
  const preview = await service.succeed("/v1/environment-requests", { action: "preview", environment });
  await service.succeed(`/v1/operations/${preview.id}/apply`, {});
}

await withDirectory(async (directory) => {
  const embedded = await startEmbeddedDatabase(directory);
  const ours = await database(embedded.url, "bench_http");
  const theirs = await database(embedded.url, "bench_plain");
  // Only to migrate it.
  await (await startBenchService(directory, { DATABASE_URL: theirs, GATEHOUSE_ROLES: "api" })).stop();
  const state = join(directory, "state");
  mkdirSync(state);
  const service = await startBenchService(directory, {
    DATABASE_URL: ours,
    GATEHOUSE_ENGINE: "automation",
    GATEHOUSE_IDENTITY_CENTER_ACCOUNT: identityCenter.account,
    GATEHOUSE_IDENTITY_CENTER_REGION: identityCenter.region,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "of the measurement",
    GATEHOUSE_WORKERS: String(Math.max(2, availableParallelism())),
  });
  try {
    line(`Node ${process.version}, ${availableParallelism()} cores, the Pulumi CLI, file backend, simulated account`);
    line(
      "Plugin: one process for all runs of the service; plainly, one for each provider of a run, as both sides on AWS",
    );
    line();
    const plain = await plainAutomation(directory, theirs);
    const counter = { round: 0 };
    const next = (): number => (counter.round += 1);

    const foundation = await service.succeed("/v1/foundation-requests", { action: "up", foundation: target });
    await plain.deploy({ name: "foundation", program: "foundation", arguments: await argumentsOf(ours, foundation) });
    const stacks: PlainStack[] = [];
    for (const name of names) {
      const up = await service.succeed("/v1/environment-requests", { action: "up", environment: described(name, 0) });
      const stack: PlainStack = { name, program: "environment", arguments: await argumentsOf(ours, up) };
      await plain.deploy(stack);
      stacks.push(stack);
    }
    const [name = "", stack] = [names[0], stacks[0]];
    if (stack === undefined) throw new Error("no environment was asked for");

    const own: number[] = [];
    const timings = await measureInTurn(
      {
        plain: () => plain.deploy(inRound(stack, next())),
        own: async () => void own.push(await plain.previewOwnTime(inRound(stack, next()))),
        preview: async () => {
          const environment = described(name, next());
          await service.succeed("/v1/environment-requests", { action: "preview", environment });
        },
        applied: () => previewThenApply(service, described(name, next())),
        up: async () => {
          const environment = described(name, next());
          await service.succeed("/v1/environment-requests", { action: "up", environment });
        },
      },
      { rounds, warmUp: 1 },
    );
    const cli = timingsOf(own.slice(1));
    const row = (what: string, median: number, against: number, meant: string): string[] => [
      what,
      milliseconds(median),
      milliseconds(against),
      (median / against).toFixed(2),
      meant,
    ];
    table(
      "One environment, one resource to update; medians",
      ["", "Gatehouse, ms", "against, ms", "ratio", "meant"],
      [
        row("a preview over HTTP ÷ the CLI process's own time", timings.preview.median, cli.median, "≤ 1.10"),
        row(
          "preview, then apply, over HTTP ÷ plain Automation API",
          timings.applied.median,
          timings.plain.median,
          "≤ 0.65",
        ),
        row("a direct up over HTTP ÷ plain Automation API", timings.up.median, timings.plain.median, "≤ 0.45"),
      ],
    );

    const inARow = performance.now();
    for (const each of stacks) await plain.deploy(inRound(each, next()));
    const oneByOne = performance.now() - inARow;
    const atOnce = performance.now();
    const round = next();
    await Promise.all(
      names.map((each) =>
        service.succeed("/v1/environment-requests", { action: "up", environment: described(each, round) }),
      ),
    );
    const together = performance.now() - atOnce;
    table(
      `${names.length} environments`,
      ["", "ms", "a minute", "times", "meant"],
      [
        [
          "plain Automation API, one after another",
          milliseconds(oneByOne),
          ((names.length * 60_000) / oneByOne).toFixed(1),
          "1.00",
          "",
        ],
        [
          "at once over HTTP",
          milliseconds(together),
          ((names.length * 60_000) / together).toFixed(1),
          (oneByOne / together).toFixed(2),
          "≥ 3.5",
        ],
      ],
    );
  } finally {
    await service.stop();
    await embedded.server.stop();
  }
});
