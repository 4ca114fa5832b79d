import type { EnvironmentInput } from "../../../service/domain/environment-document.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const target = { account: "111122223333", region: "ap-southeast-1" } as const;
const environment = (
  onPremises: Partial<NonNullable<EnvironmentInput["onPremises"]>> = {},
  more: Partial<EnvironmentInput> = {},
): EnvironmentInput => ({
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [target],
  onPremises: { acknowledgeCharges: true, expiresIn: "P14D", ...onPremises },
  ...more,
});

describe("the instant at which an activation expires", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(target);
    world.setTime("2026-11-22T12:00:00Z");
    await world.upEnvironment(environment());
  });
  afterEach(() => database.drop());

  const expiry = (): unknown =>
    (world.engine.runs.at(-1)?.arguments["onPremises"] as Record<string, unknown>)["expirationDate"];

  it("is decided when the activation is made", () => {
    expect(expiry()).toBe("2026-12-06T12:00:00Z");
  });

  it("stays when the same document comes hours later, so that nothing differs", async () => {
    world.setTime("2026-11-22T19:30:00Z");
    const preview = await world.previewEnvironment(environment());
    expect(expiry()).toBe("2026-12-06T12:00:00Z");
    expect(preview.changes).toMatchObject({ create: 0, delete: 0 });
  });

  it.each([
    ["another limit", environment({ registrationLimit: 99 })],
    ["another lifetime", environment({ expiresIn: "P10D" })],
    ["another tag, as AWS cannot change an activation's", environment({}, { tag: { key: "project", value: "Other" } })],
  ])("is decided anew for %s", async (_why, document) => {
    world.setTime("2026-11-24T00:00:00Z");
    await world.previewEnvironment(document);
    expect(expiry()).not.toBe("2026-12-06T12:00:00Z");
  });

  it("is the preview's when it is applied later", async () => {
    world.setTime("2026-11-24T00:00:00Z");
    const preview = await world.previewEnvironment(environment({ registrationLimit: 99 }));
    const shown = expiry();
    world.setTime("2026-11-25T00:00:00Z");
    const { id } = await world.useCases.apply({ name: "admin", role: "admin" }, preview.id);
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded" });
    expect(expiry()).toBe(shown);
  });
});
