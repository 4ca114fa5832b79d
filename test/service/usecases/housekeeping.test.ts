import { foundationRequest } from "../../../service/domain/foundation-document.ts";
import { noPreconditions } from "../../../service/domain/preconditions.ts";
import { keepHouse, startHousekeeping } from "../../../service/usecases/executing/housekeeping.ts";
import { callDigest } from "../../../service/usecases/requests/idempotency.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { environmentInputOf, foundationInputOf } from "../../support/documents.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const settings = { retentionDays: 400, batch: 100 };
const never = new AbortController().signal;

describe("housekeeping", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    world.setTime("2025-01-01T00:00:00Z");
    await world.upFoundation(foundationInputOf());
  });
  afterEach(() => database.drop());

  const up = async (description: string, at: string): Promise<void> => {
    world.setTime(at);
    expect(await world.upEnvironment(environmentInputOf({ description }))).toMatchObject({ status: "succeeded" });
  };
  const descriptions = async (): Promise<unknown[]> => {
    const { rows } = await database.pool.query<{ kind: string; description: string }>(
      `SELECT kind, spec ->> 'description' AS description FROM gatehouse.operations
        WHERE stack LIKE 'environment/%' ORDER BY sequence`,
    );
    return rows.map(({ kind, description }) => `${kind} ${description}`);
  };
  const count = async (table: string): Promise<number> =>
    Number((await database.pool.query<{ count: string }>(`SELECT count(*) FROM gatehouse.${table}`)).rows[0]?.count);

  it("removes operations past retention with their events, and keeps the newest up with its preview", async () => {
    await up("one", "2025-01-02T00:00:00Z");
    await up("two", "2025-01-03T00:00:00Z");
    await up("three", "2025-01-04T00:00:00Z");
    world.setTime("2026-03-01T00:00:00Z");
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 4 });
    expect(await descriptions()).toEqual(["preview three", "up three"]);
    const orphans = `SELECT 1 FROM gatehouse.events WHERE operation_id NOT IN (SELECT id FROM gatehouse.operations)`;
    expect((await database.pool.query(orphans)).rowCount).toBe(0);
    const environment = await world.useCases.getEnvironment("production");
    expect(environment).toMatchObject({ status: "active", revision: 3 });
    expect(await world.useCases.getOperation(environment.lastOperation ?? "")).toMatchObject({ kind: "up" });
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 0 });
    await up("four", "2026-03-01T00:00:00Z");
  });

  it("keeps what is in force with its preview, however many drift checks came after it, and looks no further", async () => {
    await up("one", "2025-01-02T00:00:00Z");
    await up("two", "2025-01-03T00:00:00Z");
    for (const day of ["04", "05"]) {
      world.setTime(`2025-01-${day}T00:00:00Z`);
      await world.useCases.checkDrift(admin, "environment/production");
      await world.work();
    }
    world.setTime("2026-03-01T00:00:00Z");
    const before = new Date("2025-06-01T00:00:00Z");
    const toLookAt = () => world.dependencies.store.retention.stacksWithHistory(before, "", 10);
    expect(await toLookAt()).toEqual(["environment/production"]);
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 3 });
    expect(await descriptions()).toEqual(["preview two", "up two", "drift_check two"]);
    expect(await toLookAt()).toEqual([]);
  });

  it("keeps what ended within retention, and counts the days as they are set", async () => {
    await up("one", "2025-01-02T00:00:00Z");
    await up("two", "2025-01-03T00:00:00Z");
    world.setTime("2026-01-01T00:00:00Z");
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 0 });
    expect(await keepHouse(world.dependencies, { ...settings, retentionDays: 30 }, never)).toEqual({
      keys: 0,
      operations: 2,
    });
  });

  it("keeps what is under way and what needed recovery, however old", async () => {
    await up("one", "2025-01-02T00:00:00Z");
    await database.pool.query(
      "UPDATE gatehouse.operations SET status = 'needs_recovery' WHERE kind = 'up' AND stack LIKE 'environment/%'",
    );
    const queued = await world.useCases.submitFoundation(
      admin,
      foundationRequest.parse({ action: "preview", foundation: foundationInputOf({ region: "eu-central-1" }) }),
    );
    await world.useCases.submitFoundation(
      admin,
      foundationRequest.parse({ action: "preview", foundation: foundationInputOf({ region: "eu-central-1" }) }),
    );
    world.setTime("2027-01-01T00:00:00Z");
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 0 });
    expect(await world.useCases.getOperation(queued.id)).toMatchObject({ status: "queued" });
  });

  it("works in batches, over several stacks, until nothing is left", async () => {
    for (const index of [1, 2, 3, 4]) {
      await up(String(index), `2025-01-0${index}T00:00:00Z`);
      await world.previewEnvironment(environmentInputOf({ description: `preview ${index}` }));
      await world.upFoundation(foundationInputOf());
    }
    world.setTime("2027-01-01T00:00:00Z");
    const { operations } = await keepHouse(world.dependencies, { ...settings, batch: 3 }, never);
    expect(await descriptions()).toEqual(["preview 4", "up 4", "preview preview 4"]);
    expect([operations, await count("operations")]).toEqual([17, 5]);
  });

  it("removes expired keys only, in batches", async () => {
    const request = (key: string) =>
      world.useCases.submitFoundation(
        admin,
        foundationRequest.parse({ action: "preview", foundation: foundationInputOf() }),
        { once: { key, call: callDigest("POST", "/", key) }, requestId: null, preconditions: noPreconditions },
      );
    for (let index = 0; index < 5; index += 1) await request(`old ${index}`);
    world.setTime("2025-01-01T12:00:00Z");
    await request("new");
    world.setTime("2025-01-02T00:00:01Z");
    expect(await keepHouse(world.dependencies, { ...settings, batch: 2 }, never)).toEqual({ keys: 5, operations: 0 });
    expect(await count("idempotency_keys")).toBe(1);
  });

  it("is done by one process at a time; the others leave it", async () => {
    await up("one", "2025-01-02T00:00:00Z");
    await up("two", "2025-01-03T00:00:00Z");
    world.setTime("2027-01-01T00:00:00Z");
    const other = await database.pool.connect();
    await other.query("BEGIN");
    await other.query("SELECT pg_advisory_xact_lock(7208, 0)");
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 0 });
    await other.query("ROLLBACK");
    other.release();
    const all = await Promise.all([1, 2, 3].map(() => keepHouse(world.dependencies, settings, never)));
    expect(all.reduce((sum, { operations }) => sum + operations, 0)).toBe(2);
  });

  it("passes over a row that somebody works on, and takes it the next time", async () => {
    await up("one", "2025-01-02T00:00:00Z");
    await up("two", "2025-01-03T00:00:00Z");
    world.setTime("2027-01-01T00:00:00Z");
    const other = await database.pool.connect();
    await other.query("BEGIN");
    await other.query(
      "SELECT 1 FROM gatehouse.operations WHERE spec ->> 'description' = 'one' AND kind = 'preview' FOR UPDATE",
    );
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 0 });
    await other.query("ROLLBACK");
    other.release();
    expect(await keepHouse(world.dependencies, settings, never)).toEqual({ keys: 0, operations: 2 });
  });

  it("is done at the start and every hour, whatever becomes of a round, until it is stopped", async () => {
    const waiting: { milliseconds: number; callBack: () => void }[] = [];
    let told: () => void = () => undefined;
    const next = async (): Promise<void> => {
      if (waiting.length === 0) await new Promise<void>((resolve) => (told = resolve));
    };
    const errors: string[] = [];
    const keys: (() => Promise<boolean>)[] = [
      () => Promise.reject(new Error("a broken disk")),
      () => Promise.resolve(false),
    ];
    const housekeeping = startHousekeeping(
      {
        ...world.dependencies,
        store: {
          ...world.dependencies.store,
          transaction: (work) =>
            world.dependencies.store.transaction((tables) =>
              work({
                ...tables,
                retention: { ...tables.retention, takeTurn: keys.shift() ?? (() => tables.retention.takeTurn()) },
              }),
            ),
        },
        logger: { ...world.dependencies.logger, error: (_fields, message) => void errors.push(message) },
        timers: {
          elapsed: () => 0,
          after: (milliseconds, callBack) => {
            const timer = { milliseconds, callBack };
            waiting.push(timer);
            told();
            return () => void waiting.splice(waiting.indexOf(timer), 1);
          },
        },
      },
      settings,
    );
    for (let round = 0; round < 3; round += 1) {
      await next();
      const timer = waiting.pop();
      expect(timer?.milliseconds).toBe(3_600_000);
      timer?.callBack();
    }
    await next();
    await housekeeping.stop();
    expect(errors).toEqual(["housekeeping failed; it is tried again in an hour"]);
    expect(waiting).toEqual([]);
  });
});
