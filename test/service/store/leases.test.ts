import type { OperationRow } from "../../../service/store/operations.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createQueueWorld, type QueueWorld } from "../../support/queued-operations.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("the lease of an operation", () => {
  let database: TestDatabase;
  let world: QueueWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createQueueWorld(database.pool);
  });
  afterEach(() => database.drop());

  it("is one worker's at a time, and another's once it is over", async () => {
    const operation = await world.queued("environment/a");
    const first = await world.claim("worker-1");
    expect(first).toMatchObject({
      id: operation.id,
      status: "running",
      attempt: 1,
      leaseOwner: "worker-1",
      lostLeases: 0,
    });
    expect(await world.claim("worker-2")).toBeNull();
    await world.expire(operation);
    const second = await world.claim("worker-2");
    expect(second).toMatchObject({ id: operation.id, attempt: 2, leaseOwner: "worker-2", lostLeases: 1 });
    expect(second!.fence).toBeGreaterThan(first!.fence);
  });

  it("lets a worker that lost it write nothing any more: no renewal, result, event or hand-back", async () => {
    await world.queued("environment/a");
    const lost = await world.claim("worker-1");
    await world.expire(lost!);
    await world.claim("worker-2");
    const { leases, operations, events } = world.store;
    expect(await leases.renew(lost!, 30)).toBeNull();
    expect(await leases.stopRequests(lost!)).toBeNull();
    expect(await leases.hold(lost!)).toBe(false);
    expect(await leases.handBack(lost!, { seconds: 0, lost: false, begun: false })).toBe(false);
    expect(await operations.change(lost!.id, lost!.attempt, { status: "succeeded", finishedAt: new Date() })).toBe(
      false,
    );
    expect(await events.append(lost!.id, lost!.attempt, [])).toBe(false);
    expect(await world.find(lost!)).toMatchObject({ status: "running", attempt: 2, leaseOwner: "worker-2" });
  });

  it("refuses an older attempt or fence in the database itself, whoever writes it", async () => {
    await world.queued("environment/a");
    const { id } = (await world.claim())!;
    for (const column of ["attempt", "fence"])
      await expect(
        database.pool.query(`UPDATE gatehouse.operations SET ${column} = ${column} - 1 WHERE id = $1`, [id]),
      ).rejects.toThrow(/is at attempt 1/);
  });

  it("is renewed by its holder, who hears what people asked meanwhile", async () => {
    await world.queued("environment/a");
    const claimed = (await world.claim("worker-1", 1))!;
    expect(await world.store.leases.renew(claimed, 60)).toEqual({ cancel: false, kill: false });
    expect((await world.find(claimed)).leaseUntil!.getTime()).toBeGreaterThan(claimed.leaseUntil!.getTime());
    await world.store.operations.requestStop(claimed.id, new Date());
    expect(await world.store.leases.renew(claimed, 60)).toEqual({ cancel: true, kill: false });
    await world.store.operations.requestStop(claimed.id, new Date());
    expect(await world.store.leases.stopRequests(claimed)).toEqual({ cancel: true, kill: true });
  });

  it("is renewed, and heeds a cancel, while a transaction holds the operation; nobody else takes it then", async () => {
    await world.queued("environment/a");
    const claimed = (await world.claim())!;
    await world.store.transaction(async (tables) => {
      expect(await tables.leases.hold(claimed)).toBe(true);
      expect(await world.store.leases.renew(claimed, 60)).toEqual({ cancel: false, kill: false });
      await world.store.transaction(async (others) => {
        await others.operations.findLocked(claimed.id);
        await others.operations.requestStop(claimed.id, new Date());
      });
      await world.expire(claimed);
      expect(await world.claim("worker-2")).toBeNull();
      expect(await tables.operations.change(claimed.id, claimed.attempt, { applyStartedAt: new Date() })).toBe(true);
    });
    expect((await world.claim("worker-2"))?.attempt).toBe(2);
  });

  it("ends with the operation, or when it goes back, which may be for a while only", async () => {
    await world.queued("environment/a");
    const first = (await world.claim())!;
    await world.store.leases.handBack(first, { seconds: 3600, lost: true, begun: false });
    expect(await world.find(first)).toMatchObject({
      status: "queued",
      leaseOwner: null,
      leaseUntil: null,
      lostLeases: 1,
    });
    expect(await world.claim()).toBeNull();
    await database.pool.query("UPDATE gatehouse.operations SET available_at = clock_timestamp()");
    const second = (await world.claim())!;
    await world.finish(second);
    expect(await world.find(second)).toMatchObject({
      status: "succeeded",
      attempt: 2,
      leaseOwner: null,
      leaseUntil: null,
    });
    expect(await world.claim()).toBeNull();
  });

  it("is given once each, in the order of the stack, when many workers ask at the same time", async () => {
    for (const index of upTo(30)) await world.queued(`environment/e${index % 5}`);
    const taken: OperationRow[] = [];
    const worker = async (name: string): Promise<void> => {
      for (let row = await world.claim(name); row !== null; row = await world.claim(name)) {
        taken.push(row);
        await world.finish(row);
      }
    };
    while (taken.length < 30) await Promise.all(upTo(4).map((number) => worker(`worker-${number}`)));
    expect(new Set(taken.map(({ id }) => id)).size).toBe(30);
    expect(taken.every(({ attempt }) => attempt === 1)).toBe(true);
    for (const stack of upTo(5)) {
      const sequences = taken.filter((row) => row.stack === `environment/e${stack}`).map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    }
  });

  it("gives a team's single operation after at most one of each worker, while another team has a hundred waiting", async () => {
    for (const index of upTo(100)) await world.queued(`environment/a${index}`, { team: "many" });
    const running = [(await world.claim())!, (await world.claim())!];
    await world.queued("environment/b", { team: "single" });
    await world.finish(running[0]!);
    expect(await world.claim()).toMatchObject({ team: "single" });
  });

  it("takes turns among three teams, however much each has waiting", async () => {
    for (const [team, count] of [
      ["one", 30],
      ["two", 12],
      ["three", 4],
    ] as const)
      for (const index of upTo(count)) await world.queued(`environment/${team}${index}`, { team });
    const served: string[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      const row = (await world.claim())!;
      served.push(row.team);
      await world.finish(row);
    }
    for (const team of ["one", "two", "three"]) expect(served.filter((name) => name === team)).toHaveLength(4);
    expect(new Set(served.slice(0, 3)).size).toBe(3);
  });

  it("gives what a team's lost worker left before what waits", async () => {
    const lost = await world.queued("environment/a");
    await world.claim();
    await world.queued("environment/b", { team: "other" });
    await world.expire(lost);
    expect(await world.claim()).toMatchObject({ id: lost.id, attempt: 2 });
  });
});
