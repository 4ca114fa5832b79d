import type { RunResult } from "../../../service/engine/engine.ts";
import { mostThrottled, pauseWhenBusy, wasBusy } from "../../../service/usecases/operations/busy.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { environmentInputOf, foundationInputOf } from "../../support/documents.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const refused = (detail: string, code = "resource_failed"): RunResult["problem"] => ({ code, detail, urn: "urn:a" });
const busy = (result: RunResult): RunResult => ({
  ...result,
  outcome: "failed",
  problem: refused("ThrottlingException: Rate exceeded"),
});

describe("whether AWS was only busy", () => {
  it.each([
    ["ThrottlingException: Rate exceeded", true],
    [
      "creating … (x): operation error SSO Admin: CreateAccountAssignment, …, TooManyRequestsException: slow down",
      true,
    ],
    ["ConflictException: There is another operation in progress for this permission set", true],
    ["ConflictException: PermissionSet with name a already exists.", false],
    ["ConflictException: PermissionSet is assigned to accounts and cannot be deleted", false],
    ["ValidationException: no", false],
  ])("%s", (detail, expected) => {
    expect(wasBusy({ outcome: "failed", pending: [], problem: refused(detail) })).toBe(expected);
  });

  it("is never said of a run that left writes in doubt, or that did not fail", () => {
    const pending: RunResult["pending"] = [{ urn: "urn:a", type: "t", kind: "creating" }];
    const problem = refused("AWS asks for fewer calls", "throttled");
    expect(wasBusy({ outcome: "failed", pending: [], problem })).toBe(true);
    expect(wasBusy({ outcome: "failed", pending, problem })).toBe(false);
    expect(wasBusy({ outcome: "interrupted", pending: [], problem })).toBe(false);
  });

  it("pauses longer each time, up to a minute, and never for the same time as others", () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6].map((throttled) =>
      [0, 1].map((random) => pauseWhenBusy({ throttled }, random)),
    );
    expect(pauses).toEqual([
      [1, 2],
      [2, 4],
      [4, 8],
      [8, 16],
      [16, 32],
      [30, 60],
      [30, 60],
    ]);
  });
});

describe("an operation that AWS was too busy for", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundationInputOf());
  });
  afterEach(() => database.drop());

  /** Lets the pause be over, as it is after a while. */
  const afterPause = async (): Promise<void> => {
    await database.pool.query("UPDATE gatehouse.operations SET available_at = NULL WHERE status = 'queued'");
    await world.work();
  };

  it("is run again by itself after a pause, its events say so, and it ends well", async () => {
    world.engine.nextResult("up", busy);
    const first = await world.upEnvironment(environmentInputOf());
    expect(first).toMatchObject({ kind: "up", status: "queued", attempt: 1 });
    const { rows } = await database.pool.query(
      "SELECT extract(epoch from available_at - clock_timestamp())::float8 AS pause FROM gatehouse.operations WHERE id = $1",
      [first.id],
    );
    expect(rows[0].pause).toBeGreaterThan(0);
    expect(rows[0].pause).toBeLessThanOrEqual(1.5);
    await afterPause();
    expect(await world.useCases.getOperation(first.id)).toMatchObject({ status: "succeeded", attempt: 2 });
    const { events } = await world.useCases.readEvents(first.id, 0);
    const told = events.filter(({ type }) => type === "diagnostic").map(({ data }) => JSON.stringify(data));
    expect(told).toEqual([expect.stringContaining(`goes on by itself in 2 s (1 of at most ${mostThrottled} times)`)]);
  });

  it("is run again so often at most, and then fails with what AWS said", async () => {
    world.engine.nextResult("up", busy);
    const { id } = await world.upEnvironment(environmentInputOf());
    for (let count = 0; count < mostThrottled; count += 1) {
      expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued" });
      world.engine.nextResult("up", busy);
      await afterPause();
    }
    expect(await world.useCases.getOperation(id)).toMatchObject({
      status: "failed",
      attempt: mostThrottled + 1,
      problem: { code: "resource_failed", detail: "ThrottlingException: Rate exceeded" },
    });
  });

  it("is run again as a preview too", async () => {
    world.engine.nextResult("preview", busy);
    const { id } = await world.previewEnvironment(environmentInputOf());
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued" });
    await afterPause();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded" });
  });

  it("asks for its share of Identity Center's limits, and does its work with that", async () => {
    const operation = await world.upEnvironment(environmentInputOf());
    const row = await world.dependencies.store.operations.find(operation.id);
    expect(row).toMatchObject({ identityCenterDemand: { assignments: 0, requests: 2 } });
    expect(row!.identityCenterShare).toMatchObject({ parallelism: null });
    expect(world.engine.runs.at(-1)).toMatchObject({ kind: "up", parallelism: null });
  });
});
