import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createQueueWorld, type QueueWorld } from "../../support/queued-operations.ts";
import type { OperationRow } from "../../../service/store/operations.ts";

const now = new Date("2026-11-22T12:00:00Z");
const demand = { assignments: 0, provisionings: 3, requests: 1, storeRequests: 0 };

describe("taking one operation by its id", () => {
  let database: TestDatabase;
  let world: QueueWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createQueueWorld(database.pool);
  });
  afterEach(() => database.drop());

  const claimOne = ({ id }: OperationRow, worker = "worker-1") => world.store.leases.claimOne(id, worker, 30, now, 4);

  it("has it although it is reserved, which keeps everybody else from it", async () => {
    const operation = await world.queued("environment/aa");
    await world.store.leases.reserve(operation.id, 3600);
    expect(await world.claim("worker-2")).toBeNull();
    const claimed = await claimOne(operation);
    expect(claimed).toMatchObject({ id: operation.id, status: "running", attempt: 1, availableAt: null });
    expect(claimed!.leaseOwner).toBe("worker-1");
  });

  it("takes no other one where that cannot be had", async () => {
    const first = await world.queued("environment/aa");
    const second = await world.queued("environment/aa");
    await world.queued("environment/bb");
    expect(await claimOne(second)).toBeNull();
    expect((await claimOne(first))?.id).toBe(first.id);
    expect(await claimOne(first, "worker-2")).toBeNull();
  });

  it("is anybody's as soon as the reservation is given up, or over", async () => {
    const given = await world.queued("environment/aa");
    await world.store.leases.reserve(given.id, 3600);
    await world.store.leases.unreserve(given.id);
    expect((await world.claim())?.id).toBe(given.id);
    const over = await world.queued("environment/bb");
    await world.store.leases.reserve(over.id, -1);
    expect((await world.claim())?.id).toBe(over.id);
  });

  it("waits for a foundation's apply as in the queue", async () => {
    const foundation = await world.queued("foundation/111122223333/eu-west-1", { kind: "up" });
    const environment = await world.queued("environment/aa", { kind: "up", foundations: [foundation.stack] });
    await world.claim();
    expect(await claimOne(environment)).toBeNull();
    await world.finish(foundation);
    expect(await claimOne(environment)).toBeNull();
  });

  it("takes its share of Identity Center's limits, and nothing where there is none", async () => {
    const [first, second] = [
      await world.queued("environment/aa", { kind: "drift_check", identityCenterDemand: demand }),
      await world.queued("environment/bb", { kind: "drift_check", identityCenterDemand: demand }),
    ];
    expect((await claimOne(first))?.identityCenterShare).toMatchObject({ provisionings: 3 });
    expect(await claimOne(second)).toBeNull();
    expect(await world.find(second)).toMatchObject({ status: "queued", waitingFor: null, identityCenterNext: false });
  });

  it("leaves the turn to another team that waits, and takes its own where nobody's comes first", async () => {
    await world.queued("environment/aa", { team: "one" });
    await world.claim();
    const following = await world.queued("environment/bb", { team: "one" });
    const single = await world.queued("environment/cc", { team: "two" });
    expect(await claimOne(following)).toBeNull();
    expect((await world.claim())?.id).toBe(single.id);
    await world.queued("environment/dd", { team: "one" });
    expect((await claimOne(following))?.id).toBe(following.id);
  });

  it("does not get in front of one that waits for its share", async () => {
    const running = await world.queued("environment/aa", { kind: "drift_check", identityCenterDemand: demand });
    await world.claim();
    await world.queued("environment/bb", { kind: "drift_check", identityCenterDemand: demand });
    expect(await world.claim()).toBeNull();
    const small = { ...demand, provisionings: 0 };
    const third = await world.queued("environment/cc", { kind: "drift_check", identityCenterDemand: small });
    expect(await claimOne(third)).toBeNull();
    expect(running.stack).toBe("environment/aa");
  });
});
