import { createExecute } from "../../../service/usecases/execute.ts";
import { claimNext } from "../../../service/usecases/lease.ts";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import type { OperationRow } from "../../../service/store/operations.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { environmentInputOf, foundationInputOf } from "../../support/documents.ts";
import { createQueueWorld } from "../../support/queued-operations.ts";
import { steered, type SteeredRun } from "../../support/steered-engine.ts";
import { until } from "../../support/until.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

/** As many requests a second as there are for all runs. */
const demand = { assignments: 0, provisionings: 0, requests: 18, storeRequests: 0 };

describe("an apply at the gate where it takes its share of Identity Center's limits", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundationInputOf());
  });
  afterEach(() => database.drop());

  /** Somebody else's run that holds all requests. */
  const holding = async (): Promise<OperationRow> => {
    const queue = createQueueWorld(database.pool);
    await queue.queued("environment/other", {
      id: "01980000-0000-7000-8000-00000000aaaa",
      kind: "drift_check",
      identityCenterDemand: demand,
    });
    return (await queue.claim("worker-2", 3600))!;
  };

  /** An up that has come to the gate. */
  const atGate = async (): Promise<{ id: string; run: SteeredRun; passed: Promise<boolean>; ended: Promise<void> }> => {
    const never = new AbortController().signal;
    const dependencies = { ...world.dependencies, lease: { ...world.dependencies.lease, places: 4 } };
    const engine = steered(world.engine, "up");
    const execute = createExecute({ ...dependencies, engine: engine.engine });
    await world.useCases.submitEnvironment(
      admin,
      environmentRequest.parse({ action: "up", environment: environmentInputOf() }),
    );
    const ended = execute((await claimNext(dependencies))!, { stopping: never, drain: never, kill: never });
    const run = await engine.next();
    return { id: run.run.operationId, run, passed: run.options.mayApply!(), ended };
  };
  const waitsAtGate = (id: string) =>
    until(async () => (await world.useCases.getOperation(id)).waitingFor === "identity-center");

  it("waits without a share while others hold all, says so, and goes on when one goes back", async () => {
    const other = await holding();
    const { id, run, passed, ended } = await atGate();
    await waitsAtGate(id);
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "running" });
    await world.dependencies.store.leases.keepShare(other, { ...other.identityCenterShare!, requests: 0 });
    world.hear("queue");
    expect(await passed).toBe(true);
    const row = await world.dependencies.store.operations.find(id);
    expect(row).toMatchObject({ waitingFor: null, identityCenterTurn: null });
    expect(row?.identityCenterShare).toEqual(row?.identityCenterWish);
    expect(row?.identityCenterShare?.requests).toBeGreaterThan(0);
    run.end({ outcome: "succeeded" });
    await ended;
  });

  it("waits no more when its process is gone, and is taken anew", async () => {
    await holding();
    const { id, run, passed, ended } = await atGate();
    await waitsAtGate(id);
    run.end({ outcome: "interrupted" });
    expect(await passed).toBe(false);
    await ended;
    expect(await world.dependencies.store.operations.find(id)).toMatchObject({
      ...{ status: "queued", waitingFor: null, lostLeases: 1 },
      ...{ identityCenterWish: null, identityCenterTurn: null, identityCenterShare: null },
    });
  });

  it("ends there when it is canceled, and nothing was applied", async () => {
    await holding();
    const { id, run, passed, ended } = await atGate();
    await waitsAtGate(id);
    await world.useCases.cancel(admin, id);
    world.hear(`cancel:${id}`);
    expect(await passed).toBe(false);
    run.end({ outcome: "canceled" });
    await ended;
    const operation = await world.useCases.getOperation(id);
    expect(operation).toMatchObject({ status: "canceled", waitingFor: null, problem: { code: "canceled" } });
    expect((await world.useCases.getEnvironment("production")).status).toBe("pending");
  });
});
