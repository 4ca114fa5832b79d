import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsPluginError, findAwsPlugin, pluginsOf } from "../../../../service/engine/automation/cli/aws-plugin.ts";
import { ensureBackend } from "../../../../service/engine/automation/backend-settings.ts";
import { createAutomationEngine } from "../../../../service/engine/automation/create.ts";
import {
  pluginEnvironment,
  pluginRegistration,
  pluginVersion,
} from "../../../../service/engine/automation/plugin/environment.ts";
import { createTestDatabase } from "../../../support/database.ts";
import { createStack, fresh, scope, testPrograms, topic } from "../../../support/engine.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";

/** A directory of plugins with this one in it, as `pulumi plugin install` leaves it. */
const withPlugin = async (directory: string, version: string, script = "exit 1\n"): Promise<string> => {
  const path = join(directory, `resource-aws-v${version}`);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "pulumi-resource-aws"), `#!/bin/sh\n${script}`);
  await chmod(join(path, "pulumi-resource-aws"), 0o755);
  await writeFile(`${path}.lock`, "");
  return path;
};

describe("AWS's own plugin", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-plugins-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const sentence = async (...directories: string[]): Promise<string> => {
    const error: unknown = await findAwsPlugin(directories).catch((thrown: unknown) => thrown);
    return error instanceof AwsPluginError ? error.message : `no such error: ${String(error)}`;
  };
  const command = `pulumi plugin install resource aws ${pluginVersion}`;

  it("is found in whichever home has it in the programs' version", async () => {
    const [one, other] = [pluginsOf(join(directory, "one")), pluginsOf(join(directory, "other"))];
    await withPlugin(one, "6.83.0");
    const path = await withPlugin(other, pluginVersion);
    expect(await findAwsPlugin([join(directory, "none"), one, other])).toEqual({ path, version: pluginVersion });
  });

  it("is named with the command that installs it when it is missing", async () => {
    expect(await sentence(join(directory, "none"))).toMatch(
      new RegExp(`${pluginVersion} is not installed.*${command}`),
    );
  });

  it("is named with the versions that are there instead", async () => {
    await withPlugin(directory, "6.83.0");
    expect(await sentence(directory)).toMatch(
      new RegExp(`there in version 6\\.83\\.0; the programs need ${pluginVersion}.*${command}`),
    );
  });

  it("does not serve while its installation has not ended, or without its program", async () => {
    const path = await withPlugin(directory, pluginVersion);
    await writeFile(`${path}.partial`, "");
    expect(await sentence(directory)).toContain("is there and not whole");
    await rm(`${path}.partial`);
    await rm(join(path, "pulumi-resource-aws"));
    expect(await sentence(directory)).toContain("is there and not whole");
  });
});

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("the automation engine on AWS, by the real CLI", () => {
  const aws = { targetRole: null, identityCenter: null, region: null };

  const start = async (prepare: (directory: string, databaseUrl: string) => Promise<void>) => {
    const database = await createTestDatabase();
    const directory = await mkdtemp(join(tmpdir(), "gatehouse-automation-aws-"));
    const plugins = join(directory, "plugins");
    await prepare(plugins, database.url);
    const configured = { backendUrl: null, secretsProvider: "passphrase", passphrase: null };
    const engine = await createAutomationEngine({
      cli: cli!,
      aws,
      pluginDirectories: [plugins],
      databaseUrl: database.url,
      children: 1,
      identityCenter: scope,
      digestKey: randomUUID(),
      backend: await ensureBackend(configured, directory, randomUUID),
      directory: join(directory, "pulumi"),
      now: () => new Date(),
      onTrouble: () => undefined,
      programs: testPrograms,
    });
    return {
      engine,
      pool: database.pool,
      directory,
      close: async () => {
        await engine.close();
        await database.drop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  };

  it("says what is missing to whoever asks, and fails runs with it", async () => {
    const world = await start(() => Promise.resolve());
    try {
      expect(world.engine.ready()).toEqual({
        ready: false,
        detail: expect.stringContaining("pulumi plugin install resource aws"),
      });
      expect(await createStack(world).preview({ resources: [topic(fresh("topic"))] })).toMatchObject({
        problem: { code: "engine_failed", detail: expect.stringContaining("is not installed") },
      });
    } finally {
      await world.close();
    }
  }, 60_000);

  it("works by the plugin that is found, which is told nothing of the simulated account or the database", async () => {
    // A stand-in: the simulated account's, that is told by a file of its own what AWS's finds in its environment.
    const world = await start(async (plugins, databaseUrl) => {
      const told = Object.entries(pluginEnvironment({ databaseUrl, home: scope }));
      const lines = told.map(([name, value]) => `export ${name}='${value}'\n`).join("");
      const real = join(pluginRegistration.path, "pulumi-resource-aws");
      await withPlugin(
        plugins,
        pluginVersion,
        `env > '${join(plugins, "environment")}'\n${lines}exec '${real}' "$@"\n`,
      );
    });
    try {
      const name = fresh("topic");
      expect(await createStack(world).preview({ resources: [topic(name)] })).toMatchObject({
        outcome: "succeeded",
        problem: null,
      });
      const environment = await readFile(join(world.directory, "plugins", "environment"), "utf8");
      expect(environment).not.toMatch(/GATEHOUSE_SIMULATED|DATABASE_URL|GATEHOUSE_ADMIN/);
      expect(environment).toContain("PULUMI_HOME=");
    } finally {
      await world.close();
    }
  }, 60_000);
});
