import { once } from "node:events";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { createExecute } from "../../../service/usecases/executing/execute.ts";
import { claimNext } from "../../../service/usecases/executing/lease.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { steered, type SteeredRun } from "../../support/steered-engine.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" } as const;
const production = { name: "production", tag: { key: "project", value: "Production" }, targets: [foundation] };
const never = new AbortController().signal;

describe("cancel", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundation);
  });
  afterEach(() => database.drop());

  const submit = (action: "preview" | "up") =>
    world.useCases.submitEnvironment(admin, environmentRequest.parse({ action, environment: production }));

  /** A run of the kind that has begun, and what tells its worker of a cancel at once. */
  const running = async (kind: "preview" | "up"): Promise<{ id: string; run: SteeredRun; ended: Promise<void> }> => {
    const { dependencies } = world;
    const submitted = await submit("up");
    const engine = steered(world.engine, kind);
    const execute = createExecute({ ...dependencies, engine: engine.engine });
    const ended = execute((await claimNext(dependencies))!, { stopping: never, drain: never, kill: never });
    const run = await engine.next();
    const id = run.run.operationId;
    expect(id === submitted.id).toBe(kind === "preview");
    return { id, run, ended };
  };
  const cancel = async (id: string, signal: AbortSignal): Promise<void> => {
    const told = once(signal, "abort");
    await world.useCases.cancel(admin, id);
    world.hear(`cancel:${id}`);
    await told;
  };

  it("ends what waits at once, and no worker takes it", async () => {
    const { id } = await submit("up");
    expect(await world.useCases.cancel(admin, id)).toMatchObject({ status: "canceled", problem: { code: "canceled" } });
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "canceled", attempt: 0, continuedBy: null });
    await expect(world.useCases.cancel(admin, id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("keeps a preview that runs from going on", async () => {
    const { id, run, ended } = await running("preview");
    await cancel(id, run.options.signal);
    run.end({ outcome: "canceled" });
    await ended;
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "canceled", continuedBy: null });
    expect((await world.upEnvironment(production)).status).toBe("succeeded");
  });

  it("stops an apply after the steps that run, lists what was done, and the stack tells that it is half done", async () => {
    const { id, run, ended } = await running("up");
    run.options.onEvent({ type: "apply.started" });
    await cancel(id, run.options.signal);
    expect(run.options.kill.aborted).toBe(false);
    run.end({
      outcome: "canceled",
      steps: [{ op: "create", urn: "urn:pulumi:x", type: "aws:kms/key:Key", name: "key", diff: [] }],
    });
    await ended;
    const operation = await world.useCases.getOperation(id);
    expect(operation).toMatchObject({ status: "canceled", steps: [{ name: "key" }] });
    expect(operation.problem?.detail).toMatch(/steps that were done/);
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "failed" });
  });

  it("a second time ends it at once, and what was being written is in doubt", async () => {
    const { id, run, ended } = await running("up");
    run.options.onEvent({ type: "apply.started" });
    await cancel(id, run.options.signal);
    await cancel(id, run.options.kill);
    const pending = [{ urn: "urn:pulumi:x", type: "aws:kms/key:Key", kind: "creating" as const }];
    run.end({ outcome: "needs_recovery", pending });
    await ended;
    const operation = await world.useCases.getOperation(id);
    expect(operation).toMatchObject({ status: "needs_recovery", pending, problem: { code: "recovery_required" } });
    expect(operation.problem?.detail).toMatch(/^It was canceled and ended at once\. .*creating urn:pulumi:x/);
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "needs_recovery" });
  });

  it("is remembered where the worker is dead, and the next one ends the operation", async () => {
    const { id, run, ended } = await running("up");
    await world.useCases.cancel(admin, id);
    await database.pool.query("UPDATE gatehouse.operations SET lease_until = clock_timestamp() - interval '1 second'");
    world.engine.nextResult("up", (result) => ({ ...result, outcome: "canceled", steps: [] }));
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "canceled", attempt: 2 });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "pending" });
    run.end({});
    await ended;
  });

  it("ends what AWS was too busy for, before its next attempt and in the middle of one", async () => {
    const busy = { outcome: "failed", problem: { code: "throttled", detail: "Rate exceeded", urn: null } } as const;
    world.engine.nextResult("up", (result) => ({ ...result, ...busy }));
    const waiting = await world.upEnvironment(production);
    expect(waiting.status).toBe("queued");
    await world.useCases.cancel(admin, waiting.id);
    world.engine.nextResult("up", (result) => ({ ...result, outcome: "canceled" }));
    // Nothing is changed for time to have passed.
    await world.work();
    expect(await world.useCases.getOperation(waiting.id)).toMatchObject({ status: "canceled", attempt: 2 });
    const { id, run, ended } = await running("up");
    await cancel(id, run.options.signal);
    run.end(busy);
    await ended;
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "canceled", problem: { code: "canceled" } });
  });

  it("is for whoever requested the operation, and admins", async () => {
    const { id } = await submit("preview");
    const somebody = { name: "somebody", role: "requester" } as const;
    await expect(world.useCases.cancel(somebody, id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(world.useCases.cancel(admin, "01980000-0000-7000-8000-00000000ffff")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
