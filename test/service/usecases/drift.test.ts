import type { RunResult, Step } from "../../../service/engine/engine.ts";
import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { userResourceName } from "../../../stacks/names.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" } as const;
const member = { userName: "ann", email: "ann@example.com", givenName: "Ann", familyName: "Example" };
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [foundation],
  group: { members: [member] },
};
const stack = "environment/production";

describe("looking at what was changed outside", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundation);
    await world.upEnvironment(production);
  });
  afterEach(() => database.drop());

  const drifting =
    (op: "update" | "delete", name: string) =>
    (result: RunResult): RunResult => {
      const resource = result.resources.find((each) => each.name === name);
      if (resource === undefined) throw new Error(`the stack holds no ${name}`);
      const diff: Step["diff"] = op === "update" ? [{ path: "description", from: "ours", to: "theirs" }] : [];
      const drift: Step[] = [{ op, urn: resource.urn, type: resource.type, name, diff }];
      const resources = result.resources.filter((each) => op === "update" || each !== resource);
      return { ...result, steps: drift, drift, resources };
    };
  const checked = async () => {
    const { id } = await world.useCases.checkDrift(admin, stack);
    await world.work();
    return world.useCases.getOperation(id);
  };
  const refreshed = async () => {
    const { id } = await world.useCases.refresh(admin, stack);
    await world.work();
    return world.useCases.getOperation(id);
  };
  const request = async (action: "preview" | "up") => {
    const document = environmentRequest.parse({ action, refresh: true, environment: production });
    const { id } = await world.useCases.submitEnvironment(admin, document);
    await world.work();
    return world.useCases.getOperation(id);
  };
  const environment = () => world.useCases.getEnvironment("production");

  it("tells a drift check's findings on the operation, as an event and on the environment, which stays as it is", async () => {
    const before = await environment();
    world.engine.nextResult("drift-check", drifting("update", "permission-set"));
    const operation = await checked();
    expect(operation).toMatchObject({ kind: "drift_check", status: "succeeded", refresh: true, approval: null });
    expect(operation.warnings.map(({ code }) => code)).toEqual(["drift_found", "drift_changes_access"]);
    const { events } = await world.useCases.readEvents(operation.id, 0);
    expect(events.find(({ type }) => type === "drift.found")?.data).toMatchObject({
      total: 1,
      resources: [{ op: "update", name: "permission-set" }],
    });
    const { drift, lastOperation, ...after } = await environment();
    expect(drift).toMatchObject({
      operation: operation.id,
      resources: [{ what: "changed", properties: ["description"] }],
    });
    expect({ ...after, drift: null, lastOperation: before.lastOperation }).toEqual(before);
    expect(lastOperation).toBe(operation.id);
  });

  it("has previews and their ups begin with a refresh where the request says so", async () => {
    world.engine.nextResult("preview", drifting("update", "permission-set"));
    const preview = await request("up");
    expect(preview).toMatchObject({ refresh: true, status: "succeeded" });
    expect(preview.warnings.map(({ code }) => code)).toContain("drift_found");
    expect(world.engine.runs.slice(-2)).toMatchObject([
      { kind: "preview", refresh: true },
      { kind: "up", refresh: true },
    ]);
    expect((await environment()).drift).toMatchObject({ operation: preview.continuedBy, resources: [] });
    await world.previewEnvironment(production);
    expect(world.engine.runs.at(-1)).toMatchObject({ kind: "preview", refresh: false });
  });

  it("remembers what a failed up with refresh has taken over", async () => {
    world.engine.nextResult("up", (result) => ({
      ...drifting("delete", "log-group")(result),
      outcome: "failed",
      problem: { code: "resource_failed", detail: "AWS said no", urn: null },
    }));
    world.engine.emitNext("up", [{ type: "apply.started" }]);
    await request("up");
    expect(await environment()).toMatchObject({
      status: "failed",
      drift: { resources: [{ what: "gone", name: "log-group", recorded: true }] },
    });
  });

  it.each([
    { driftKept: true as const, names: ["log-group"] },
    { driftKept: undefined, names: [] },
  ])(
    "remembers what an up that was refused took over into the state, if it did ($driftKept)",
    async ({ driftKept, names }) => {
      world.engine.nextResult("up", (result) => ({
        ...drifting("delete", "log-group")(result),
        ...(driftKept === undefined ? {} : { driftKept }),
        outcome: "failed",
        problem: { code: "preview_stale", detail: "something moved", urn: null },
      }));
      await request("up");
      const { drift } = await environment();
      expect(drift?.resources.filter(({ recorded }) => recorded).map(({ name }) => name)).toEqual(names);
    },
  );

  it("lets go of a person who is gone, so that the next up makes them anew", async () => {
    const name = userResourceName("ann");
    world.engine.nextResult("refresh", drifting("delete", name));
    world.account.users.delete("ann");
    expect(await refreshed()).toMatchObject({ kind: "refresh", status: "succeeded", recovers: null });
    expect(await world.dependencies.store.people.ownedBy(stack)).toEqual([]);
    expect((await environment()).status).toBe("active");
    expect(await request("up")).toMatchObject({ status: "succeeded" });
    expect(await world.dependencies.store.people.ownedBy(stack)).toEqual(["ann"]);
  });

  it("keeps nothing of a log group that is gone: one that somebody else makes is not taken for ours", async () => {
    world.engine.nextResult("refresh", drifting("delete", "log-group"));
    await refreshed();
    expect((await database.pool.query("select 1 from gatehouse.retained_resources")).rows).toEqual([]);
  });

  it("forgets drift with the environment", async () => {
    world.engine.nextResult("drift-check", drifting("update", "permission-set"));
    await checked();
    await world.destroyEnvironment("production");
    expect(await environment()).toMatchObject({ status: "destroyed", drift: null });
    await expect(world.useCases.checkDrift(admin, stack)).rejects.toMatchObject({ code: "conflict" });
  });

  it("that finds a stack in doubt says so, and the stack waits for recovery", async () => {
    const pending = [{ urn: "urn:pulumi:x", type: "aws:kms/key:Key", kind: "updating" as const }];
    world.engine.nextResult("refresh", (result) => ({ ...result, outcome: "needs_recovery", pending }));
    const { id } = await refreshed();
    expect(await environment()).toMatchObject({ status: "needs_recovery" });
    await expect(world.useCases.checkDrift(admin, stack)).rejects.toMatchObject({ code: "recovery_required" });
    const recovery = await world.useCases.recover(admin, id, "refresh");
    await world.work();
    expect(await world.useCases.getOperation(recovery.id)).toMatchObject({ status: "succeeded" });
    expect(world.engine.recoveries).toHaveLength(1);
  });

  it("that does not come to its end says nothing of drift", async () => {
    world.engine.nextResult("drift-check", (result) => ({
      ...result,
      outcome: "failed",
      problem: { code: "resource_failed", detail: "AccessDenied", urn: null },
    }));
    expect(await checked()).toMatchObject({ status: "failed", warnings: [], problem: { code: "resource_failed" } });
    expect((await environment()).drift).toBeNull();
  });
});
