import type { IdentityCenterDemand } from "../../../service/domain/identity-center-share.ts";
import type { OperationRow } from "../../../service/store/operations.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createQueueWorld, type QueueWorld } from "../../support/queued-operations.ts";

/** As much as a first up of an environment in one account. What reads before it plans takes its share with its claim. */
const first: IdentityCenterDemand = { assignments: 1, provisionings: 1, requests: 2, storeRequests: 2 };
const assigning = (assignments: number): IdentityCenterDemand => ({
  ...first,
  assignments,
  provisionings: 0,
  requests: 0,
  storeRequests: 0,
});

describe("the budget of Identity Center's limits", () => {
  let database: TestDatabase;
  let world: QueueWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createQueueWorld(database.pool);
  });
  afterEach(() => database.drop());

  const asking = (stack: string, identityCenterDemand: IdentityCenterDemand, team = "default") =>
    world.queued(`environment/${stack}`, { kind: "drift_check", identityCenterDemand, team });
  const claimed = async (places = 64, worker = "worker-1"): Promise<string | null> =>
    (await world.claim(worker, 30, places))?.stack ?? null;
  const waitingFor = async (operation: OperationRow): Promise<string | null> =>
    (await world.find(operation)).waitingFor;

  it("lets as many runs provision as AWS does, and has the next wait and say so", async () => {
    for (const name of ["aa", "bb", "cc"]) {
      await asking(name, first);
      expect(await claimed()).toBe(`environment/${name}`);
    }
    const fourth = await asking("dd", first);
    expect(await claimed()).toBeNull();
    expect(await waitingFor(fourth)).toBe("identity-center");
  });

  it("goes on with what asks nothing of Identity Center", async () => {
    for (const name of ["aa", "bb", "cc", "dd"]) await asking(name, first);
    await world.queued("environment/ee");
    const taken = [await claimed(), await claimed(), await claimed(), await claimed(), await claimed()];
    expect(taken).toEqual(["environment/aa", "environment/bb", "environment/cc", "environment/ee", null]);
  });

  it("gives what a run does not need any more to the next at once", async () => {
    for (const name of ["aa", "bb", "cc"]) await asking(name, first);
    const [operation] = [await world.claim(), await claimed(), await claimed()];
    await asking("dd", first);
    expect(await claimed()).toBeNull();
    await world.store.leases.keepShare(operation!, { ...operation!.identityCenterShare!, provisionings: 0 });
    expect(await claimed()).toBe("environment/dd");
    expect(await waitingFor(operation!)).toBeNull();
  });

  it("takes a share back when the run ends, when it goes back, and when its worker's lease is over", async () => {
    const operations: OperationRow[] = [];
    for (const name of ["aa", "bb", "cc"]) {
      await asking(name, first);
      operations.push((await world.claim())!);
    }
    for (const name of ["dd", "ee", "ff"]) await asking(name, first);
    const [ended, back, dead] = operations;
    await world.finish(ended!);
    expect(await claimed()).toBe("environment/dd");
    await world.store.leases.handBack(back!, { seconds: 3600, lost: false, begun: true });
    expect(await claimed()).toBe("environment/ee");
    await world.expire(dead!);
    // What was lost comes first, and takes its own place again.
    expect(await claimed()).toBe("environment/cc");
    expect(await claimed()).toBeNull();
  });

  it("does not let a worker that lost its lease give back what another attempt holds", async () => {
    await asking("aa", first);
    const lost = (await world.claim("worker-1"))!;
    await world.expire(lost);
    await world.claim("worker-2");
    await world.store.leases.keepShare(lost, { ...lost.identityCenterShare!, provisionings: 0 });
    expect((await world.find(lost)).identityCenterShare).toMatchObject({ provisionings: 1 });
  });

  it("keeps a large run from being overtaken by ever more small ones", async () => {
    const running: OperationRow[] = [];
    for (let count = 0; count < 15; count += 1) {
      await asking(`small-${count}`, assigning(1));
      running.push((await world.claim())!);
    }
    await database.pool.query("UPDATE gatehouse.identity_center_budget SET requests = 12");
    const large = await asking("large", { ...assigning(1), requests: 5 }, "other");
    expect(await claimed()).toBeNull();
    const late = await asking("late", assigning(1), "third");
    for (const operation of running.slice(0, 5)) {
      await world.finish(operation);
      expect(await claimed()).toBeNull();
    }
    expect(await waitingFor(late)).toBe("identity-center");
    for (const operation of running.slice(5, 8)) await world.finish(operation);
    expect(await claimed()).toBe("environment/large");
    expect(await waitingFor(large)).toBeNull();
  });

  it.each([
    ["alone", 1, 1, [3], [3]],
    ["beside one that waits, in a process with two places", 2, 2, [1, 1], [1, 1]],
    [
      "one of many, in a process with many places",
      30,
      30,
      Array.from({ length: 15 }, () => 1),
      Array.from({ length: 15 }, () => 1),
    ],
  ])("divides the assignments of a run that is %s", async (_case, count, places, assignments, parallelism) => {
    for (let index = 0; index < count; index += 1) await asking(`many-${index}`, assigning(count === 1 ? 15 : 20));
    const shares = [];
    for (
      let operation = await world.claim("w", 30, places);
      operation !== null;
      operation = await world.claim("w", 30, places)
    )
      shares.push(operation.identityCenterShare!);
    expect(shares.map((share) => share.assignments)).toEqual(assignments);
    expect(shares.map((share) => share.parallelism)).toEqual(parallelism);
  });

  it("has a run with many people write few at a time, so that the identity store's rate is kept", async () => {
    await asking("crowd", { ...first, storeRequests: 100 });
    expect((await world.claim())!.identityCenterShare).toMatchObject({ storeRequests: 20, parallelism: 4 });
    await asking("second", { ...first, storeRequests: 5 });
    expect(await claimed()).toBeNull();
  });

  it("gives whole budgets to what asks for more than there is", async () => {
    await database.pool.query("UPDATE gatehouse.identity_center_budget SET requests = 1");
    await asking("aa", { ...first, requests: 10 });
    expect((await world.claim())!.identityCenterShare).toMatchObject({ requests: 1 });
  });

  it("is never exceeded by workers that take at the same time", async () => {
    for (let count = 0; count < 40; count += 1)
      await asking(`many-${count}`, { ...first, provisionings: count % 3 === 0 ? 1 : 0, storeRequests: count % 4 });
    const claims = await Promise.all(Array.from({ length: 40 }, (_, index) => claimed(40, `worker-${index}`)));
    const { rows } = await database.pool.query("SELECT * FROM gatehouse.identity_center_use");
    expect(claims.filter((stack) => stack !== null).length).toBeGreaterThan(5);
    expect(Number(rows[0].requests)).toBeLessThanOrEqual(18);
    expect(Number(rows[0].assignments)).toBeLessThanOrEqual(15);
    expect(Number(rows[0].provisionings)).toBeLessThanOrEqual(3);
    expect(Number(rows[0].store_requests)).toBeLessThanOrEqual(20);
  });
});
