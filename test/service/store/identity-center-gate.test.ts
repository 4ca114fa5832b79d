import { drizzle } from "drizzle-orm/node-postgres";
import { readWorkFigures } from "../../../service/store/work-figures.ts";
import type { IdentityCenterDemand } from "../../../service/domain/identity-center-share.ts";
import type { OperationRow } from "../../../service/store/operations.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createQueueWorld, type QueueWorld } from "../../support/queued-operations.ts";

/** A first up of an environment in one account. */
const first: IdentityCenterDemand = { assignments: 1, provisionings: 1, requests: 2, storeRequests: 2 };
const assigning = (assignments: number): IdentityCenterDemand => ({
  ...first,
  assignments,
  provisionings: 0,
  requests: 0,
  storeRequests: 0,
});

describe("the gate at which an apply takes its share of Identity Center's limits", () => {
  let database: TestDatabase;
  let world: QueueWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createQueueWorld(database.pool);
    await keepApart("0 s");
  });
  afterEach(() => database.drop());

  const keepApart = (interval: string) =>
    database.pool.query("UPDATE gatehouse.identity_center_budget SET provisionings_apart = $1", [interval]);
  const asking = (stack: string, identityCenterDemand: IdentityCenterDemand, change: Partial<OperationRow> = {}) =>
    world.queued(`environment/${stack}`, { kind: "up", identityCenterDemand, ...change });
  const claim = (places = 64, worker = "worker-1") => world.claim(worker, 30, places);
  const claimed = async (places = 64, worker = "worker-1"): Promise<string | null> =>
    (await claim(places, worker))?.stack ?? null;
  /** Asks for first ups by these names, and takes all that are given out. */
  const taken = async (...names: string[]): Promise<OperationRow[]> => {
    for (const name of names) await asking(name, first);
    const rows: OperationRow[] = [];
    for (let row = await claim(); row !== null; row = await claim()) rows.push(row);
    return rows;
  };
  const passes = (operation: OperationRow) => world.store.leases.passGate(operation);
  /** Asks for first ups by these names, and has each come to the gate. */
  const coming = async (...names: string[]): Promise<OperationRow[]> => {
    const rows: OperationRow[] = [];
    for (const name of names) {
      await asking(name, first);
      const row = (await claim())!;
      await passes(row);
      rows.push(row);
    }
    return rows;
  };
  const use = async () => {
    const { rows } = await database.pool.query("SELECT * FROM gatehouse.identity_center_use");
    return Number(rows[0].provisionings);
  };

  it("holds nothing until it is there, and then what it wished for", async () => {
    const [operation] = await taken("aa");
    expect(operation).toMatchObject({ identityCenterShare: null, identityCenterWish: { provisionings: 1 } });
    expect(await use()).toBe(0);
    expect(await passes(operation!)).toBe(true);
    expect(await use()).toBe(1);
    expect((await world.find(operation!)).identityCenterShare).toEqual(operation!.identityCenterWish);
  });

  it("lets as many through as AWS takes; the others wait there, say so, and come in the order in which they came", async () => {
    const [one, two] = await coming("aa", "bb", "cc");
    const [fourth, fifth] = await taken("dd", "ee");
    // Whoever has its plan first is the first, whoever was taken first.
    for (const operation of [fifth, fourth]) expect(await passes(operation!)).toBe(false);
    expect(await world.find(fourth!)).toMatchObject({ status: "running", waitingFor: "identity-center" });
    await world.finish(two!);
    expect(await passes(fourth!)).toBe(false);
    expect(await passes(fifth!)).toBe(true);
    expect(await world.find(fifth!)).toMatchObject({ waitingFor: null, identityCenterTurn: null });
    await world.store.leases.keepShare(one!, { ...one!.identityCenterWish!, provisionings: 0 });
    expect(await passes(fourth!)).toBe(true);
  });

  it("has a few more plan than can apply, and leaves the others in the queue", async () => {
    const names = ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh"];
    const rows = await taken(...names);
    expect(rows).toHaveLength(3);
    for (const operation of rows) await passes(operation);
    expect([await claimed(), await claimed(), await claimed(), await claimed()]).toEqual([
      "environment/dd",
      "environment/ee",
      "environment/ff",
      null,
    ]);
    const { rows: waiting } = await database.pool.query<{ stack: string }>(
      "SELECT stack FROM gatehouse.operations WHERE status = 'queued' AND waiting_for = 'identity-center' ORDER BY 1",
    );
    expect(waiting.map(({ stack }) => stack)).toEqual(["environment/gg", "environment/hh"]);
    expect((await readWorkFigures(drizzle(database.pool))).identityCenter).toContainEqual({
      name: "provisionings",
      budget: 3,
      held: 3,
      // Those three are on their way to the gate.
      waiting: 2,
    });
  });

  it("never takes the last place of a process for one that would only wait", async () => {
    for (const name of ["aa", "bb", "cc", "dd", "ee"]) await asking(name, first);
    for (let count = 0; count < 3; count += 1) await passes((await claim(5))!);
    expect([await claimed(5), await claimed(5)]).toEqual(["environment/dd", null]);
    expect(await claimed(1, "worker-2")).toBeNull();
    await world.queued("environment/preview");
    expect(await claimed(5)).toBe("environment/preview");
  });

  it("gives a large one its turn before the small ones behind it", async () => {
    await database.pool.query("UPDATE gatehouse.identity_center_budget SET assignments = 2");
    await asking("small", assigning(1));
    const small = (await claim())!;
    expect(await passes(small)).toBe(true);
    await asking("large", { ...assigning(1), requests: 17.5 });
    const large = (await claim())!;
    expect(await passes(large)).toBe(false);
    await asking("late", assigning(1));
    const late = (await claim())!;
    expect(await passes(late)).toBe(false);
    await world.finish(small);
    expect(await passes(late)).toBe(false);
    expect(await passes(large)).toBe(true);
  });

  it("forgets one that ends there, goes back, or loses its lease", async () => {
    const rows = await coming("aa", "bb", "cc");
    const [canceled, back, dead] = await coming("dd", "ee", "ff");
    expect(await world.find(dead!)).toMatchObject({ waitingFor: "identity-center" });
    await world.store.operations.change(canceled!.id, canceled!.attempt, {
      status: "canceled",
      finishedAt: new Date("2026-11-22T12:00:00Z"),
    });
    await world.store.leases.handBack(back!, { seconds: 3600, lost: false, begun: false });
    await world.expire(dead!);
    for (const operation of [canceled, back])
      expect(await world.find(operation!)).toMatchObject({ waitingFor: null, identityCenterWish: null });
    const again = (await claim())!;
    expect(again.id).toBe(dead!.id);
    // The dead worker's attempt gets nothing any more.
    await world.finish(rows[0]!);
    expect(await passes(dead!)).toBe(false);
    expect(await passes(again)).toBe(true);
  });

  it("lets those in front through before what takes its share with its claim, and nobody else meanwhile", async () => {
    const rows = await coming("aa", "bb", "cc", "dd");
    await world.queued("environment/check", { kind: "drift_check", identityCenterDemand: first });
    await asking("late", first);
    expect(await claimed()).toBeNull();
    await world.finish(rows[0]!);
    expect(await claimed()).toBeNull();
    expect(await passes(rows[3]!)).toBe(true);
    expect(await claimed()).toBeNull();
    await world.finish(rows[1]!);
    expect(await claimed()).toBe("environment/check");
  });

  it.each([
    ["alone: no more than keep in step", 1, 1, 1, 3, 3],
    ["beside one that waits, in a process with two places", 2, 2, 1, 1, 1],
    ["beside many, where two processes have two places each", 9, 2, 2, 1, 1],
  ])("plans how many assignments a run writes at once that is %s", async (...given) => {
    const [, count, places, processes, assignments, parallelism] = given;
    if (processes > 1) {
      await world.queued("environment/other");
      await world.claim("worker-2", 30, places);
    }
    for (let index = 0; index < count; index += 1) await asking(`many-${index}`, assigning(count === 1 ? 15 : 20));
    expect((await claim(places))!.identityCenterWish).toMatchObject({ assignments, parallelism });
  });

  it("keeps those that provision apart, in the order in which they came, and nobody else", async () => {
    await keepApart("1 hour");
    await asking("small", assigning(1));
    const small = (await claim())!;
    const [one, two] = await taken("aa", "bb");
    const haveElapsed = (interval: string) =>
      database.pool.query("UPDATE gatehouse.identity_center_last_provisioning SET at = at - $1::interval", [interval]);
    expect(await passes(one!)).toBe(true);
    expect(await passes(small)).toBe(true);
    await asking("late", assigning(1));
    const late = (await claim())!;
    expect(await passes(two!)).toBe(false);
    expect(await world.find(two!)).toMatchObject({ waitingFor: "identity-center" });
    await haveElapsed("59 minutes");
    expect([await passes(two!), await passes(late)]).toEqual([false, false]);
    await haveElapsed("1 minute");
    expect([await passes(two!), await passes(late)]).toEqual([true, true]);
  });

  it("keeps nobody waiting for a time that the database's clock has not reached", async () => {
    await keepApart("1 minute");
    const [one] = await taken("aa");
    await database.pool.query(
      "UPDATE gatehouse.identity_center_last_provisioning SET at = clock_timestamp() + interval '1 day'",
    );
    expect(await passes(one!)).toBe(true);
  });

  it("is never exceeded by runs that come to it at the same time", async () => {
    for (let count = 0; count < 40; count += 1)
      await asking(`many-${count}`, { ...first, provisionings: count % 3 === 0 ? 1 : 0, storeRequests: count % 4 });
    const rows = await Promise.all(Array.from({ length: 40 }, (_, index) => claim(40, `worker-${index}`)));
    const passed = await Promise.all(rows.filter((row) => row !== null).map(passes));
    const held = await database.pool.query("SELECT * FROM gatehouse.identity_center_use");
    expect(passed.filter(Boolean).length).toBeGreaterThan(5);
    expect(Number(held.rows[0].requests)).toBeLessThanOrEqual(18);
    expect(Number(held.rows[0].assignments)).toBeLessThanOrEqual(15);
    expect(Number(held.rows[0].provisionings)).toBeLessThanOrEqual(3);
    expect(Number(held.rows[0].store_requests)).toBeLessThanOrEqual(20);
  });
});
