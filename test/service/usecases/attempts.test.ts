import { once } from "node:events";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { EngineUnavailable } from "../../../service/engine/engine-unavailable.ts";
import type { Engine, RunResult } from "../../../service/engine/engine.ts";
import { createExecute } from "../../../service/usecases/executing/execute.ts";
import { claimNext } from "../../../service/usecases/executing/lease.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createFakeTimers } from "../../support/fake-timers.ts";
import { steered } from "../../support/steered-engine.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" } as const;
const production = { name: "production", tag: { key: "project", value: "Production" }, targets: [foundation] };
const never = new AbortController().signal;

const broken = (outcome: RunResult["outcome"]) => (result: RunResult) => ({
  ...result,
  outcome,
  problem: { code: outcome, detail: "cut short", urn: null },
});

describe("an operation that is carried out in more than one attempt", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundation);
  });
  afterEach(() => database.drop());

  const environment = () => world.useCases.getEnvironment("production");
  const goOn = async (): Promise<void> => {
    await database.pool.query("UPDATE gatehouse.operations SET available_at = NULL");
    await world.work();
  };
  const queuedUp = async (): Promise<string> => {
    const preview = await world.previewEnvironment(production);
    return (await world.useCases.apply(admin, preview.id)).id;
  };
  const setRow = (id: string, assignments: string) =>
    database.pool.query(`UPDATE gatehouse.operations SET ${assignments} WHERE id = $1`, [id]);

  it("goes on after its engine broke or was interrupted, and does not begin a second time", async () => {
    world.engine.breakNext("up");
    const up = await world.upEnvironment(production);
    expect(up).toMatchObject({ status: "queued", attempt: 1 });
    expect(await environment()).toMatchObject({ status: "changing" });
    world.engine.nextResult("up", broken("interrupted"));
    // What its first attempt made would look like somebody else's to an operation that begins.
    world.account.permissionSets.add("ProductionPermissionSet");
    await goOn();
    expect(await world.useCases.getOperation(up.id)).toMatchObject({ status: "queued", attempt: 2 });
    await goOn();
    expect(await world.useCases.getOperation(up.id)).toMatchObject({ status: "succeeded", attempt: 3 });
    expect(await environment()).toMatchObject({ status: "active", revision: 1 });
    const fences = world.engine.runs.filter(({ kind }) => kind === "up").map(({ fence }) => fence);
    expect(fences).toEqual(fences.toSorted((one, other) => one - other));
    expect(new Set(fences).size).toBe(fences.length);
  });

  it("says for whom it waits while somebody else holds its stack, and ends with that, and nothing applied", async () => {
    const id = await queuedUp();
    const detail = "environment.production is locked by ann on laptop (process 7).";
    const locked = (result: RunResult): RunResult => ({
      ...{ ...result, outcome: "interrupted", steps: [] },
      problem: { code: "stack_locked", detail, urn: null },
    });
    await setRow(id, "lost_leases = 8");
    world.engine.nextResult("up", locked);
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued", problem: null });
    const { rows } = await database.pool.query<{ message: string }>(
      "SELECT data ->> 'message' AS message FROM gatehouse.events WHERE operation_id = $1 AND type = 'diagnostic'",
      [id],
    );
    expect(rows).toEqual([{ message: `${detail} It is tried again in 30 s (9 of at most 10 times).` }]);
    world.engine.nextResult("up", locked);
    await goOn();
    const ended = await world.useCases.getOperation(id);
    expect(ended).toMatchObject({ status: "failed", problem: { code: "stack_locked", detail }, steps: [] });
    expect(await environment()).toMatchObject({ status: "pending" });
  });

  it("is taken up where a worker died after it had begun, and what the engine then finds is what is recorded", async () => {
    const id = await queuedUp();
    const engine = steered(world.engine, "up");
    const claimed = await claimNext(world.dependencies);
    const dead = createExecute({ ...world.dependencies, engine: engine.engine })(claimed!, {
      stopping: never,
      drain: never,
      kill: never,
    });
    const run = await engine.next();
    await setRow(id, "lease_until = clock_timestamp() - interval '1 second'");
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
    run.end({ outcome: "failed", problem: { code: "resource_failed", detail: "too late", urn: null } });
    await dead;
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2, problem: null });
    expect(await environment()).toMatchObject({ status: "active", revision: 1 });
  });

  it("goes back when its worker drains before anything is applied, and the stack is as it was", async () => {
    const id = await queuedUp();
    world.engine.nextResult("up", broken("canceled"));
    const claimed = await claimNext(world.dependencies);
    await createExecute(world.dependencies)(claimed!, { stopping: never, drain: AbortSignal.abort(), kill: never });
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued" });
    expect(await environment()).toMatchObject({ status: "pending" });
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
  });

  it("goes back when its worker drains in the middle of an apply, and is resumed rather than canceled", async () => {
    const id = await queuedUp();
    const engine = steered(world.engine, "up");
    const drain = new AbortController();
    const claimed = await claimNext(world.dependencies);
    const going = createExecute({ ...world.dependencies, engine: engine.engine })(claimed!, {
      stopping: never,
      drain: drain.signal,
      kill: never,
    });
    const run = await engine.next();
    run.options.onEvent({ type: "apply.started" });
    const told = once(run.options.signal, "abort");
    drain.abort();
    await told;
    run.end({ outcome: "canceled" });
    await going;
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued", attempt: 1 });
    expect(await environment()).toMatchObject({ status: "changing" });
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
  });

  it.each(["preview", "up"] as const)("goes back when its engine has nothing to run a %s with", async (kind) => {
    const preview = await world.useCases.submitEnvironment(
      admin,
      environmentRequest.parse({ action: "up", environment: production }),
    );
    const run: Engine["run"] = (wanted, options) =>
      wanted.kind === kind
        ? Promise.reject(new EngineUnavailable("No runner can be started."))
        : world.engine.run(wanted, options);
    const claimed = await claimNext(world.dependencies);
    await createExecute({ ...world.dependencies, engine: { ...world.engine, run } })(claimed!, {
      stopping: never,
      drain: never,
      kill: never,
    });
    const { rows } = await database.pool.query(
      "SELECT kind, attempt, lost_leases, last_loss FROM gatehouse.operations WHERE status = 'queued'",
    );
    const why = "No runner can be started.";
    expect(rows).toEqual([{ kind, attempt: 1, lost_leases: 1, last_loss: { why, losses: 1 } }]);
    await goOn();
    const { continuedBy } = await world.useCases.getOperation(preview.id);
    expect(await world.useCases.getOperation(continuedBy!)).toMatchObject({ kind: "up", status: "succeeded" });
  });

  it("goes back, and waits a little, when AWS was busy while its worker drained", async () => {
    const id = await queuedUp();
    world.engine.nextResult("up", (result) => ({
      ...result,
      outcome: "failed",
      problem: { code: "throttled", detail: "AWS asks for fewer calls", urn: null },
    }));
    const claimed = await claimNext(world.dependencies);
    await createExecute(world.dependencies)(claimed!, { stopping: never, drain: AbortSignal.abort(), kill: never });
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued" });
    await goOn();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
  });

  it("is given up when it took too many workers with it: failed before it began, in doubt after", async () => {
    const id = await queuedUp();
    await setRow(id, "lost_leases = 10");
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({
      status: "failed",
      problem: {
        code: "worker_lost",
        detail: expect.stringMatching(/went without a word.*Nothing was applied\./) as string,
      },
    });
    const other = await queuedUp();
    await setRow(other, `lost_leases = 10, stack_before = '{"status":"pending","arguments":null}'`);
    await world.work();
    expect(await world.useCases.getOperation(other)).toMatchObject({
      status: "needs_recovery",
      problem: { code: "recovery_required", detail: expect.stringMatching(/begun 10 times.*without a word/) as string },
    });
    expect(await environment()).toMatchObject({ status: "needs_recovery" });
  });

  it("says what broke it off each time, and when it is given up the last of it", async () => {
    const id = await queuedUp();
    const why = "No runner can be started.";
    world.engine.nextResult("up", broken("interrupted"));
    await world.work();
    const { rows } = await database.pool.query<{ message: string }>(
      "SELECT data ->> 'message' AS message FROM gatehouse.events WHERE operation_id = $1 AND type = 'diagnostic'",
      [id],
    );
    expect(rows.map(({ message }) => message).join()).toMatch(/tried again in 1 s \(1 of at most 10 times\)/);
    await setRow(id, `lost_leases = 10, available_at = NULL, last_loss = '{"why":"${why}","losses":10}'`);
    await world.work();
    const { problem } = await world.useCases.getOperation(id);
    expect(problem).toMatchObject({
      code: "recovery_required",
      detail: expect.stringContaining(`The last time: ${why}`) as string,
    });
  });

  it.each([
    ["nothing is heard of it", 31_000, /GATEHOUSE_SILENCE_SECONDS/],
    ["it takes too long", 61_000, /GATEHOUSE_OPERATION_SECONDS/],
  ])("fails with what to do when %s", async (_case, milliseconds, detail) => {
    const id = await queuedUp();
    const engine = steered(world.engine, "up");
    const timers = createFakeTimers();
    // Time passes faster than its lease can be renewed on a busy machine, so that is long.
    const lease = { ...world.dependencies.lease, seconds: 600 };
    const dependencies = { ...world.dependencies, engine: engine.engine, timers, lease };
    const claimed = await claimNext(dependencies);
    const going = createExecute(dependencies)(claimed!, { stopping: never, drain: never, kill: never });
    const run = await engine.next();
    const told = once(run.options.signal, "abort");
    for (let passed = 0; passed < milliseconds && !run.options.signal.aborted; passed += 1_000) {
      if (milliseconds > 60_000) run.options.onEvent({ type: "apply.started" });
      await timers.pass(1_000);
    }
    await told;
    run.end({ outcome: "canceled" });
    await going;
    const ended = await world.useCases.getOperation(id);
    expect(ended).toMatchObject({ status: "failed", problem: { code: "timed_out" } });
    expect(ended.problem?.detail).toMatch(detail);
  });
});
