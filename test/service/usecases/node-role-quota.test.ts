import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const account = "111122223333";
const [singapore, frankfurt] = [
  { account, region: "ap-southeast-1" },
  { account, region: "eu-central-1" },
] as const;
const environment = (name: string, ...targets: { account: string; region: "ap-southeast-1" | "eu-central-1" }[]) => ({
  name,
  tag: { key: "project", value: name },
  targets,
});

describe("managed policies on the node role of an account", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    // The role's own, one of the foundation, and room for two.
    world.dependencies.settings.policiesPerRole = 4;
    await world.upFoundation(singapore);
    await world.upEnvironment(environment("one-a", singapore));
  });
  afterEach(() => database.drop());

  it("are refused at submission beyond IAM's quota, also to a preview, and free again after a destroy", async () => {
    expect(await world.upEnvironment(environment("two-a", singapore))).toMatchObject({ status: "succeeded" });
    await expect(world.previewEnvironment(environment("three-a", singapore))).rejects.toMatchObject({
      code: "quota_exceeded",
      detail: expect.stringContaining("2 are other environments', 2 the foundations', so 0 are free"),
      errors: [{ pointer: "/environment/targets" }],
    });
    await world.destroyEnvironment("one-a");
    expect(await world.upEnvironment(environment("three-a", singapore))).toMatchObject({ status: "succeeded" });
  });

  it("leave an environment that has its place alone, and count each region", async () => {
    expect(await world.upEnvironment({ ...environment("one-a", singapore), description: "other" })).toMatchObject({
      status: "succeeded",
    });
    await world.upFoundation(frankfurt);
    await expect(world.previewEnvironment(environment("one-a", singapore, frankfurt))).rejects.toMatchObject({
      code: "quota_exceeded",
    });
    world.dependencies.settings.policiesPerRole = 5;
    expect(await world.previewEnvironment(environment("one-a", singapore, frankfurt))).toMatchObject({
      status: "succeeded",
    });
  });

  it("are not counted where the setting says so", async () => {
    world.dependencies.settings.policiesPerRole = 0;
    await world.upEnvironment(environment("two-a", singapore));
    expect(await world.previewEnvironment(environment("three-a", singapore))).toMatchObject({ status: "succeeded" });
  });

  it("are counted again when an apply begins: others may have come first", async () => {
    const preview = await world.previewEnvironment(environment("two-a", singapore));
    await world.upEnvironment(environment("three-a", singapore));
    await expect(world.useCases.apply({ name: "admin", role: "admin" }, preview.id)).rejects.toMatchObject({
      code: "quota_exceeded",
    });
  });
});
