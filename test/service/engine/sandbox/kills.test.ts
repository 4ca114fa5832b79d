/** Processes that die, are stopped and go on, at the places where it hurts. */
import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, Run, RunResult } from "../../../../service/engine/engine.ts";
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import { createSandboxEngine } from "../../../../service/engine/sandbox/create.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import {
  callsOf,
  createStack,
  faultIsUsedUp,
  fresh,
  logGroup,
  nextFence,
  programArguments,
  scope,
  testPrograms,
  type Stack,
} from "../../../support/engine.ts";
import type { EngineNews, EngineOrder } from "../../../support/engine-process.ts";
import { processes, runnersOf } from "../../../support/processes.ts";
import { until } from "../../../support/until.ts";

let database: TestDatabase;
/** Nothing happens to its children. */
let calm: Engine;
const engines: Engine[] = [];
const files: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  calm = newEngine({});
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});
afterAll(async () => {
  await calm.close();
  await Promise.all(files.map((file) => rm(file, { force: true })));
  await database.drop();
});

const newEngine = (environment: Record<string, string>): Engine =>
  createSandboxEngine({
    databaseUrl: database.url,
    children: 1,
    identityCenter: scope,
    digestKey: "key",
    onTrouble: () => undefined,
    programs: testPrograms,
    environment,
  });

/** One that is closed when the test has ended. */
const makeEngine = (environment: Record<string, string> = {}): Engine => {
  const engine = newEngine(environment);
  engines.push(engine);
  return engine;
};

/** The setting that lets one process die at a place. */
const faultAt = (fault: string): Record<string, string> => {
  const file = join(tmpdir(), `gatehouse-fault-${randomUUID()}`);
  files.push(file);
  return { GATEHOUSE_FAULT: fault, GATEHOUSE_FAULT_ONCE: file };
};

/** Two updates' worth of trouble: a group to make, one to change, one to delete, one after the other. */
async function changes(stack: Stack) {
  const names = { made: fresh("made"), changed: fresh("changed"), deleted: fresh("deleted") };
  const { made, changed, deleted } = names;
  await stack.up({ resources: [logGroup(changed, { retentionInDays: 7 }), logGroup(deleted)] });
  const program = {
    resources: [logGroup(made), logGroup(changed, { retentionInDays: 30 }, { dependsOn: [made] })],
    outputs: { arn: [made, "arn"] as [string, string] },
  };
  const { planDigest } = await stack.preview(program);
  const operation = { approved: planDigest!, operationId: randomUUID() };
  return { names, program, operation };
}

const expectEachOnce = async ({ made, changed, deleted }: { made: string; changed: string; deleted: string }) =>
  expect(await Promise.all([made, changed, deleted].map((name) => callsOf(database, name)))).toEqual([
    ["create"],
    ["create", "update"],
    ["create", "delete"],
  ]);

const sorted = (steps: readonly string[]): string[] => [...steps].sort();

describe("a runner child that is killed", () => {
  it.each([
    ["child-started", "goes on"],
    ["pending-recording:2", "goes on"],
    ["pending-recorded:1", "is in doubt"],
    ["resource-written:2", "is in doubt"],
    ["resource-written:3", "is in doubt"],
    ["resource-recorded:1", "goes on"],
    ["run-finished", "goes on"],
  ])("at %s leaves an operation that %s, and each resource is written once", async (fault, then) => {
    const stack = createStack({ engine: calm });
    const { names, program, operation } = await changes(stack);
    const doomed = createStack({ engine: makeEngine(faultAt(fault)) }, stack.name);
    const killed = await doomed.up(program, operation);
    const did = [`create ${names.made}`, `delete ${names.deleted}`, `update ${names.changed}`];
    if (then === "goes on") {
      expect(killed).toMatchObject({ outcome: "interrupted", pending: [], problem: { code: "interrupted" } });
      const resumed = await doomed.up(program, operation);
      expect(resumed).toMatchObject({
        outcome: "succeeded",
        outputs: { arn: expect.stringContaining(names.made) as string },
      });
      expect(sorted(resumed.did)).toEqual(did);
    } else {
      expect(killed).toMatchObject({ outcome: "needs_recovery", pending: [expect.anything()] });
      expect(await doomed.up(program, operation)).toMatchObject({ outcome: "needs_recovery" });
      expect(await doomed.recover("refresh")).toMatchObject({ outcome: "succeeded", pending: [] });
      expect((await doomed.up(program)).outcome).toBe("succeeded");
    }
    await expectEachOnce(names);
    expect((await stack.preview(program)).did).toEqual([]);
  });
});

describe("a runner child that is stopped", () => {
  it("can write nothing any more when it goes on after a newer run", async () => {
    const newer = createStack({ engine: calm });
    const { names, program, operation } = await changes(newer);
    const others = new Set((await runnersOf(process.pid)).map(({ pid }) => pid));
    const older = createStack({ engine: makeEngine() }, newer.name);
    await injectFault(database.pool, { namePattern: names.made, latencyMilliseconds: 1_000 });
    const overtaken = older.up(program, operation);
    await until(() => faultIsUsedUp(database, names.made));
    const stopped = (await runnersOf(process.pid)).filter(({ pid }) => !others.has(pid));
    for (const { pid } of stopped) process.kill(pid, "SIGSTOP");
    expect((await newer.up(program, operation)).outcome).toBe("needs_recovery");
    expect((await newer.recover("refresh")).outcome).toBe("succeeded");
    expect((await newer.up(program)).outcome).toBe("succeeded");
    for (const { pid } of stopped) process.kill(pid, "SIGCONT");
    expect((await overtaken).outcome).not.toBe("succeeded");
    await expectEachOnce(names);
  });

  it("is ended by a kill, and when the engine is closed", async () => {
    const others = new Set((await runnersOf(process.pid)).map(({ pid }) => pid));
    const engine = makeEngine();
    const stack = createStack({ engine });
    const name = fresh("stopped");
    await injectFault(database.pool, { namePattern: name, latencyMilliseconds: 600_000 });
    let kill: () => void = () => undefined;
    const run = stack.up({ resources: [logGroup(name)] }, { onEvent: (_event, _cancel, killIt) => (kill = killIt) });
    await until(() => faultIsUsedUp(database, name));
    const own = (await runnersOf(process.pid)).filter(({ pid }) => !others.has(pid));
    for (const { pid } of own) process.kill(pid, "SIGSTOP");
    kill();
    expect((await run).outcome).toBe("needs_recovery");
    await stack.preview({ resources: [] });
    const idle = (await runnersOf(process.pid)).filter(({ pid }) => !others.has(pid));
    for (const { pid } of idle) process.kill(pid, "SIGSTOP");
    await engine.close();
    const left = new Set((await runnersOf(process.pid)).map(({ pid }) => pid));
    expect([...own, ...idle].filter(({ pid }) => left.has(pid))).toEqual([]);
  });
});

describe("a service that is killed", () => {
  /** Starts a process with an engine, and gives it the run. */
  const serve = (run: Run, environment: Record<string, string> = {}): ChildProcess => {
    const service = fork(new URL("../../../support/engine-process.ts", import.meta.url), {
      execArgv: [],
      env: { ...process.env, ...environment },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const order: EngineOrder = { databaseUrl: database.url, run };
    service.send(order);
    return service;
  };
  const gone = (service: ChildProcess): Promise<void> =>
    new Promise((resolve) => service.once("exit", () => resolve()));
  const childOf = async (service: ChildProcess): Promise<number> => {
    let child: number | undefined;
    await until(async () => (child = (await runnersOf(service.pid ?? 0))[0]?.pid) !== undefined);
    return child ?? 0;
  };
  const isAlive = async (pid: number): Promise<boolean> => (await processes()).some((each) => each.pid === pid);
  const upOf = (stack: Stack, { program, operation }: Awaited<ReturnType<typeof changes>>): Run => ({
    kind: "up",
    of: "up",
    stack: stack.name,
    operationId: operation.operationId,
    attempt: 1,
    fence: nextFence(),
    parallelism: null,
    ...programArguments(program),
    approvedPlan: operation.approved,
    refresh: false,
    appliesNext: false,
  });

  it("in the middle of a run takes its children with it, and the operation goes on elsewhere", async () => {
    const stack = createStack({ engine: calm });
    const work = await changes(stack);
    await injectFault(database.pool, { namePattern: work.names.made, latencyMilliseconds: 1_000 });
    const service = serve(upOf(stack, work));
    await until(() => faultIsUsedUp(database, work.names.made));
    const child = await childOf(service);
    service.kill("SIGKILL");
    await gone(service);
    await until(async () => !(await isAlive(child)));
    // The child let the write end that was under way.
    expect(await stack.up(work.program, work.operation)).toMatchObject({ outcome: "succeeded" });
    await expectEachOnce(work.names);
  });

  it.each(["result-received", "resource-recorded:2:parent"])(
    "at %s leaves an operation that goes on and tells all of it",
    async (fault) => {
      const stack = createStack({ engine: calm });
      const work = await changes(stack);
      const news: EngineNews[] = [];
      const service = serve(upOf(stack, work), faultAt(fault));
      service.on("message", (message: EngineNews) => news.push(message));
      const [child] = await Promise.all([childOf(service), gone(service)]);
      await until(async () => !(await isAlive(child)));
      expect(service.signalCode).toBe("SIGKILL");
      const results: RunResult[] = news.flatMap((each) => (each.kind === "result" ? [each.result] : []));
      expect(results).toEqual([]);
      const { made, changed, deleted } = work.names;
      const resumed = await stack.up(work.program, work.operation);
      expect(sorted(resumed.did)).toEqual([`create ${made}`, `delete ${deleted}`, `update ${changed}`]);
      await expectEachOnce(work.names);
    },
  );
});
