import { CloudReadError, type ReadFailure } from "../../../service/cloud/read-error.ts";
import type { CloudReader } from "../../../service/cloud/reader.ts";
import type { RunResult, Step } from "../../../service/engine/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { keyIn } from "../../support/known-account.ts";
import { createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const target = { account: "111122223333", region: "ap-southeast-1" } as const;
const production = { name: "production", tag: { key: "project", value: "Production" }, targets: [target] };
const role = "arn:aws:iam::111122223333:role/GatehouseTarget";

describe("the first step of a preview", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;

  beforeAll(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(target);
  });
  afterAll(() => database.drop());

  const reader = (): CloudReader => world.dependencies.reader;
  /** Previews while the reader answers one question otherwise. */
  const previewWith = async (changes: Partial<CloudReader>) => {
    const before = reader();
    world.dependencies.reader = { ...before, ...changes };
    const runs = world.engine.runs.length;
    const preview = await world.previewEnvironment(production);
    world.dependencies.reader = before;
    return { preview, ran: world.engine.runs.length > runs };
  };
  const unanswered = (failure: ReadFailure, action: string) => () =>
    Promise.reject(new CloudReadError(failure, { action, scope: target, role }, { code: "Code", message: "words" }));

  it.each([
    ["access_denied", `Allow logs:DescribeLogGroups to the role ${role}`],
    ["credentials_invalid", "missing, expired, or not known"],
    ["throttled", "Post the request again in a minute"],
    ["aws_unreachable", "AWS did not answer logs:DescribeLogGroups in account 111122223333, ap-southeast-1"],
    ["aws_failed", "with an error"],
  ] as const)("fails with %s where AWS does not answer, says what to do, and runs nothing", async (code, says) => {
    const { preview, ran } = await previewWith({ findLogGroup: unanswered(code, "logs:DescribeLogGroups") });
    expect(preview).toMatchObject({ status: "failed", problem: { code, detail: expect.stringContaining(says) } });
    expect(preview.problem?.detail).toMatch(/AWS says: Code: words$/);
    expect(ran).toBe(false);
  });

  it("names the trust policy where the role cannot be assumed", async () => {
    const { preview } = await previewWith({ callerAccount: unanswered("access_denied", "sts:AssumeRole") });
    expect(preview.problem).toMatchObject({
      code: "access_denied",
      detail: expect.stringMatching(/into account 111122223333: it may not assume the role .*trust policy/),
    });
  });

  it("fails with account_mismatch where the credentials lead to another account, before it looks anything up there", async () => {
    const looked: string[] = [];
    const { preview } = await previewWith({
      callerAccount: () => Promise.resolve("999988887777"),
      findLogGroup: (_scope, name) => {
        looked.push(name);
        return Promise.resolve(null);
      },
    });
    expect(preview.problem).toMatchObject({
      code: "account_mismatch",
      detail: expect.stringContaining("lead to account 999988887777. Set GATEHOUSE_TARGET_ROLE"),
    });
    expect(looked).toEqual([]);
  });

  it("fails with identity_center_missing without Identity Center, and with an account instance", async () => {
    const none = await previewWith({ identityCenter: () => Promise.resolve(null) });
    expect(none.preview.problem).toMatchObject({
      code: "identity_center_missing",
      detail: expect.stringContaining("GATEHOUSE_IDENTITY_CENTER_REGION"),
    });
    const instance = await reader().identityCenter();
    const own = instance === null ? null : { ...instance, kind: "account" as const };
    const { preview } = await previewWith({ identityCenter: () => Promise.resolve(own) });
    expect(preview.problem).toMatchObject({
      code: "identity_center_missing",
      detail: expect.stringMatching(/account instance .* no permission sets/),
    });
  });

  it.each([
    ["nobody said to take it over", []],
    ["it is listed in adopt", ["log-group"]],
  ] as const)(
    "fails with key_pending_deletion where the key behind the alias is on its way out, and %s",
    async (_case, adopt) => {
      const alias = keyIn(target.region, "alias/gatehouse/production");
      world.account.keys.add(alias);
      world.account.keysPendingDeletion.add(alias);
      const preview = await world.previewEnvironment({ ...production, adopt: [...adopt] });
      world.account.keys.delete(alias);
      expect(preview).toMatchObject({ status: "failed", problem: { code: "key_pending_deletion" } });
      expect(preview.problem?.detail).toMatch(/kms cancel-key-deletion .* enable-key.*delete-alias.*"refresh": true/);
    },
  );

  it("says which tier is in force where a document names one", async () => {
    world.account.tier = "advanced";
    const elsewhere = { account: "111122223333", region: "eu-west-1" } as const;
    const up = await world.upFoundation({ ...elsewhere, activationTier: "advanced", acknowledgeCharges: true });
    expect(up.warnings).toEqual([
      {
        code: "tier_retired",
        message: expect.stringContaining('In force in account 111122223333, eu-west-1, is "advanced".'),
      },
    ]);
  });
});

describe("names that the foundation would make and nobody can take over", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
  });
  afterEach(() => database.drop());

  it.each([
    ["a Quick Setup role", () => world.account.roles.add("AWS-QuickSetup-LocalExecutionRole"), "hostManagement.mode"],
    ["the log policy", () => world.account.policies.add("SessionManagerLogPolicy"), "Remove it in AWS"],
    [
      "a Quick Setup configuration",
      () => world.account.quickSetups.add("gatehouse-host-management-ap-southeast-1"),
      "managed twice otherwise",
    ],
    ["the topic", () => world.account.topics.add("gatehouse-session-activity"), 'leave "notifications" out'],
    ["the event rule", () => world.account.eventRules.add("gatehouse-session-activity"), 'leave "notifications" out'],
    [
      "the trail",
      () => world.account.trails.add("gatehouse-management-events"),
      '"trail": "gatehouse-management-events"',
    ],
  ])("refuses %s with what to do instead", async (_what, exists, says) => {
    exists();
    const notifications = { emails: ["security@example.com"] };
    expect(await world.upFoundation({ ...target, notifications })).toMatchObject({
      status: "failed",
      problem: { code: "name_taken", detail: expect.stringContaining(says) },
    });
  });

  it.each([
    ["the role", () => world.account.roles.add("GatehouseNodeRole")],
    ["the instance profile", () => world.account.instanceProfiles.add("GatehouseNodeRole")],
  ])("refuses %s of nodes where host management is off", async (what, exists) => {
    exists();
    expect(await world.upFoundation({ ...target, hostManagement: { mode: "none" } })).toMatchObject({
      status: "failed",
      problem: { code: "name_taken", detail: expect.stringContaining(`${what} "GatehouseNodeRole" in account 1111`) },
    });
  });

  it("finds its own again, and asks nothing of Quick Setup once it has a configuration", async () => {
    const notifications = { emails: ["security@example.com"] };
    expect(await world.upFoundation({ ...target, notifications })).toMatchObject({ status: "succeeded" });
    world.account.quickSetups.add("gatehouse-host-management-ap-southeast-1");
    const { stacks } = world.dependencies.store;
    const stack = await stacks.find("foundation/111122223333/ap-southeast-1");
    const type = "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager";
    const held = { urn: "urn", type, name: "x", id: "arn", account: target.account, region: target.region };
    const resources = [...(stack?.resources ?? []), { ...held, retainOnDelete: false }];
    await stacks.change("foundation/111122223333/ap-southeast-1", { resources, updatedAt: new Date() });
    expect(await world.upFoundation({ ...target, notifications })).toMatchObject({ status: "succeeded" });
  });

  it("refuses a bucket of the account in another region", async () => {
    world.account.buckets.set("session-logs", "ours");
    const { reader } = world.dependencies;
    world.dependencies.reader = {
      ...reader,
      findBucket: () =>
        Promise.resolve({ id: "session-logs", importId: "session-logs", owned: true, region: "eu-west-1" }),
    };
    const document = { ...target, logArchive: { bucketName: "session-logs" }, adopt: ["bucket" as const] };
    expect(await world.upFoundation(document)).toMatchObject({
      problem: { code: "name_taken", detail: expect.stringContaining("but in eu-west-1") },
    });
  });
});

describe("what an environment asks for and is there already", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeEach(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(target);
  });
  afterEach(() => database.drop());

  const onPremises = { registrationLimit: 1, acknowledgeCharges: true as const, expiresIn: "P1D" };

  it.each([
    ["policy", () => world.account.policies.add("GatehouseSessionLogs-production-ap-southeast-1"), "SessionLogs"],
    ["role", () => world.account.roles.add("GatehouseOnPremises-production"), "OnPremises"],
  ])("is refused where it is a %s that nobody can take over", async (what, exists, name) => {
    exists();
    const { problem } = await world.previewEnvironment({ ...production, onPremises });
    expect(problem).toMatchObject({ code: "name_taken" });
    expect(problem?.detail).toMatch(
      new RegExp(`the ${what} "Gatehouse${name}-production.*give the environment another`),
    );
  });

  it("is refused where it is another person's address, and is not asked again for one that is kept", async () => {
    const ann = { userName: "ann", email: "ann@example.com", givenName: "Ann", familyName: "Example" };
    const document = { ...production, group: { members: [ann] } };
    world.account.emails.set(ann.email, "somebody");
    const refused = await world.previewEnvironment(document);
    expect(refused.problem).toMatchObject({ code: "name_taken" });
    expect(refused.problem?.detail).toMatch(/ann@example\.com of "ann" belongs to another person .*\(user somebody\)/);
    world.account.emails.clear();
    expect(await world.upEnvironment(document)).toMatchObject({ status: "succeeded" });
    world.account.emails.set(ann.email, "somebody");
    expect(await world.previewEnvironment(document)).toMatchObject({ status: "succeeded" });
  });

  it("is taken over where it is a membership or assignment of a group and permission set that are", async () => {
    const { account } = world;
    account.groups.add("ProductionAccess");
    account.permissionSets.add("ProductionPermissionSet");
    for (const name of ["ann", "bob"]) account.users.add(name);
    account.memberships.add("ProductionAccess ann");
    account.assignments.add(`ProductionPermissionSet ProductionAccess ${target.account}`);
    const members = [{ userName: "ann" }, { userName: "bob" }];
    const adopt = ["group" as const, "permission-set" as const];
    const document = { ...production, group: { members }, adopt };
    expect(await world.previewEnvironment(document)).toMatchObject({ status: "succeeded", problem: null });
    expect(world.engine.runs.at(-1)?.arguments).toMatchObject({
      members: [
        { userName: "ann", user: null, membershipImportId: "ProductionAccess/ann" },
        { userName: "bob", user: null },
      ],
      permissionSet: {
        assignmentImportIds: { [target.account]: `ProductionPermissionSet,${target.account}` },
      },
    });
    account.memberships.clear();
    account.assignments.clear();
    await world.previewEnvironment(document);
    const { members: made, permissionSet } = world.engine.runs.at(-1)?.arguments ?? {};
    expect(made).toEqual([
      { userName: "ann", user: null },
      { userName: "bob", user: null },
    ]);
    expect(permissionSet).not.toHaveProperty("assignmentImportIds");
  });
});

describe("what is taken over and differs", () => {
  let database: TestDatabase;
  let world: UseCaseWorld;
  beforeAll(async () => {
    database = await createTestDatabase();
    world = createUseCaseWorld(database.pool);
    await world.upFoundation(target);
    world.account.groups.add("ProductionAccess");
  });
  afterAll(() => database.drop());

  /** The group's step, as an engine shows an import that also changes something. */
  const differing =
    (diff: Step["diff"]) =>
    (result: RunResult): RunResult => ({
      ...result,
      steps: result.steps.map((step) => (step.name === "group" ? { ...step, op: "import" as const, diff } : step)),
    });
  const description = { path: "description", from: "theirs", to: "ours" };
  const preview = (diff: Step["diff"], more: object) => {
    world.engine.nextResult("preview", differing(diff));
    return world.previewEnvironment({ ...production, adopt: ["group"], ...more });
  };

  it("fails the preview, shows the difference, and says what to write", async () => {
    const failed = await preview([description], {});
    expect(failed).toMatchObject({
      status: "failed",
      digest: null,
      problem: {
        code: "adoption_differs",
        detail: expect.stringContaining("group (description). The preview's steps"),
      },
      warnings: expect.arrayContaining([expect.objectContaining({ code: "import_changes_resource" })]),
    });
    expect(failed.problem?.detail).toContain('"adoptChanges": ["group"]');
    expect(failed.steps.find(({ name }) => name === "group")?.diff).toEqual([description]);
  });

  it("may be changed when the document says so", async () => {
    expect(await preview([description], { adoptChanges: ["group"] })).toMatchObject({
      status: "succeeded",
      problem: null,
    });
  });

  it("is never replaced", async () => {
    const replacing = { ...description, path: "displayName", replaces: true as const };
    expect((await preview([replacing], { adoptChanges: ["group"] })).problem).toMatchObject({
      code: "adoption_differs",
      detail: expect.stringContaining("differs in displayName, which AWS cannot change"),
    });
  });

  it("is taken over as it is where nothing differs", async () => {
    expect(await preview([], {})).toMatchObject({ status: "succeeded" });
  });
});
