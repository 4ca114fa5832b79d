import { operationDigest } from "../../../service/usecases/digest.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" } as const;
const target = foundation;
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [target],
};

describe("an environment's life", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundation);
  });
  afterEach(() => database.drop());

  it("is pending while it was only previewed, and the preview names what the foundation recorded", async () => {
    const preview = await world.previewEnvironment(production);
    expect(preview).toMatchObject({ kind: "preview", previewOf: "up", status: "succeeded", continuedBy: null });
    expect(preview.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(world.engine.runs.at(-1)?.arguments).toMatchObject({
      targets: [
        {
          access: { ...target, roleArn: "arn:aws:iam::111122223333:role/GatehouseTarget" },
          foundation: { bucketName: "gatehouse-session-logs-111122223333-ap-southeast-1", idleTimeoutMinutes: 20 },
        },
      ],
    });
    const environment = await world.useCases.getEnvironment("production");
    expect(environment).toMatchObject({ status: "pending", revision: 0, spec: null, lastOperation: preview.id });
  });

  it("becomes active with an up that goes on by itself, and its spec is the document with its defaults", async () => {
    const up = await world.upEnvironment(production);
    expect(up).toMatchObject({ kind: "up", status: "succeeded" });
    const environment = await world.useCases.getEnvironment("production");
    expect(environment).toMatchObject({ status: "active", revision: 1, pendingOperation: null, lastOperation: up.id });
    expect(environment.spec).toMatchObject({ group: { name: "ProductionAccess" }, policyProfile: "hardened" });
  });

  it("previews all same when its own spec is posted back", async () => {
    await world.upEnvironment(production);
    const { spec } = await world.useCases.getEnvironment("production");
    const again = await world.previewEnvironment(spec as unknown as typeof production);
    expect(again.changes).toMatchObject({ create: 0, update: 0, delete: 0, import: 0 });
    expect(world.engine.runs.at(-1)?.arguments).toEqual(world.engine.runs.at(-2)?.arguments);
  });

  it("applies a preview on request, once", async () => {
    const preview = await world.previewEnvironment(production);
    const up = await world.useCases.apply(admin, preview.id);
    expect(up).toMatchObject({ kind: "up", status: "queued", continues: preview.id });
    await expect(world.useCases.apply(admin, preview.id)).rejects.toMatchObject({ code: "operation_in_progress" });
    await world.work();
    expect(await world.useCases.getOperation(up.id)).toMatchObject({ status: "succeeded" });
    const again = world.useCases.apply(admin, preview.id);
    await expect(again).rejects.toMatchObject({ code: "conflict" });
    await expect(again).rejects.toThrow(`Operation ${up.id} applied this preview, and ended as succeeded. A preview`);
  });

  it("refuses to apply what is no preview, or one that did not succeed", async () => {
    const up = await world.upEnvironment(production);
    await expect(world.useCases.apply(admin, up.id)).rejects.toMatchObject({ code: "conflict" });
    world.account.groups.add("OtherAccess");
    const failed = await world.previewEnvironment({ ...production, group: { name: "OtherAccess" } });
    expect(failed).toMatchObject({ status: "failed", problem: { code: "name_taken" } });
    await expect(world.useCases.apply(admin, failed.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("makes earlier previews void with a newer up, and says which took their place", async () => {
    const early = await world.previewEnvironment(production);
    await world.upEnvironment({ ...production, description: "newer" });
    const voided = await world.useCases.getOperation(early.id);
    expect(voided.approval).toMatchObject({ state: "void" });
    await expect(world.useCases.apply(admin, early.id)).rejects.toMatchObject({ code: "preview_stale" });
  });

  it("does not carry on an up request that a newer one has overtaken", async () => {
    const { submitEnvironment, getOperation } = world.useCases;
    const { environmentRequest } = await import("../../../service/domain/environment-document.ts");
    const first = await submitEnvironment(admin, environmentRequest.parse({ action: "up", environment: production }));
    const second = await submitEnvironment(admin, environmentRequest.parse({ action: "up", environment: production }));
    await world.work();
    expect(await getOperation(first.id)).toMatchObject({
      continuedBy: null,
      approval: { state: "void", supersededBy: second.id },
    });
    expect((await getOperation(second.id)).continuedBy).not.toBeNull();
  });

  it("applies nothing when the account moved between preview and apply", async () => {
    const preview = await world.previewEnvironment(production);
    const up = await world.useCases.apply(admin, preview.id);
    world.account.permissionSets.add("ProductionPermissionSet");
    const runs = world.engine.runs.length;
    await world.work();
    const failed = await world.useCases.getOperation(up.id);
    expect(failed).toMatchObject({ status: "failed", problem: { code: "name_taken" } });
    expect(world.engine.runs).toHaveLength(runs);
    expect(await world.useCases.getOperation(preview.id)).toMatchObject({ approval: { state: "void" } });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "pending", revision: 0 });
  });

  it("applies nothing of a preview that other programs made", async () => {
    const preview = await world.previewEnvironment(production);
    const row = await world.dependencies.store.operations.find(preview.id);
    const { spec, arguments: resolved, planDigest, access } = row!;
    const digest = operationDigest({ spec, arguments: resolved!, planDigest: planDigest!, access }, "another");
    await database.pool.query("update gatehouse.operations set digest = $2 where id = $1", [preview.id, digest]);
    const up = await world.useCases.apply(admin, preview.id);
    const runs = world.engine.runs.length;
    await world.work();
    expect(await world.useCases.getOperation(up.id)).toMatchObject({
      status: "failed",
      problem: { code: "preview_stale", detail: expect.stringContaining("another version of Gatehouse") },
    });
    expect(world.engine.runs).toHaveLength(runs);
    expect(await world.useCases.getOperation(preview.id)).toMatchObject({ approval: { state: "void" } });
  });

  it("says what to do when the engine finds the plan stale, and the stack stays as it was", async () => {
    await world.upEnvironment(production);
    world.engine.nextResult("up", (result) => ({
      ...result,
      outcome: "failed",
      problem: { code: "preview_stale", detail: "permission-set differs", urn: null },
    }));
    const up = await world.upEnvironment({ ...production, description: "other" });
    expect(up).toMatchObject({ status: "failed", problem: { code: "preview_stale", status: 409 } });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "active", revision: 1 });
  });

  it("ends in needs_recovery when the engine breaks after it began to apply, and takes no more work", async () => {
    world.engine.nextResult("up", (result) => ({
      ...result,
      outcome: "needs_recovery",
      problem: { code: "recovery_required", detail: "permission-set is in doubt", urn: "urn:pulumi:x" },
    }));
    expect(await world.upEnvironment(production)).toMatchObject({ status: "needs_recovery" });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "needs_recovery" });
    await expect(world.previewEnvironment(production)).rejects.toMatchObject({ code: "recovery_required" });
  });
});
