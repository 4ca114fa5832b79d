import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const target = { account: "111122223333", region: "ap-southeast-1" } as const;
const other = { account: "111122223333", region: "eu-central-1" } as const;
const environment = (name: string, more: object = {}) => ({
  name,
  tag: { key: "project", value: name },
  targets: [target],
  ...more,
});

describe("what only one may have", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
  });
  afterEach(() => database.drop());

  const stored = async (): Promise<number> =>
    (
      await world.useCases.listOperations({
        limit: 200,
        cursor: null,
        stack: null,
        status: null,
        kind: null,
        approval: null,
        team: null,
      })
    ).items.length;

  it("refuses a target without a foundation, names the call that makes one, and stores nothing", async () => {
    await expect(world.previewEnvironment(environment("production"))).rejects.toMatchObject({
      code: "foundation_missing",
      detail: expect.stringContaining("POST /v1/foundation-requests"),
    });
    expect(await stored()).toBe(0);
    await expect(world.useCases.getEnvironment("production")).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses the advanced tier until the foundation sets it, and then the foundation may not fall below", async () => {
    const hybrid = environment("production", { onPremises: { acknowledgeCharges: true, tier: "advanced" } });
    await world.upFoundation(target);
    await expect(world.previewEnvironment(hybrid)).rejects.toMatchObject({
      code: "tier_required",
      errors: [{ pointer: "/environment/onPremises/tier" }],
    });
    const advanced = { ...target, activationTier: "advanced" as const, acknowledgeCharges: true };
    await world.upFoundation(advanced);
    const up = await world.upEnvironment(hybrid);
    expect(up).toMatchObject({
      status: "succeeded",
      warnings: expect.arrayContaining([{ code: "tier_retired", message: expect.any(String) }]),
    });
    await expect(world.upFoundation(target)).rejects.toMatchObject({ code: "tier_required" });
  });

  it.each([
    ["group", { group: { name: "Shared" } }, "/environment/group/name"],
    ["permission set", { permissionSet: { name: "Shared" } }, "/environment/permissionSet/name"],
  ])("refuses a %s that another environment has", async (_what, more, pointer) => {
    await world.upFoundation(target);
    await world.upEnvironment(environment("production", more));
    await expect(world.previewEnvironment(environment("development", more))).rejects.toMatchObject({
      code: "name_taken",
      detail: expect.stringContaining("environment/production"),
      errors: [{ pointer }],
    });
  });

  it("lets two environments refer to one external group", async () => {
    await world.upFoundation(target);
    world.account.groups.add("engineers");
    const group = { name: "engineers", source: "external" as const };
    expect(await world.upEnvironment(environment("production", { group }))).toMatchObject({ status: "succeeded" });
    expect(await world.upEnvironment(environment("development", { group }))).toMatchObject({ status: "succeeded" });
  });

  it("fails the preview for an external group that Identity Center does not know", async () => {
    await world.upFoundation(target);
    const preview = await world.previewEnvironment(
      environment("production", { group: { name: "engineers", source: "external" } }),
    );
    expect(preview).toMatchObject({
      status: "failed",
      problem: { code: "not_found", errors: [{ pointer: "/environment/group/name" }] },
    });
  });

  it("refuses a foundation's bucket name that another foundation has", async () => {
    await world.upFoundation({ ...target, logArchive: { bucketName: "session-logs" } });
    await expect(world.upFoundation({ ...other, logArchive: { bucketName: "session-logs" } })).rejects.toMatchObject({
      code: "name_taken",
    });
  });

  it("gives what exists once per account to the first foundation, and keeps it while others use it", async () => {
    await world.upFoundation(target);
    await world.upFoundation(other);
    const owns = world.engine.runs.filter(({ kind }) => kind === "up").map((run) => run.arguments["ownsAccount"]);
    expect(owns).toEqual([true, false]);
    const { destroyFoundation } = world.useCases;
    await expect(
      destroyFoundation({ name: "admin", role: "admin" }, target.account, target.region),
    ).rejects.toMatchObject({
      code: "foundation_in_use",
      detail: expect.stringContaining("foundation/111122223333/eu-central-1"),
    });
  });

  it("keeps a foundation while an environment stands on it", async () => {
    await world.upFoundation(target);
    await world.upEnvironment(environment("production"));
    const { destroyFoundation } = world.useCases;
    await expect(
      destroyFoundation({ name: "admin", role: "admin" }, target.account, target.region),
    ).rejects.toMatchObject({
      code: "foundation_in_use",
      detail: expect.stringContaining("environment/production"),
    });
    await world.destroyEnvironment("production");
    expect(await destroyFoundation({ name: "admin", role: "admin" }, target.account, target.region)).toMatchObject({
      kind: "preview",
      previewOf: "destroy",
    });
  });

  it("fails the preview of what exists in the account already, and says what to write in adopt", async () => {
    await world.upFoundation(target);
    world.account.groups.add("ProductionAccess");
    expect(await world.previewEnvironment(environment("production"))).toMatchObject({
      status: "failed",
      problem: { code: "name_taken", detail: expect.stringContaining('"adopt": ["group"]') },
    });
    const adopting = await world.upEnvironment(environment("production", { adopt: ["group"] }));
    expect(adopting.status).toBe("succeeded");
    expect(world.engine.runs.at(-1)?.arguments).toMatchObject({ group: { importId: "d-1234567890/ProductionAccess" } });
    await world.previewEnvironment(environment("production", { adopt: ["group"] }));
    expect(world.engine.runs.at(-1)?.arguments).toMatchObject({ group: { importId: null } });
  });

  it("refuses a bucket of another account, and takes over its own when told to", async () => {
    world.account.buckets.set("session-logs", "another account's");
    const document = { ...target, logArchive: { bucketName: "session-logs" } };
    expect(await world.upFoundation(document)).toMatchObject({ status: "failed", problem: { code: "name_taken" } });
    world.account.buckets.set("session-logs", "ours");
    expect(await world.upFoundation(document)).toMatchObject({ status: "failed", problem: { code: "name_taken" } });
    expect(await world.upFoundation({ ...document, adopt: ["bucket"] })).toMatchObject({ status: "succeeded" });
  });

  it("marks environments outdated when what they record of their foundation changes, until their next up", async () => {
    await world.upFoundation(target);
    await world.upEnvironment(environment("production"));
    await world.upFoundation({ ...target, notifications: { emails: ["security@example.com"] } });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ outdated: false });
    await world.upFoundation({ ...target, sessionPreferences: { idleTimeoutMinutes: 5 } });
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ outdated: true });
    await world.upEnvironment(environment("production"));
    expect(await world.useCases.getEnvironment("production")).toMatchObject({ outdated: false });
  });

  it.each([
    ["the same folder", "logs/production/"],
    ["a folder inside", "logs/production/east/"],
    ["a folder around it", "logs/"],
  ])("refuses %s of the archive that another environment's nodes write to", async (_what, keyPrefix) => {
    await world.upFoundation(target);
    const logging = (prefix: string) => ({ logging: { s3: { keyPrefix: prefix } } });
    await world.upEnvironment(environment("production", logging("logs/production/")));
    await expect(world.previewEnvironment(environment("development", logging(keyPrefix)))).rejects.toMatchObject({
      code: "name_taken",
      errors: [{ pointer: "/environment/logging/s3/keyPrefix" }],
    });
    const beside = await world.previewEnvironment(environment("development", logging("logs/production-two/")));
    expect(beside.status).toBe("succeeded");
  });

  it("refuses the foundation's own folders of the archive", async () => {
    await world.upFoundation(target);
    const logging = { s3: { keyPrefix: "cloudtrail/x/" } };
    await expect(world.previewEnvironment(environment("production", { logging }))).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/environment/logging/s3/keyPrefix" }],
    });
  });

  it("keeps the first foundation's trail while another foundation's notifications rest on it", async () => {
    const notifications = { emails: ["security@example.com"] };
    expect(await world.upFoundation({ ...other })).toMatchObject({ status: "succeeded" });
    expect(await world.upFoundation({ ...target, notifications })).toMatchObject({
      status: "failed",
      problem: { code: "conflict", errors: [{ pointer: "/foundation/notifications/trail" }] },
    });
    await world.upFoundation({ ...other, notifications });
    expect(await world.upFoundation({ ...target, notifications })).toMatchObject({ status: "succeeded" });
    await expect(world.upFoundation({ ...other })).rejects.toMatchObject({ code: "foundation_in_use" });
  });

  it("refuses another mode of host management than the account's first foundation has", async () => {
    await world.upFoundation(target);
    await expect(world.upFoundation({ ...other, hostManagement: { mode: "none" } })).rejects.toMatchObject({
      code: "conflict",
      errors: [{ pointer: "/foundation/hostManagement/mode" }],
    });
  });

  it("refuses more policy than Identity Center takes before anything is queued", async () => {
    await world.upFoundation(target);
    const before = await stored();
    const extraStatements = Array.from({ length: 20 }, (_, index) => ({
      Effect: "Allow" as const,
      Action: Array.from({ length: 20 }, (__, action) => `s3:GetObject${index}${action}SomethingLong`),
      Resource: "arn:aws:s3:::example/*",
    }));
    await expect(world.previewEnvironment(environment("production", { extraStatements }))).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/environment/extraStatements" }],
    });
    expect(await stored()).toBe(before);
  });

  it("lets only one of two simultaneous requests have a name", async () => {
    await world.upFoundation(target);
    const { environmentRequest } = await import("../../../service/domain/environment-document.ts");
    const submit = (name: string) =>
      world.useCases.submitEnvironment(
        { name: "admin", role: "admin" },
        environmentRequest.parse({ action: "up", environment: environment(name, { group: { name: "Shared" } }) }),
      );
    const answers = await Promise.allSettled([submit("production"), submit("development")]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});
