import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createQueueWorld, type QueueWorld } from "../../support/queued-operations.ts";

const foundation = "foundation/111122223333/eu-central-1";
const other = "foundation/111122223333/us-east-1";

describe("claims on foundations", () => {
  let database: TestDatabase;
  let world: QueueWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createQueueWorld(database.pool);
  });
  afterEach(() => database.drop());

  const environmentUp = (name: string, foundations = [foundation]) =>
    world.queued(`environment/${name}`, { kind: "up", foundations });
  const foundationUp = (stack = foundation) => world.queued(stack, { kind: "up" });

  it("are shared by the environments that stand on one", async () => {
    const [a, b] = [await environmentUp("a"), await environmentUp("b")];
    expect([await world.claim(), await world.claim()].map((row) => row?.id)).toEqual([a.id, b.id]);
  });

  it("keep an environment's apply from starting during the foundation's, and say whom it waits for, until that ends", async () => {
    await foundationUp();
    const applying = (await world.claim())!;
    const waiting = await environmentUp("a", [foundation, other]);
    const elsewhere = await environmentUp("b", [other]);
    expect(await world.claim()).toMatchObject({ id: elsewhere.id });
    expect(await world.claim()).toBeNull();
    expect(await world.find(waiting)).toMatchObject({ status: "queued", attempt: 0, waitingFor: foundation });
    await world.finish(applying);
    expect(await world.claim()).toMatchObject({ id: waiting.id, waitingFor: null });
  });

  it("keep a foundation's apply from starting during an environment's, and previews of both go on", async () => {
    await environmentUp("a");
    const applying = (await world.claim())!;
    const waiting = await foundationUp();
    const preview = await world.queued("environment/b");
    expect(await world.claim()).toMatchObject({ id: preview.id });
    expect(await world.claim()).toBeNull();
    expect(await world.find(waiting)).toMatchObject({ waitingFor: "environment/a" });
    await world.finish(applying);
    expect(await world.claim()).toMatchObject({ id: waiting.id });
  });

  it("come to a foundation although ever more environments want theirs", async () => {
    await environmentUp("a");
    const applying = (await world.claim())!;
    const waiting = await foundationUp();
    const later = await environmentUp("b");
    expect(await world.claim()).toBeNull();
    expect(await world.find(later)).toMatchObject({ waitingFor: foundation });
    await world.finish(applying);
    const taken = (await world.claim())!;
    expect(taken).toMatchObject({ id: waiting.id });
    expect(await world.claim()).toBeNull();
    await world.finish(taken);
    expect(await world.claim()).toMatchObject({ id: later.id });
  });

  it("hold while an apply that has begun waits to go on, and from a lost worker to the next", async () => {
    const begun = await environmentUp("a");
    const first = (await world.claim())!;
    await world.store.operations.change(first.id, first.attempt, {
      stackBefore: { status: "active", arguments: null },
    });
    await foundationUp();
    await world.store.leases.handBack(first, { seconds: 3600, lost: true, begun: true });
    expect(await world.claim()).toBeNull();
    await database.pool.query("UPDATE gatehouse.operations SET available_at = NULL");
    const second = (await world.claim())!;
    expect(second).toMatchObject({ id: begun.id, attempt: 2 });
    await world.expire(second);
    expect(await world.claim()).toMatchObject({ id: begun.id, attempt: 3 });
  });

  it("let nothing but its recovery run on a stack in needs_recovery, which goes before what waits", async () => {
    const waiting = await world.queued("environment/a");
    await database.pool.query("UPDATE gatehouse.stacks SET status = 'needs_recovery'");
    expect(await world.claim()).toBeNull();
    expect(await world.find(waiting)).toMatchObject({ waitingFor: "recovery" });
    const recovery = await world.queued("environment/a", {
      kind: "refresh",
      recovers: waiting.id,
      resolution: "refresh",
    });
    const taken = (await world.claim())!;
    expect(taken).toMatchObject({ id: recovery.id });
    await database.pool.query("UPDATE gatehouse.stacks SET status = 'active'");
    await world.finish(taken);
    expect(await world.claim()).toMatchObject({ id: waiting.id, waitingFor: null });
  });
});
