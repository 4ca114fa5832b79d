import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const target = { account: "111122223333", region: "ap-southeast-1" } as const;
const person = (userName: string, more: object = {}) => ({
  userName,
  email: `${userName}@example.com`,
  givenName: "Test",
  familyName: "User",
  ...more,
});
const environment = (name: string, members: { userName: string }[], more: object = {}) => ({
  name,
  tag: { key: "project", value: name },
  targets: [target],
  group: { members },
  ...more,
});

describe("people whom several environments may name", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(target);
  });
  afterEach(() => database.drop());

  const membersOfLastRun = (): unknown => world.engine.runs.at(-1)?.arguments["members"];

  it("are made by the first that brings their details; later ones add a membership", async () => {
    await world.upEnvironment(environment("production", [person("ann")]));
    expect(membersOfLastRun()).toMatchObject([{ userName: "ann", user: { retain: true, importId: null } }]);
    await world.upEnvironment(environment("development", [person("ann")]));
    expect(membersOfLastRun()).toEqual([{ userName: "ann", user: null }]);
  });

  it("must exist when only their user name is given", async () => {
    const preview = await world.previewEnvironment(environment("production", [{ userName: "ann" }]));
    expect(preview).toMatchObject({
      status: "failed",
      problem: { code: "not_found", errors: [{ pointer: "/environment/group/members/0/userName" }] },
    });
    world.account.users.add("ann");
    expect(await world.upEnvironment(environment("production", [{ userName: "ann" }]))).toMatchObject({
      status: "succeeded",
    });
  });

  it("are refused when a stranger has their user name, unless adopted", async () => {
    world.account.users.add("ann");
    expect(await world.previewEnvironment(environment("production", [person("ann")]))).toMatchObject({
      problem: { code: "name_taken", detail: expect.stringContaining('"adopt": ["users"]') },
    });
    await world.upEnvironment(environment("production", [person("ann")], { adopt: ["users"] }));
    expect(membersOfLastRun()).toMatchObject([{ user: { importId: "d-1234567890/ann" } }]);
  });

  it("stay when their environment lets them go, and are taken back without asking", async () => {
    await world.upEnvironment(environment("production", [person("ann"), person("bob")]));
    await world.upEnvironment(environment("production", [person("bob")]));
    expect(world.account.users).toEqual(new Set(["ann", "bob"]));
    await world.upEnvironment(environment("production", [person("ann"), person("bob")]));
    expect(membersOfLastRun()).toMatchObject([
      { user: { importId: "d-1234567890/ann" } },
      { user: { importId: null } },
    ]);
  });

  it("stay a mere membership of an environment when the owner lets go of them", async () => {
    await world.upEnvironment(environment("production", [person("ann")]));
    await world.upEnvironment(environment("development", [person("ann")]));
    await world.destroyEnvironment("production");
    const again = await world.previewEnvironment(environment("development", [person("ann")]));
    expect(again.changes).toMatchObject({ create: 0, import: 0, delete: 0 });
    expect(membersOfLastRun()).toEqual([{ userName: "ann", user: null }]);
  });

  it("go with their environment only when that was asked for", async () => {
    await world.upEnvironment(environment("production", [person("ann", { onRemoval: "delete" }), person("bob")]));
    await world.destroyEnvironment("production");
    expect(world.account.users).toEqual(new Set(["bob"]));
    const again = await world.upEnvironment(environment("production", [person("ann")]));
    expect(again.status).toBe("succeeded");
    expect(membersOfLastRun()).toMatchObject([{ user: { importId: null } }]);
  });

  it("cannot be deleted while another environment names them", async () => {
    await world.upEnvironment(environment("production", [person("ann", { onRemoval: "delete" })]));
    await world.upEnvironment(environment("development", [{ userName: "ann" }]));
    const inUse = { code: "user_in_use", detail: expect.stringContaining("environment/development") };
    await expect(world.upEnvironment(environment("production", []))).rejects.toMatchObject(inUse);
    await expect(world.destroyEnvironment("production")).rejects.toMatchObject(inUse);
    await expect(
      world.upEnvironment(environment("production", [person("ann", { onRemoval: "delete" })])),
    ).rejects.toMatchObject(inUse);
    await world.upEnvironment(environment("production", [person("ann")]));
    expect(await world.destroyEnvironment("production")).toMatchObject({ status: "succeeded" });
    expect(world.account.users).toContain("ann");
  });

  it("are nobody's when the up that should have made them failed", async () => {
    world.engine.nextResult("up", (result) => ({
      ...result,
      outcome: "failed",
      problem: { code: "resource_failed", detail: "ThrottlingException", urn: "urn:pulumi:x" },
    }));
    expect(await world.upEnvironment(environment("production", [person("ann")]))).toMatchObject({ status: "failed" });
    await world.upEnvironment(environment("development", [person("ann")]));
    expect(membersOfLastRun()).toMatchObject([{ user: { importId: null } }]);
  });
});
