/**
 * `npm run record:cli-failures [-- NAME…]`: provokes the real CLI in every way there is (or in those that are named) and
 * writes what it told to test/fixtures/cli-failures/provoked/. Commit what changed after looking at it.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { argv, stdout } from "node:process";
import { findPulumi } from "../../service/engine/automation/cli/cli.ts";
import { allScenarios } from "../support/cli-failures/all-scenarios.ts";
import { fixtureDirectory, toFixture } from "../support/cli-failures/fixture.ts";
import { startProvokingWorld } from "../support/cli-failures/provoke.ts";
import type { Scenario } from "../support/cli-failures/scenario.ts";
import { createTestDatabase } from "../support/database.ts";
import startPostgres from "../support/start-postgres.ts";
import stopPostgres from "../support/stop-postgres.ts";

const names = argv.slice(2);
const wanted = allScenarios.filter(({ name }) => names.length === 0 || names.includes(name));
const cli = await findPulumi();
const folder = `${fixtureDirectory}provoked`;
await mkdir(folder, { recursive: true });

async function record({ name, about, provoke }: Scenario): Promise<string> {
  const database = await createTestDatabase();
  const world = await startProvokingWorld(cli, database);
  try {
    const { verb, ...told } = await provoke(world).then((given) => ({ ...given, verb: world.lastVerb() }));
    const source = { provoked: `pulumi ${cli.version}` };
    const fixture = toFixture({ name, about, source, verb }, told, { directory: world.directory, cliPath: cli.path });
    await writeFile(`${folder}/${name}.json`, `${JSON.stringify(fixture, null, 2)}\n`);
    const { exit, stderr } = fixture.told;
    return `exit ${exit?.code ?? exit?.signal ?? "none"}; ${stderr.trim().slice(0, 160)}`;
  } finally {
    await world.close();
    await database.drop();
  }
}

await startPostgres();
try {
  for (const scenario of wanted) stdout.write(`${scenario.name}: ${await record(scenario)}\n`);
} finally {
  await stopPostgres();
}
