/** Runs of the real CLI that share one plugin process: side by side, and when their service is killed. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import type { Engine } from "../../../../service/engine/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import {
  callsOf,
  createStack,
  faultIsUsedUp,
  fresh,
  nextFence,
  programArguments,
  topic,
} from "../../../support/engine.ts";
import type { KillsOrder } from "../../../support/kills-process.ts";
import { startEngine, startKillsWorld, type KillsWorld } from "../../../support/kills-world.ts";
import { processes } from "../../../support/processes.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";
import type { TestArguments } from "../../../support/test-programs.ts";
import { until } from "../../../support/until.ts";

const cli = await findTestCli();

const pluginsOf = async (parent: number): Promise<number[]> =>
  (await processes())
    .filter((each) => each.parent === parent && each.command.includes("plugin/shared.ts"))
    .map(({ pid }) => pid);

(cli === null ? describe.skip : describe)("runs of the real CLI with one plugin process", () => {
  let database: TestDatabase;
  let world: KillsWorld;
  let engine: Engine;

  beforeAll(async () => {
    database = await createTestDatabase();
    world = await startKillsWorld(database, { cli: cli!, children: 2, pluginPerRun: false });
    engine = await startEngine(world.place);
  }, 60_000);
  afterAll(async () => {
    await engine.close();
    await world.close();
    await database.drop();
  });

  it("work each where its providers do, two of a run and two runs at once", async () => {
    const places = [
      { account: "222233334444", region: "eu-west-1" },
      { account: "333344445555", region: "us-west-2" },
    ];
    const programs = places.map((place): TestArguments & { arns: string[] } => {
      const [near, far] = [fresh("near"), fresh("far")];
      return {
        providers: { other: place },
        resources: [topic(near), topic(far, {}, { provider: "other" })],
        arns: [`arn:aws:sns:us-east-1:111122223333:${near}`, `arn:aws:sns:${place.region}:${place.account}:${far}`],
      };
    });
    const ups = await Promise.all(
      programs.map(({ arns: _arns, ...program }) => createStack({ engine }).up(program, { parallelism: 4 })),
    );
    expect(ups.map(({ outcome, resources }) => [outcome, resources.map(({ id }) => id).sort()])).toEqual(
      programs.map(({ arns }) => ["succeeded", arns.sort()]),
    );
    expect(await pluginsOf(process.pid)).toHaveLength(1);
  }, 60_000);

  it("come home when their service is killed, and neither plugin nor write goes on", async () => {
    const stack = createStack({ engine });
    const name = fresh("cut");
    const program = { resources: [topic(name)] };
    await injectFault(database.pool, { namePattern: name, verb: "create", latencyMilliseconds: 600_000 });
    const service = fork(new URL("../../../support/kills-process.ts", import.meta.url), {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const how = { parallelism: null, approvedPlan: null, refresh: false, appliesNext: false };
    const order: KillsOrder = {
      place: world.place,
      run: {
        ...{ kind: "up", of: "up", stack: stack.name, operationId: randomUUID(), attempt: 1, fence: nextFence() },
        ...how,
        ...programArguments(program),
      },
    };
    service.send(order);
    await until(() => faultIsUsedUp(database, name));
    const [plugin = 0] = await pluginsOf(service.pid ?? 0);
    service.kill("SIGKILL");
    await once(service, "exit");
    expect(await stack.up(program)).toMatchObject({ outcome: "needs_recovery", pending: [{ kind: "creating" }] });
    expect(await stack.recover("refresh")).toMatchObject({ outcome: "succeeded" });
    expect(await stack.up(program)).toMatchObject({ outcome: "succeeded" });
    expect(await callsOf(database, name)).toEqual(["create"]);
    expect(await world.leftovers(stack.name)).toEqual([]);
    await until(async () => !(await processes()).some(({ pid }) => pid === plugin));
  }, 60_000);
});
