import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { createExecute } from "../../../service/usecases/executing/execute.ts";
import { claimNext } from "../../../service/usecases/executing/lease.ts";
import type { Dependencies } from "../../../service/usecases/dependencies.ts";
import type { Operation } from "../../../service/domain/operation.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { steered } from "../../support/steered-engine.ts";
import { until } from "../../support/until.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" } as const;
const production = { name: "production", tag: { key: "project", value: "Production" }, targets: [foundation] };
const never = new AbortController().signal;
const staying = { stopping: never, drain: never, kill: never };

describe("an up that its preview's worker goes on with", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundation);
    world.engine.letGoOf.splice(0);
  });
  afterEach(() => database.drop());

  const submit = (action: "preview" | "up" = "up") =>
    world.useCases.submitEnvironment(admin, environmentRequest.parse({ action, environment: production }));
  /** Has one worker carry out what is next. */
  const carryOut = async (dependencies: Dependencies = world.dependencies, draining = staying): Promise<void> =>
    createExecute(dependencies)((await claimNext(dependencies))!, draining);
  const upOf = async ({ id }: Operation): Promise<Operation> => {
    const { continuedBy } = await world.useCases.getOperation(id);
    return world.useCases.getOperation(continuedBy!);
  };
  const reserved = async (id: string): Promise<boolean> =>
    (await world.dependencies.store.operations.find(id))!.availableAt !== null;

  it("is carried out at once, as an operation of its own, and the engine was told to expect it", async () => {
    const preview = await submit();
    await carryOut();
    expect(await world.useCases.getOperation(preview.id)).toMatchObject({ status: "succeeded", kind: "preview" });
    expect(await upOf(preview)).toMatchObject({ status: "succeeded", kind: "up", attempt: 1, continues: preview.id });
    const [previewed, applied] = world.engine.runs.slice(-2);
    expect(previewed).toMatchObject({ kind: "preview", appliesNext: true });
    expect(applied).toMatchObject({ kind: "up", appliesNext: false, arguments: previewed!.arguments });
    expect(applied!.fence).toBeGreaterThan(previewed!.fence);
  });

  it("comes before a newer request that waited for the preview to end", async () => {
    const preview = await submit();
    const ending = await database.pool.connect();
    try {
      await ending.query("BEGIN");
      await ending.query("SELECT FROM gatehouse.operations WHERE id = $1 FOR UPDATE", [preview.id]);
      const newer = submit();
      await until(async () => {
        const { rows } = await database.pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows.length > 0;
      });
      const { rows } = await ending.query<{ sequence: number }>(
        "SELECT nextval(pg_get_serial_sequence('gatehouse.operations', 'sequence'))::integer AS sequence",
      );
      await ending.query("COMMIT");
      const row = await world.dependencies.store.operations.find((await newer).id);
      expect(row!.sequence).toBeGreaterThan(rows[0]!.sequence);
    } finally {
      ending.release();
    }
  });

  it("is not announced by a preview that stops there, and none is made", async () => {
    const preview = await submit("preview");
    await carryOut();
    expect(world.engine.runs.at(-1)).toMatchObject({ kind: "preview", appliesNext: false });
    expect(await world.useCases.getOperation(preview.id)).toMatchObject({ status: "succeeded", continuedBy: null });
    expect(world.engine.letGoOf).toEqual([]);
  });

  it("is not taken by anybody else meanwhile", async () => {
    const preview = await submit();
    const { leases, operations } = world.dependencies.store;
    const seen: unknown[] = [];
    const claimOne: typeof leases.claimOne = async (id, ...how) => {
      seen.push(await claimNext(world.dependencies));
      return leases.claimOne(id, ...how);
    };
    const store = { ...world.dependencies.store, leases: { ...leases, claimOne } };
    await carryOut({ ...world.dependencies, store });
    expect(seen).toEqual([null]);
    const up = await operations.find((await upOf(preview)).id);
    expect(up).toMatchObject({ status: "succeeded", availableAt: null });
  });

  it("is left to the queue at once where its foundation is being changed, and the engine keeps nothing", async () => {
    const preview = await submit();
    const claimed = (await claimNext(world.dependencies))!;
    await world.dependencies.store.operations.insert({
      ...(await world.dependencies.store.operations.find(preview.id))!,
      sequence: undefined,
      id: "01980000-0000-7000-8000-00000000f0f0",
      kind: "destroy",
      spec: {},
      previewOf: null,
      approvalState: null,
      stack: `foundation/${foundation.account}/${foundation.region}`,
      status: "running",
      leaseUntil: new Date("2999-01-01T00:00:00Z"),
    });
    await createExecute(world.dependencies)(claimed, staying);
    const up = await upOf(preview);
    expect(up.status).toBe("queued");
    expect(await reserved(up.id)).toBe(false);
    expect(world.engine.letGoOf).toEqual([preview.id]);
  });

  it("is not taken when it was canceled in between, and the engine keeps nothing", async () => {
    const preview = await submit();
    const { leases } = world.dependencies.store;
    const claimOne: typeof leases.claimOne = async (id, ...how) => {
      await world.useCases.cancel(admin, id);
      return leases.claimOne(id, ...how);
    };
    const store = { ...world.dependencies.store, leases: { ...leases, claimOne } };
    await carryOut({ ...world.dependencies, store });
    expect(await upOf(preview)).toMatchObject({ status: "canceled", attempt: 0 });
    expect(world.engine.letGoOf).toEqual([preview.id]);
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "pending" });
  });

  it("is not begun by a worker that takes no more, and another has it at once", async () => {
    const preview = await submit();
    await carryOut(world.dependencies, { ...staying, stopping: AbortSignal.abort() });
    const up = await upOf(preview);
    expect(up).toMatchObject({ status: "queued" });
    expect(world.engine.letGoOf).toEqual([preview.id]);
    await world.work();
    expect(await upOf(preview)).toMatchObject({ status: "succeeded", attempt: 1 });
  });

  it("is another's after some seconds where the worker died in between", async () => {
    const preview = await submit();
    const { leases } = world.dependencies.store;
    const dead = (): Promise<never> => Promise.reject(new Error("the worker is gone"));
    const store = { ...world.dependencies.store, leases: { ...leases, claimOne: dead, unreserve: dead } };
    await carryOut({ ...world.dependencies, store });
    const up = await upOf(preview);
    expect(await reserved(up.id)).toBe(true);
    expect(await claimNext(world.dependencies)).toBeNull();
    await database.pool.query("UPDATE gatehouse.operations SET available_at = available_at - interval '5 seconds'");
    await world.work();
    expect(await upOf(preview)).toMatchObject({ status: "succeeded", attempt: 1 });
  });

  it("has what the engine kept let go when it is refused before the engine hears of it", async () => {
    const preview = await submit();
    const engine = steered(world.engine, "preview");
    const going = createExecute({ ...world.dependencies, engine: engine.engine })(
      (await claimNext(world.dependencies))!,
      staying,
    );
    const run = await engine.next();
    const result = await world.engine.run(run.run, run.options);
    // What the up would claim is somebody else's by then.
    await database.pool.query("UPDATE gatehouse.stacks SET arguments = '{}', revision = revision + 1");
    world.account.groups.add("ProductionAccess");
    run.end(result);
    await going;
    expect(await upOf(preview)).toMatchObject({ status: "failed" });
    expect(world.engine.runs.filter(({ kind, stack }) => kind === "up" && stack.startsWith("env"))).toEqual([]);
    expect(world.engine.letGoOf).toEqual([preview.id]);
  });
});
