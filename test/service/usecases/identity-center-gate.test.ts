import { createExecute } from "../../../service/usecases/executing/execute.ts";
import { claimNext } from "../../../service/usecases/executing/lease.ts";
import { environmentRequest, type EnvironmentInput } from "../../../service/domain/environment-document.ts";
import { looksAgainAfter } from "../../../service/usecases/executing/second-look.ts";
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
  const atGate = async (
    more: Partial<EnvironmentInput> = {},
  ): Promise<{ id: string; run: SteeredRun; passed: Promise<boolean>; ended: Promise<void>; later: () => void }> => {
    const never = new AbortController().signal;
    const { lease, timers } = world.dependencies;
    const clock = { ahead: 0 };
    const dependencies = {
      ...world.dependencies,
      lease: { ...lease, places: 4 },
      timers: { ...timers, elapsed: () => timers.elapsed() + clock.ahead },
    };
    const engine = steered(world.engine, "up");
    const execute = createExecute({ ...dependencies, engine: engine.engine });
    await world.useCases.submitEnvironment(
      admin,
      environmentRequest.parse({ action: "up", environment: { ...environmentInputOf(), ...more } }),
    );
    const ended = execute((await claimNext(dependencies))!, { stopping: never, drain: never, kill: never });
    const run = await engine.next();
    const later = (): void => void (clock.ahead += looksAgainAfter);
    return { id: run.run.operationId, run, passed: run.options.mayApply!(), ended, later };
  };
  const givesBack = async (other: OperationRow): Promise<void> => {
    await world.dependencies.store.leases.keepShare(other, { ...other.identityCenterShare!, requests: 0 });
    world.hear("queue");
  };
  const waitsAtGate = (id: string) =>
    until(async () => (await world.useCases.getOperation(id)).waitingFor === "identity-center");

  it("waits without a share while others hold all, says so, and goes on when one goes back", async () => {
    const other = await holding();
    const { id, run, passed, ended } = await atGate();
    await waitsAtGate(id);
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "running" });
    await givesBack(other);
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

  /** What an up that waited does when the gate opens, and something was changed in the account meanwhile. */
  const waitedWhile = async (change: () => void, more: Partial<EnvironmentInput> = {}) => {
    const other = await holding();
    const { id, run, passed, ended, later } = await atGate(more);
    await waitsAtGate(id);
    change();
    later();
    await givesBack(other);
    const may = await passed;
    run.end({ outcome: may ? "succeeded" : "canceled" });
    await ended;
    return { may, row: await world.dependencies.store.operations.find(id) };
  };

  it("applies nothing where somebody made meanwhile what it is about to make, and says what to do", async () => {
    const { may, row } = await waitedWhile(() => world.account.groups.add("ProductionAccess"));
    expect(may).toBe(false);
    expect(row).toMatchObject({ status: "failed", problem: { code: "name_taken" } });
    expect(row?.problem?.detail).toMatch(/^AWS has the group "ProductionAccess" already. Write "adopt": \["group"\]/);
    expect(await world.useCases.getOperation(row?.continues ?? "")).toMatchObject({ approval: { state: "void" } });
    expect((await world.useCases.getEnvironment("production")).status).toBe("pending");
  });

  it("applies nothing where what it was to take over is gone meanwhile", async () => {
    world.account.permissionSets.add("ProductionPermissionSet");
    const { may, row } = await waitedWhile(() => world.account.permissionSets.clear(), { adopt: ["permission-set"] });
    expect(may).toBe(false);
    expect(row).toMatchObject({ status: "failed", problem: { code: "preview_stale" } });
  });

  it("goes on where all is as it was", async () => {
    expect(await waitedWhile(() => undefined)).toMatchObject({ may: true, row: { status: "succeeded" } });
  });

  it("is run again as if nothing had begun where nobody can say what is there", async () => {
    const broken = () => Promise.reject(new Error("The reader is out of order."));
    const { may, row } = await waitedWhile(() => void Object.assign(world.dependencies.reader, { findGroup: broken }));
    expect(may).toBe(false);
    expect(row).toMatchObject({ status: "queued", lostLeases: 1, stackBefore: null });
  });
});
