/** A preview whose up follows at once, by the real CLI: one process serves both, and any other end of it leaves nothing. */
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { lockDirectory, readLocks } from "../../../../service/engine/automation/recovery/leftovers-locks.ts";
import { startAutomationWorld, type AutomationWorld } from "../../../support/automation-world.ts";
import { callsOf, createStack, fresh, topic, type Stack } from "../../../support/engine.ts";
import type { TestArguments } from "../../../support/test-programs.ts";
import { runnersOf } from "../../../support/processes.ts";
import { findTestCli } from "../../../support/pulumi-cli.ts";
import { until } from "../../../support/until.ts";

const cli = await findTestCli();

interface Recorded {
  kind: string;
  pid: number;
  lives: boolean;
}

(cli === null ? describe.skip : describe)("an up that its preview's process carries on", () => {
  let world: AutomationWorld;
  beforeAll(async () => {
    world = await startAutomationWorld(cli!);
  }, 60_000);
  afterAll(() => world.close());

  const processes = async ({ name }: Stack): Promise<Recorded[]> => {
    const query =
      "select kind, pid, ended_at is null as lives from automation.processes where stack = $1 order by started_at";
    return (await world.pool.query<Recorded>(query, [name])).rows;
  };
  const waiting = (): number => world.engine.statistics().waiting;
  const locks = ({ name }: Stack) =>
    readLocks(lockDirectory(`file://${join(world.directory, "state")}`, "gatehouse", name)!);
  const expectNothingLeft = async (stack: Stack): Promise<void> => {
    expect(await locks(stack)).toEqual([]);
    expect((await processes(stack)).filter(({ lives }) => lives)).toEqual([]);
    expect(await readdir(join(world.directory, "pulumi", "runs"))).toEqual([]);
  };
  /** A preview whose process waits; gives what its up needs. */
  const keep = async (stack: Stack, program: TestArguments) => {
    const operationId = randomUUID();
    const preview = await stack.preview(program, { appliesNext: true, operationId });
    expect(preview).toMatchObject({ outcome: "succeeded", problem: null });
    expect(waiting()).toBe(1);
    return { operationId, preview, approved: preview.planDigest! };
  };

  it("is one process for both, and tells all that a preview and an up tell", async () => {
    const stack = createStack(world);
    const name = fresh("topic");
    const program = { resources: [topic(name)] };
    const plain = await stack.preview(program);
    const { preview, approved } = await keep(stack, program);
    const { steps, changes, planDigest, outputs, resources } = plain;
    expect(preview).toMatchObject({ steps, changes, planDigest, outputs, resources });
    expect(preview.events.map(({ type }) => type)).toEqual(plain.events.map(({ type }) => type));
    expect(await callsOf(world, name)).toEqual([]);

    const up = await stack.up(program, { approved });
    expect(up).toMatchObject({ outcome: "succeeded", changes: { create: 3 }, planDigest: approved, problem: null });
    expect((await processes(stack)).map(({ kind }) => kind)).toEqual(["preview", "preview", "up"]);
    expect(await callsOf(world, name)).toEqual(["create"]);
    expect(waiting()).toBe(0);
    await expectNothingLeft(stack);

    // As an up of its own tells it.
    const other = createStack(world);
    const alone = await other.up({ resources: [topic(fresh("topic"))] });
    expect(up.events.map(({ type }) => type)).toEqual(alone.events.map(({ type }) => type));
  }, 60_000);

  it("is the same plan on a stack that holds something, and what is applied then is the next plan's start", async () => {
    const stack = createStack(world);
    const name = fresh("topic");
    await stack.up({ resources: [topic(name)] });
    const program = { resources: [topic(name, { displayName: "changed" })] };
    const plain = await stack.preview(program);
    const { approved } = await keep(stack, program);
    expect(approved).toBe(plain.planDigest);
    expect(await stack.up(program, { approved })).toMatchObject({ outcome: "succeeded", changes: { update: 1 } });
    expect((await stack.preview(program)).did).toEqual([]);
    expect(await callsOf(world, name)).toEqual(["create", "update"]);
  }, 60_000);

  it("starts afresh when it is another than what was planned, of which nothing is applied", async () => {
    const stack = createStack(world);
    const [planned, wanted] = [fresh("topic"), fresh("topic")];
    const { approved } = await keep(stack, { resources: [topic(planned)] });
    const stale = await stack.up({ resources: [topic(wanted)] }, { approved });
    expect(stale).toMatchObject({ outcome: "failed", problem: { code: "preview_stale" } });
    const { approved: slower } = await keep(stack, { resources: [topic(wanted)] });
    const up = await stack.up({ resources: [topic(wanted)] }, { approved: slower, parallelism: 1 });
    expect(up).toMatchObject({ outcome: "succeeded", problem: null });
    expect(await callsOf(world, planned)).toEqual([]);
    expect(await callsOf(world, wanted)).toEqual(["create"]);
    await expectNothingLeft(stack);
  }, 60_000);

  it("starts afresh when the process was let go, also on a stack that was never brought up", async () => {
    const stack = createStack(world);
    const name = fresh("topic");
    const { operationId, approved } = await keep(stack, { resources: [topic(name)] });
    await world.engine.letGo(operationId);
    expect(waiting()).toBe(0);
    await expectNothingLeft(stack);
    expect(await stack.up({ resources: [topic(name)] }, { approved })).toMatchObject({ outcome: "succeeded" });
    expect(await callsOf(world, name)).toEqual(["create"]);
  }, 60_000);

  it.each([
    ["the CLI", async (stack: Stack) => (await processes(stack)).filter(({ lives }) => lives).map(({ pid }) => pid)],
    ["the child", async () => (await runnersOf(process.pid)).map(({ pid }) => pid)],
  ])(
    "comes to its end when %s was killed while it waited",
    async (_case, victims) => {
      const stack = createStack(world);
      const name = fresh("topic");
      const { approved } = await keep(stack, { resources: [topic(name)] });
      for (const pid of await victims(stack)) process.kill(pid, "SIGKILL");
      await until(() => Promise.resolve(waiting() === 0));
      const up = await stack.up({ resources: [topic(name)] }, { approved });
      expect(up).toMatchObject({ outcome: "succeeded", problem: null });
      expect(await callsOf(world, name)).toEqual(["create"]);
      await expectNothingLeft(stack);
    },
    60_000,
  );

  it("ends with the engine", async () => {
    const other = await startAutomationWorld(cli!);
    const stack = createStack(other);
    await stack.preview({ resources: [topic(fresh("topic"))] }, { appliesNext: true });
    expect(other.engine.statistics().waiting).toBe(1);
    await other.engine.close();
    const left = "select pid from automation.processes where stack = $1 and ended_at is null";
    expect((await other.pool.query(left, [stack.name])).rows).toEqual([]);
    await other.close();
  }, 60_000);

  it("starts afresh when it does not come in time", async () => {
    const hurried = await startAutomationWorld(cli!, { keepMilliseconds: 1 });
    const stack = createStack(hurried);
    const name = fresh("topic");
    const program = { resources: [topic(name)] };
    const { planDigest } = await stack.preview(program, { appliesNext: true });
    await until(() => Promise.resolve(hurried.engine.statistics().idle === 1));
    expect(await stack.up(program, { approved: planDigest! })).toMatchObject({ outcome: "succeeded" });
    expect(await callsOf(hurried, name)).toEqual(["create"]);
    await hurried.close();
  }, 60_000);
});
