import { environmentRequest } from "../../../service/domain/environment-document.ts";
import { parseEntityTags, type Preconditions } from "../../../service/domain/preconditions.ts";
import type { Operation } from "../../../service/domain/operation.ts";
import type { StartConditions } from "../../../service/usecases/start-conditions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { environmentInputOf, foundationInputOf } from "../../support/documents.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const when = (headers: { match?: string; noneMatch?: string }): StartConditions => {
  const preconditions: Preconditions = {
    ifMatch: headers.match === undefined ? null : parseEntityTags(headers.match),
    ifNoneMatch: headers.noneMatch === undefined ? null : parseEntityTags(headers.noneMatch),
  };
  return { once: null, preconditions, requestId: null };
};
const mismatch = { code: "revision_mismatch" };

describe("work against a revision", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(foundationInputOf());
  });
  afterEach(() => database.drop());

  const request = (action: "preview" | "up", description: string, conditions: StartConditions): Promise<Operation> =>
    world.useCases.submitEnvironment(
      admin,
      environmentRequest.parse({ action, environment: environmentInputOf({ description }) }),
      conditions,
    );
  const up = async (description: string): Promise<void> => {
    expect(await world.upEnvironment(environmentInputOf({ description }))).toMatchObject({ status: "succeeded" });
  };
  const operation = (id: string): Promise<Operation> => world.useCases.getOperation(id);
  const revision = async (): Promise<number> => (await world.useCases.getEnvironment("production")).revision;

  it("is taken at that revision, and refused at another", async () => {
    await up("one");
    await up("two");
    await expect(request("up", "three", when({ match: '"1"' }))).rejects.toMatchObject(mismatch);
    const preview = await request("up", "three", when({ match: '"2"' }));
    await world.work();
    expect(await operation((await operation(preview.id)).continuedBy ?? "")).toMatchObject({ status: "succeeded" });
    expect(await revision()).toBe(3);
  });

  it("creates only where nothing is, and changes only what is there", async () => {
    await expect(request("preview", "one", when({ match: "*" }))).rejects.toMatchObject(mismatch);
    await request("preview", "one", when({ noneMatch: "*" }));
    await world.work();
    // Only previewed: still nothing there.
    await expect(request("preview", "one", when({ match: "*" }))).rejects.toMatchObject(mismatch);
    await up("one");
    await expect(request("preview", "two", when({ noneMatch: "*" }))).rejects.toMatchObject(mismatch);
    expect(await request("preview", "two", when({ match: "*" }))).toMatchObject({ status: "queued" });
  });

  it("fails in its preview when the stack moved while it waited in the queue", async () => {
    await up("one");
    const preview = await request("preview", "two", when({}));
    await world.work();
    await world.useCases.apply(admin, preview.id);
    const later = await request("up", "three", when({ match: '"1"' }));
    await world.work();
    expect(await operation(later.id)).toMatchObject({ status: "failed", problem: mismatch, continuedBy: null });
    expect(await revision()).toBe(2);
  });

  it("is refused when it is applied after the stack moved", async () => {
    await up("one");
    const preview = await request("preview", "two", when({ match: '"1"' }));
    await world.work();
    await up("three");
    await expect(world.useCases.apply(admin, preview.id)).rejects.toMatchObject(mismatch);
  });

  it("fails before anything is applied when the stack moved after apply was accepted", async () => {
    await up("one");
    const preview = await request("preview", "two", when({ match: '"1"' }));
    await world.work();
    const applying = await world.useCases.apply(admin, preview.id);
    // Somebody else's up, which a worker finished in between.
    await database.pool.query(
      "UPDATE gatehouse.stacks SET revision = revision + 1 WHERE name = 'environment/production'",
    );
    await world.work();
    expect(await operation(applying.id)).toMatchObject({ status: "failed", problem: mismatch });
    expect(await operation(preview.id)).toMatchObject({ approval: { state: "void" } });
  });

  it("may be named at apply, where the preview named none", async () => {
    await up("one");
    const preview = await request("preview", "two", when({}));
    await world.work();
    await expect(world.useCases.apply(admin, preview.id, when({ match: '"7"' }))).rejects.toMatchObject(mismatch);
    const applying = await world.useCases.apply(admin, preview.id, when({ match: '"1"' }));
    await database.pool.query(
      "UPDATE gatehouse.stacks SET revision = revision + 1 WHERE name = 'environment/production'",
    );
    await world.work();
    expect(await operation(applying.id)).toMatchObject({ status: "failed", problem: mismatch });
  });

  it("of two creations that come together lets one through", async () => {
    const previews = [
      await request("preview", "mine", when({ noneMatch: "*" })),
      await request("preview", "yours", when({ noneMatch: "*" })),
    ];
    await world.work();
    const applying = [];
    for (const { id } of previews) applying.push(await world.useCases.apply(admin, id));
    await world.work();
    const [mine, yours] = await Promise.all(applying.map(({ id }) => operation(id)));
    expect([mine, yours]).toMatchObject([{ status: "succeeded" }, { status: "failed", problem: mismatch }]);
    expect(await revision()).toBe(1);
  });

  it("guards a destroy, and what was destroyed has another revision than before", async () => {
    await up("one");
    const destroy = (conditions: StartConditions) => world.useCases.destroyEnvironment(admin, "production", conditions);
    await expect(destroy(when({ match: '"2"' }))).rejects.toMatchObject(mismatch);
    const preview = await destroy(when({ match: '"1"' }));
    await world.work();
    const destroying = await world.useCases.apply(admin, preview.id);
    await world.work();
    expect(await operation(destroying.id)).toMatchObject({ kind: "destroy", status: "succeeded" });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ status: "destroyed", revision: 2 });
    // Made against what is gone.
    await expect(request("up", "two", when({ match: '"1"' }))).rejects.toMatchObject(mismatch);
    expect(await request("up", "two", when({ noneMatch: "*" }))).toMatchObject({ status: "queued" });
  });

  it("does not hide that there is nothing to destroy", async () => {
    await expect(world.useCases.destroyEnvironment(admin, "production", when({ match: "*" }))).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
