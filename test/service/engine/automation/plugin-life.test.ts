/** The plugin lives as long as whoever started it, and no longer: the CLI cannot end it when it is itself killed. */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import { pluginEnvironment, pluginRegistration } from "../../../../service/engine/automation/plugin/environment.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { scope, topic } from "../../../support/engine.ts";
import { processes, type Process } from "../../../support/processes.ts";
import { findTestCli, startCliWorld } from "../../../support/pulumi-cli.ts";

const executable = join(pluginRegistration.path, "pulumi-resource-aws");

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Looks until there is what is looked for; the test's own limit ends it. */
const eventually = async <Found>(look: () => Promise<Found | null>): Promise<Found> => {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await pause(20);
  }
};

const childrenOf = async (parent: number, command: string): Promise<Process[] | null> => {
  const found = (await processes()).filter((each) => each.parent === parent && each.command.includes(command));
  return found.length === 0 ? null : found;
};

const areGone = async (pids: number[]): Promise<true | null> =>
  (await processes()).some(({ pid }) => pids.includes(pid)) ? null : true;

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...pluginEnvironment({ databaseUrl: database.url, home: scope }),
});

/** A process that starts the plugin as the CLI does, and then only waits. */
const startParent = (input: "pipe" | "ignore"): ChildProcess => {
  const stdio: StdioOptions = [input, "inherit", "inherit"];
  const program = `require("node:child_process").spawn(${JSON.stringify(executable)}, ["127.0.0.1:1"], {
    stdio: ${JSON.stringify(stdio)}, detached: true }); setInterval(() => undefined, 1000);`;
  return spawn(process.execPath, ["-e", program], { env: environment(), stdio: ["ignore", "pipe", "inherit"] });
};

describe("the plugin's process", () => {
  it.each(["pipe", "ignore"] as const)("ends when its parent is killed, with standard input a %s", async (input) => {
    const parent = startParent(input);
    const [line] = (await once(parent.stdout!, "data")) as [Buffer];
    expect(line.toString()).toMatch(/^\d+\n$/);
    const plugins = (await childrenOf(parent.pid!, "plugin/bin/../main.ts"))!.map(({ pid }) => pid);
    expect(plugins).toHaveLength(1);
    parent.kill("SIGKILL");
    expect(await eventually(() => areGone(plugins))).toBe(true);
  });

  it("says what it was not told, and ends", async () => {
    const plugin = spawn(executable, [], { env: { ...environment(), GATEHOUSE_SIMULATED_AWS_HOME: "here" } });
    let trouble = "";
    plugin.stderr.on("data", (text: Buffer) => (trouble += text.toString()));
    expect(await once(plugin, "close")).toEqual([1, null]);
    expect(trouble).toContain("GATEHOUSE_SIMULATED_AWS_HOME must name an account and a region");
    expect(trouble).not.toContain(database.url);
  });
});

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("the real CLI, killed in the middle of an up", () => {
  it("leaves no plugin behind", async () => {
    await injectFault(database.pool, { namePattern: "slow", latencyMilliseconds: 600_000 });
    const world = await startCliWorld(cli!, { databaseUrl: database.url, home: scope });
    const running = world.run({
      kind: "up",
      stack: "environment.killed",
      programs: new URL("../../../support/test-programs.ts", import.meta.url).href,
      program: "environment",
      arguments: { resources: [JSON.parse(JSON.stringify(topic("slow")))] },
    });
    await eventually(async () => {
      const { rows } = await database.pool.query("SELECT 1 FROM simulated_aws.faults WHERE remaining = 0");
      return rows.length === 0 ? null : true;
    });
    const [pulumi] = (await childrenOf(world.processId, "pulumi up"))!;
    const plugins = (await childrenOf(pulumi!.pid, "plugin/bin/../main.ts"))!.map(({ pid }) => pid);
    process.kill(pulumi!.pid, "SIGKILL");
    expect(await eventually(() => areGone(plugins))).toBe(true);
    expect((await running).error).toContain("SIGKILL");
    await world.close();
  }, 60_000);
});
