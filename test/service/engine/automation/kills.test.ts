/** The real CLI, its plugin, its runner child and its service, killed in the middle of an up: every stack comes home. */
import { randomUUID } from "node:crypto";
import { fork } from "node:child_process";
import { once } from "node:events";
import type { Engine } from "../../../../service/engine/engine.ts";
import { injectFault, type Fault } from "../../../../service/cloud/simulated/faults.ts";
import type { KillsOrder } from "../../../support/kills-process.ts";
import { startKillsWorld, startEngine, type KillsWorld } from "../../../support/kills-world.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import {
  callsOf,
  createStack,
  faultIsUsedUp,
  fresh,
  logGroup,
  nextFence,
  programArguments,
  type Stack,
  type Told,
} from "../../../support/engine.ts";
import { processes, runnersOf } from "../../../support/processes.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";
import { until } from "../../../support/until.ts";

const cli = await findTestCli();

(cli === null ? describe.skip : describe)("a run of the real CLI that is cut off", () => {
  let database: TestDatabase;
  let world: KillsWorld;
  let engine: Engine;

  beforeAll(async () => {
    database = await createTestDatabase();
    world = await startKillsWorld(database, { cli: cli!, graceMilliseconds: 2_000 });
    engine = await startEngine(world.place);
  }, 60_000);
  afterAll(async () => {
    await engine.close();
    await world.close();
    await database.drop();
  });

  /** Two log groups, one after the other; the second suffers the fault when it is made. */
  async function suffering(fault: Partial<Fault>) {
    const stack = createStack({ engine });
    const names = { first: fresh("first"), second: fresh("second") };
    const program = { resources: [logGroup(names.first), logGroup(names.second, {}, { dependsOn: [names.first] })] };
    await injectFault(database.pool, { namePattern: names.second, verb: "create", ...fault });
    return { stack, names, program, suffered: () => until(() => faultIsUsedUp(database, names.second)) };
  }
  type Suffering = Awaited<ReturnType<typeof suffering>>;

  const cliOf = async ({ name }: Stack): Promise<number> => (await world.runningCli(name))!;
  const pluginOf = async (pulumi: number): Promise<number> =>
    (await processes()).find(({ parent, command }) => parent === pulumi && command.includes("plugin/bin/../main.ts"))!
      .pid;

  /** Whatever it left is brought home: nothing was made twice, a further up finds nothing to do, and nothing lies about. */
  async function expectHome({ stack, names, program }: Suffering, left: Told, said: RegExp): Promise<void> {
    expect(left).toMatchObject({
      outcome: "needs_recovery",
      pending: [{ kind: "creating", urn: expect.stringContaining(names.second) as string }],
      problem: { code: "recovery_required" },
    });
    expect(await stack.up(program)).toMatchObject({ outcome: "needs_recovery", did: [] });
    expect(await stack.recover("unlock")).toMatchObject({ outcome: "needs_recovery" });
    const recovered = await stack.recover("refresh");
    expect(recovered).toMatchObject({ outcome: "succeeded", pending: [], problem: null });
    expect(recovered.diagnostics.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(said) as string]),
    );
    expect(await stack.up(program)).toMatchObject({ outcome: "succeeded" });
    await expectWhole({ stack, names, program });
  }

  async function expectWhole({ stack, names, program }: Pick<Suffering, "stack" | "names" | "program">): Promise<void> {
    expect(await Promise.all(Object.values(names).map((name) => callsOf(database, name)))).toEqual([
      ["create"],
      ["create"],
    ]);
    expect((await stack.preview(program)).did).toEqual([]);
    expect(await world.leftovers(stack.name)).toEqual([]);
  }

  it("has no provider while it waits at the gate: none falls asleep there, however long that is", async () => {
    const stack = createStack({ engine });
    const name = fresh("waits");
    await stack.up({ resources: [logGroup(name)] });
    const waiting: string[] = [];
    const told = await stack.up(
      { resources: [logGroup(name, { retentionInDays: 30 })] },
      {
        mayApply: async () => {
          const pulumi = await cliOf(stack);
          waiting.push(...(await processes()).filter(({ parent }) => parent === pulumi).map(({ command }) => command));
          return true;
        },
      },
    );
    expect(told).toMatchObject({ outcome: "succeeded", changes: { update: 1 } });
    expect(waiting).toEqual([]);
  }, 60_000);

  it("because the CLI is killed before AWS has answered, comes home", async () => {
    const cut = await suffering({ latencyMilliseconds: 600_000 });
    const running = cut.stack.up(cut.program);
    await cut.suffered();
    process.kill(await cliOf(cut.stack), "SIGKILL");
    await expectHome(cut, await running, /^It was not created/);
  }, 60_000);

  it("because the CLI is killed after AWS did it, comes home without a second create", async () => {
    const cut = await suffering({ latencyMilliseconds: 300 });
    const running = cut.stack.up(cut.program);
    await cut.suffered();
    const pulumi = await cliOf(cut.stack);
    process.kill(pulumi, "SIGSTOP");
    await until(async () => (await callsOf(database, cut.names.second)).length > 0);
    process.kill(pulumi, "SIGKILL");
    await expectHome(cut, await running, /^It was created, as second/);
  }, 60_000);

  it.each([
    ["before", /^It was not created/],
    ["after", /^It was created, as second/],
  ] as const)(
    "because the plugin dies %s it wrote, comes home",
    async (crash, said) => {
      const cut = await suffering({ crash });
      await expectHome(cut, await cut.stack.up(cut.program), said);
    },
    60_000,
  );

  it("because its child is killed, lets the CLI end its step, and goes on", async () => {
    const cut = await suffering({ latencyMilliseconds: 300 });
    const operation = { operationId: randomUUID() };
    const running = cut.stack.up(cut.program, operation);
    await cut.suffered();
    for (const { pid } of await runnersOf(process.pid)) process.kill(pid, "SIGKILL");
    const { outcome, pending } = await running;
    expect({ outcome, pending }).toEqual({ outcome: "interrupted", pending: [] });
    const resumed = await cut.stack.up(cut.program, operation);
    expect(resumed.outcome).toBe("succeeded");
    expect(resumed.did).toEqual(expect.arrayContaining([`create ${cut.names.first}`, `create ${cut.names.second}`]));
    await expectWhole(cut);
  }, 60_000);

  it("because its service is killed, is ended by the next run, and comes home", async () => {
    const cut = await suffering({ latencyMilliseconds: 600_000 });
    const service = fork(new URL("../../../support/kills-process.ts", import.meta.url), {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const order: KillsOrder = {
      place: world.place,
      run: {
        ...{ kind: "up", of: "up", stack: cut.stack.name, operationId: randomUUID(), attempt: 1, fence: nextFence() },
        ...{
          parallelism: null,
          approvedPlan: null,
          refresh: false,
          appliesNext: false,
          ...programArguments(cut.program),
        },
      },
    };
    service.send(order);
    await cut.suffered();
    const plugin = await pluginOf(await cliOf(cut.stack));
    service.kill("SIGKILL");
    await once(service, "exit");
    await expectHome(cut, await cut.stack.up(cut.program), /^It was not created/);
    expect((await processes()).some(({ pid }) => pid === plugin)).toBe(false);
  }, 60_000);

  it("because it is canceled lets the step end, and killed is in doubt", async () => {
    const canceled = await suffering({ latencyMilliseconds: 300 });
    const told = await canceled.stack.up(canceled.program, {
      onEvent: (event, cancel) => {
        if (event.type === "resource.started" && event.step.name === canceled.names.second) cancel();
      },
    });
    expect({ outcome: told.outcome, pending: told.pending }).toEqual({ outcome: "canceled", pending: [] });
    expect(await canceled.stack.up(canceled.program)).toMatchObject({ outcome: "succeeded" });
    await expectWhole(canceled);

    const killed = await suffering({ latencyMilliseconds: 600_000 });
    const ended = await killed.stack.up(killed.program, {
      onEvent: (event, cancel, kill) => {
        if (event.type !== "resource.started" || event.step.name !== killed.names.second) return;
        void killed.suffered().then(() => {
          cancel();
          kill();
        });
      },
    });
    await expectHome(killed, ended, /^It was not created/);
  }, 60_000);
});
