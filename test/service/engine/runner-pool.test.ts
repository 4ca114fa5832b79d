import { randomUUID } from "node:crypto";
import { createSandboxEngine, type SandboxEngineOptions } from "../../../service/engine/sandbox/create.ts";
import type { Engine } from "../../../service/engine/engine.ts";
import { injectFault } from "../../../service/cloud/simulated/faults.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { runnersOf } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { createStack, exists, scope, testPrograms, topic, topicArn, topicType } from "../../support/engine.ts";

let database: TestDatabase;
const engines: Engine[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await database.drop();
});

const makeEngine = (options: Partial<SandboxEngineOptions> = {}): Engine => {
  const engine = createSandboxEngine({
    databaseUrl: database.url,
    children: 1,
    identityCenter: scope,
    digestKey: randomUUID(),
    onTrouble: () => undefined,
    programs: testPrograms,
    ...options,
  });
  engines.push(engine);
  return engine;
};

const sessions = async (): Promise<number> => {
  const query =
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  const { rows } = await database.pool.query<{ count: number }>(query);
  return rows[0]!.count;
};

describe("the runner pool", () => {
  it("warms up with the product's own programs", async () => {
    const troubles: string[] = [];
    const engine = createSandboxEngine({
      databaseUrl: database.url,
      children: 1,
      identityCenter: scope,
      digestKey: "key",
      onTrouble: (trouble) => void troubles.push(trouble),
    });
    engines.push(engine);
    const told = await createStack({ engine }).preview({ resources: [] });
    // Arguments of a test program are none of the environment program's: it says so, and nothing broke before.
    expect(told.problem).toMatchObject({ code: "program_failed", detail: expect.stringContaining("not valid") });
    expect(troubles).toEqual([]);
  });

  it("starts so many children at once and the others after them, lets runs wait for a free one, and does them all", async () => {
    const world = { engine: makeEngine({ children: 2, startsAtOnce: 1 }), pool: database.pool };
    expect(world.engine.statistics()).toMatchObject({ starting: 1 });
    const told = await Promise.all(
      Array.from({ length: 4 }, () => createStack(world).up({ resources: [topic(`waiting-${randomUUID()}`)] })),
    );
    expect(told.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded", "succeeded", "succeeded"]);
    await until(() => Promise.resolve(world.engine.statistics().idle === 2));
    expect(world.engine.ready()).toMatchObject({ ready: true });
  });

  it("replaces a child that has done its share", async () => {
    const world = { engine: makeEngine({ maximumRuns: 1 }), pool: database.pool };
    for (const stack of [createStack(world), createStack(world)])
      expect(await stack.preview({ resources: [] })).toMatchObject({ outcome: "succeeded" });
  });

  it("lets a run end while the whole process group is told to stop: its service decides", async () => {
    const world = { engine: makeEngine(), pool: database.pool };
    const name = `told-to-stop-${randomUUID()}`;
    const stopAll = async (): Promise<void> => {
      for (const { pid } of await runnersOf(process.pid))
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.kill(pid, signal);
    };
    const stopping: Promise<void>[] = [];
    const told = await createStack(world).up(
      { resources: [topic(name)] },
      {
        onEvent: ({ type }) => {
          if (type === "resource.planned") stopping.push(stopAll());
        },
      },
    );
    await Promise.all(stopping);
    expect({ outcome: told.outcome, times: stopping.length > 0 }).toEqual({ outcome: "succeeded", times: true });
    expect(await exists(world, topicType, topicArn(name))).toBe(true);
  });

  it("calls a run interrupted whose process died before anything was applied, and serves the next", async () => {
    const world = { engine: makeEngine(), pool: database.pool };
    const name = `killed-${randomUUID()}`;
    const told = await createStack(world).preview(
      { resources: [topic(name)], trouble: "hangs" },
      { onEvent: (event) => void (event.type === "resource.planned" && event.step.name === name && killRunners()) },
    );
    expect(told).toMatchObject({ outcome: "interrupted", problem: { code: "interrupted" }, steps: [] });
    expect((await createStack(world).preview({ resources: [] })).outcome).toBe("succeeded");
  });

  it("frees the lock of a stack whose process died", async () => {
    const world = { engine: makeEngine(), pool: database.pool };
    const stack = createStack(world);
    const name = `crash-${randomUUID()}`;
    await injectFault(database.pool, { namePattern: name, crash: "before" });
    expect((await stack.up({ resources: [topic(name)] })).outcome).toBe("needs_recovery");
    expect(await exists(world, topicType, topicArn(name))).toBe(false);
    expect((await stack.up({ resources: [] })).problem?.code).toBe("recovery_required");
  });

  it("leaves no process and no session behind when it is closed, and takes no more runs", async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    const before = await sessions();
    const engine = makeEngine({ children: 2 });
    const world = { engine, pool: database.pool };
    await createStack(world).preview({ resources: [] });
    await engine.close();
    expect(await sessions()).toBeLessThanOrEqual(before);
    expect(engine.ready()).toEqual({ ready: false, detail: "The engine is closed." });
    await expect(createStack(world).preview({ resources: [] })).rejects.toThrow("closed");
  });
});

async function killRunners(): Promise<void> {
  for (const { pid } of await runnersOf(process.pid)) process.kill(pid, "SIGKILL");
}
