import type { RunResult } from "../../../service/engine/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" } as const;
const production = { name: "production", tag: { key: "project", value: "Production" }, targets: [foundation] };
const pending = [{ urn: "urn:pulumi:x", type: "aws:kms/key:Key", kind: "updating" as const }];

describe("recover", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundation);
  });
  afterEach(() => database.drop());

  const inDoubt = (result: RunResult): RunResult => ({ ...result, outcome: "needs_recovery", pending });
  const status = async () => (await world.useCases.getEnvironment("production")).status;
  /** An up that was cut short, on a stack that was active before. */
  const cutShort = async (): Promise<string> => {
    await world.upEnvironment(production);
    world.engine.nextResult("up", inDoubt);
    const up = await world.upEnvironment({ ...production, description: "other" });
    expect(up).toMatchObject({ status: "needs_recovery", pending });
    expect(await status()).toBe("needs_recovery");
    return up.id;
  };
  const recovered = async (id: string) => {
    const recovery = await world.useCases.recover(admin, id, "refresh");
    expect(recovery).toMatchObject({ kind: "refresh", status: "queued", recovers: id });
    await world.work();
    return world.useCases.getOperation(recovery.id);
  };

  it("makes the stack active again when nothing of what was cut short is there, and takes work again", async () => {
    const id = await cutShort();
    expect(await recovered(id)).toMatchObject({ status: "succeeded" });
    expect(await status()).toBe("active");
    expect(world.engine.recoveries).toMatchObject([{ kind: "recover", resolution: "refresh" }]);
    expect(await world.upEnvironment({ ...production, description: "other" })).toMatchObject({ status: "succeeded" });
  });

  it("says failed where a part of it is there: the next up mends that", async () => {
    const id = await cutShort();
    world.engine.nextResult("preview", (result) => ({
      ...result,
      steps: result.steps.map((step) => ({ ...step, op: "update" as const })),
    }));
    await recovered(id);
    expect(await status()).toBe("failed");
    expect(await world.upEnvironment({ ...production, description: "other" })).toMatchObject({ status: "succeeded" });
  });

  it("says pending where a first up left nothing", async () => {
    world.engine.nextResult("up", inDoubt);
    const { id } = await world.upEnvironment(production);
    await recovered(id);
    expect(await status()).toBe("pending");
  });

  it("is refused while another one is on its way, after it is done, and where nothing needs it", async () => {
    const id = await cutShort();
    await world.useCases.recover(admin, id, "refresh");
    await expect(world.useCases.recover(admin, id, "unlock")).rejects.toMatchObject({ code: "operation_in_progress" });
    await world.work();
    await expect(world.useCases.recover(admin, id, "refresh")).rejects.toMatchObject({ code: "conflict" });
    const done = await world.upEnvironment(production);
    await expect(world.useCases.recover(admin, done.id, "refresh")).rejects.toMatchObject({ code: "conflict" });
  });

  it("that fails leaves the stack as it is, and can be asked for again", async () => {
    const id = await cutShort();
    world.engine.nextResult("recover", (result) => ({
      ...result,
      outcome: "failed",
      problem: { code: "resource_failed", detail: "AWS does not answer", urn: null },
    }));
    expect(await recovered(id)).toMatchObject({ status: "failed", problem: { code: "resource_failed" } });
    expect(await status()).toBe("needs_recovery");
    expect(await recovered(id)).toMatchObject({ status: "succeeded" });
    expect(await status()).toBe("active");
  });

  it("of a refresh that was cut short finds the stack active, also when it was cut short itself", async () => {
    await world.upEnvironment(production);
    world.engine.nextResult("refresh", inDoubt);
    const refresh = await world.useCases.refresh(admin, "environment/production");
    await world.work();
    expect(await world.useCases.getOperation(refresh.id)).toMatchObject({ status: "needs_recovery" });
    world.engine.nextResult("recover", inDoubt);
    const cut = await recovered(refresh.id);
    expect(cut).toMatchObject({ status: "needs_recovery" });
    expect(await status()).toBe("needs_recovery");
    expect(await recovered(cut.id)).toMatchObject({ status: "succeeded" });
    expect(await status()).toBe("active");
  });
});
