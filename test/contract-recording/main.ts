/**
 * `npm run record:contract [-- NAME…]`: has the plain Automation API and the real CLI live every life of the engine contract
 * (or those that are named), and writes what they told to test/fixtures/engine-contract/. Commit what changed after looking
 * at it: both engines are held to it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { argv, stdout } from "node:process";
import { format, resolveConfig } from "prettier";
import { findPulumi } from "../../service/engine/automation/cli/cli.ts";
import { pluginVersion } from "../../service/engine/automation/plugin/environment.ts";
import { createTestDatabase } from "../support/database.ts";
import { castOf, lives } from "../support/engine-contract/recorded/lives.ts";
import type { Life } from "../support/engine-contract/recorded/life.ts";
import { newAccount, recordLife } from "../support/engine-contract/recorded/record.ts";
import { recordingPath, type Recording } from "../support/engine-contract/recorded/recording.ts";
import { startCliWorld } from "../support/pulumi-cli.ts";
import startPostgres from "../support/start-postgres.ts";
import stopPostgres from "../support/stop-postgres.ts";

const names = argv.slice(2);
const wanted = lives.filter(({ name }) => names.length === 0 || names.includes(name));
const cli = await findPulumi();

/** What it says, however it is laid out and without its date: a recording that says nothing new stays as it is. */
const said = (text: string): string => {
  const { recorded, ...rest } = JSON.parse(text) as Recording;
  return JSON.stringify({ ...rest, recorded: { ...recorded, on: "" } });
};

async function write(life: Life, recording: Recording): Promise<string> {
  const path = recordingPath(life.name);
  const before = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const after = await format(JSON.stringify(recording), { ...(await resolveConfig(path)), parser: "json" });
  if (before !== "" && said(before) === said(after)) return "as it was";
  await writeFile(path, after);
  return before === "" ? "new" : "changed";
}

async function record(life: Life): Promise<string> {
  const { programs, home } = castOf[life.cast];
  const database = await createTestDatabase();
  const world = await startCliWorld(cli, { databaseUrl: database.url, home });
  try {
    const runs = await recordLife(life, world, programs, newAccount(database.pool, home));
    const recorded = {
      by: `npm run record:contract -- ${life.name}`,
      cli: `pulumi ${cli.version}`,
      plugin: `aws ${pluginVersion}, this project's own for the simulated account`,
      programs: life.cast === "test" ? "test/support/test-programs.ts" : "stacks/programs.ts",
      on: new Date().toISOString().slice(0, 10),
    };
    const failed = runs.filter(({ failed: where }) => where !== null).length;
    return `${runs.length} runs, ${failed} failed; ${await write(life, { recorded, life: life.name, about: life.about, runs })}`;
  } finally {
    await world.close();
    await database.drop();
  }
}

await startPostgres();
try {
  for (const life of wanted) stdout.write(`${life.name}: ${await record(life)}\n`);
} finally {
  await stopPostgres();
}
