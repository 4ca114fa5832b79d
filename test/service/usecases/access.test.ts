import type { Operation } from "../../../service/domain/operation.ts";
import { operationDigest } from "../../../service/usecases/digest.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const target = { account: "111122223333", region: "ap-southeast-1" } as const;
const person = (userName: string) => ({
  userName,
  email: `${userName}@example.com`,
  givenName: "Test",
  familyName: "U",
});
const environment = (name: string, more: object = {}) => ({
  name,
  tag: { key: "project", value: name },
  group: { members: [person(`${name}-user`)] },
  targets: [target],
  ...more,
});
const startOn = (value: string) => ({
  Sid: "Elsewhere",
  Effect: "Allow" as const,
  Action: "ssm:StartSession",
  Resource: "arn:aws:ec2:*:111122223333:instance/*",
  Condition: { StringEquals: { "ssm:resourceTag/project": value } },
});
const nodeOf = (project: string, kind: "ec2" | "managed" = "ec2") => ({ kind, ...target, tags: { project } });

/** What a line of the changes comes to: who, what, on which nodes, from and to. */
const lines = (operation: Operation, action = "ssm:StartSession"): string[] =>
  (operation.access?.changes ?? [])
    .filter((change) => change.action === action)
    .map(({ principal, node, document, from, to }) => `${principal} ${node} ${String(document)}: ${from} → ${to}`);

let database: TestDatabase;
let world: UseCaseWorld;

beforeEach(async () => {
  database = await createTestDatabase();
  world = createUseCaseWorld(database.pool);
  await world.upFoundation(target);
});
afterEach(() => database.drop());

const matrix = (filter: { action?: string }) =>
  world.useCases.readAccessMatrix({
    principal: null,
    environment: null,
    action: null,
    limit: 20,
    cursor: null,
    ...filter,
  });

const operations = async (): Promise<number> => {
  const { rows } = await database.pool.query<{ count: string }>("select count(*) from gatehouse.operations");
  return Number(rows[0]?.count);
};

describe("the access that a preview shows", () => {
  it("is what a new environment's people gain, each person named, and the up carries it too", async () => {
    const up = await world.upEnvironment(environment("production"));
    expect(lines(up)).toEqual([
      "production project=production Gatehouse-production: deny → allow",
      "production-user project=production null: deny → allow",
    ]);
    expect(up.access?.changes.find(({ action }) => action === "ssm:StartSession")).toMatchObject({
      principalKind: "environment",
      places: [{ nodeKind: "ec2", ...target }],
      because: [
        { environment: "production", effect: "Allow" },
        { environment: "production", effect: "Allow" },
      ],
    });
    expect((await world.useCases.getOperation(up.continues ?? "")).access).toEqual(up.access);
  });

  it("is nothing where nothing changes, and null for a foundation", async () => {
    await world.upEnvironment(environment("production"));
    expect((await world.previewEnvironment(environment("production"))).access).toEqual({
      changes: [],
      extraStatements: { added: [], removed: [] },
    });
    expect((await world.upFoundation({ ...target, sessionPreferences: { idleTimeoutMinutes: 5 } })).access).toBeNull();
  });

  it("names who joins and who leaves", async () => {
    await world.upEnvironment(environment("production"));
    const moved = environment("production", { group: { members: [person("ann")] } });
    expect(lines(await world.previewEnvironment(moved))).toEqual([
      "ann project=production null: deny → allow",
      "production-user project=production null: allow → deny",
    ]);
  });

  it("shows on-premises nodes when they come", async () => {
    await world.upEnvironment(environment("production"));
    const hybrid = environment("production", { onPremises: { acknowledgeCharges: true } });
    const { access } = await world.previewEnvironment(hybrid);
    expect(access?.changes.filter(({ action }) => action === "ssm:StartSession")).toMatchObject([
      { principal: "production", places: [{ nodeKind: "managed", ...target }], from: "deny", to: "allow" },
    ]);
  });

  it("shows that people can end their own sessions after whitepaper becomes hardened", async () => {
    await world.upEnvironment(environment("production", { policyProfile: "whitepaper" }));
    const preview = await world.previewEnvironment(environment("production"));
    expect(
      preview.access?.changes.filter(({ action, to }) => action === "ssm:TerminateSession" && to === "allow"),
    ).toMatchObject([
      { principal: "production", sessionOwner: "self", because: [{ sid: "EndAndResumeOwnSessions", effect: "Allow" }] },
    ]);
    expect(lines(preview)).toContain("production project=production null: allow → deny");
  });

  it("shows what a destroy takes, and keeps what another environment of the same tag still gives", async () => {
    const shared = { tag: { key: "project", value: "Shared" }, sharedTag: true };
    const both = [person("ann")];
    await world.upEnvironment(environment("one", { ...shared, group: { members: [...both, person("ben")] } }));
    await world.upEnvironment(environment("two", { ...shared, group: { members: both } }));
    const submitted = await world.useCases.destroyEnvironment(admin, "one");
    await world.work();
    expect(lines(await world.useCases.getOperation(submitted.id))).toEqual([
      "one project=Shared Gatehouse-one: allow → deny",
      "ben project=Shared null: allow → deny",
    ]);
  });

  it("is part of the digest, so that an up is refused when other people would gain or lose by then", async () => {
    const shared = { tag: { key: "project", value: "Shared" }, sharedTag: true };
    await world.upEnvironment(environment("one", { ...shared, group: { members: [person("ann")] } }));
    await world.upEnvironment(environment("two", { ...shared, group: { members: [] } }));
    const leaving = await world.previewEnvironment(environment("one", { ...shared, group: { members: [] } }));
    expect(lines(leaving)).toEqual(["ann project=Shared null: allow → deny"]);
    await world.upEnvironment(environment("two", { ...shared, group: { members: [{ userName: "ann" }] } }));
    const { id } = await world.useCases.apply(admin, leaving.id);
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({
      status: "failed",
      problem: { code: "preview_stale", detail: expect.stringContaining("other people") },
    });
  });
});

describe("a request that would open another environment", () => {
  const refused = async (document: ReturnType<typeof environment>, pointer: string, detail: string): Promise<void> => {
    const before = await operations();
    await expect(world.previewEnvironment(document)).rejects.toMatchObject({
      code: "reach_conflict",
      detail: expect.stringContaining(detail),
      errors: [{ pointer }],
    });
    expect(await operations()).toBe(before);
  };
  const production = { tag: { key: "project", value: "Production" } };

  it.each([
    ["the same tag", production],
    ["the same tag, its key in another case", { tag: { key: "PROJECT", value: "Production" } }],
    ["the same tag, shared on one side only", { ...production, sharedTag: true }],
  ])("is refused at once for %s", async (_what, more) => {
    await world.upEnvironment(environment("production", production));
    await refused(environment("development", more), "/environment/tag", "of production (");
  });

  it("is not one with a value in another case, or with both sides saying sharedTag", async () => {
    await world.upEnvironment(environment("production", { ...production, sharedTag: true }));
    expect(
      await world.upEnvironment(environment("other", { tag: { key: "project", value: "production" } })),
    ).toMatchObject({ status: "succeeded" });
    expect(await world.upEnvironment(environment("twin", { ...production, sharedTag: true }))).toMatchObject({
      status: "succeeded",
    });
    await refused(environment("twin", production), "/environment/tag", "of production (");
  });

  it("is not one in an account of its own", async () => {
    const elsewhere = { account: "222233334444", region: "eu-central-1" } as const;
    expect(await world.upFoundation(elsewhere)).toMatchObject({ status: "succeeded", problem: null });
    await world.upEnvironment(environment("production", production));
    expect(await world.upEnvironment(environment("twin", { ...production, targets: [elsewhere] }))).toMatchObject({
      status: "succeeded",
    });
  });

  it("is refused for a statement that reaches another's tag, whichever of the two comes first", async () => {
    const opening = environment("development", { extraStatements: [startOn("Production")] });
    await world.upEnvironment(environment("production", production));
    await refused(opening, "/environment/extraStatements", "(extraStatements/0 Elsewhere) on nodes of production");
    await world.destroyEnvironment("production");
    expect(await world.upEnvironment(opening)).toMatchObject({ status: "succeeded" });
    await refused(environment("production", production), "/environment/tag", "The people of development");
  });

  it.each([
    ["everything of Systems Manager", "ssm:*", "*", "on every node of account 111122223333, since no tag guards"],
    ["commands", "ssm:SendCommand", "*", "on nodes of account 111122223333 that do not carry project=production"],
    [
      "sessions on one server by its id",
      "ssm:StartSession",
      "arn:aws:ec2:ap-southeast-1:111122223333:instance/i-0fedcba9876543210",
      "(extraStatements/0) on nodes of account 111122223333 that do not carry project=production",
    ],
    ["taking over sessions", "ssm:ResumeSession", "*", "on sessions of others in account 111122223333"],
    ["passing roles", "iam:PassRole", "*", "on every node of account 111122223333, since no tag guards"],
    ["joining groups", "identitystore:CreateGroupMembership", "*", "on every node of account 111122223333"],
  ])("is refused for a statement that allows %s, with nobody else there", async (_what, Action, Resource, detail) => {
    await refused(
      environment("production", { extraStatements: [{ Effect: "Allow", Action, Resource }] }),
      "/environment/extraStatements",
      detail,
    );
  });

  it("takes no statement under a Sid of the policy profile", async () => {
    const statement = { Sid: "OpenDataChannel", Effect: "Allow" as const, Action: "s3:GetObject", Resource: "*" };
    await expect(
      world.upEnvironment(environment("production", { extraStatements: [statement] })),
    ).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/environment/extraStatements/0/Sid" }],
    });
  });

  it("lets statements pass that reach no node, and shows them beside the nodes: what comes, stands and goes", async () => {
    const read = { Sid: "Read", Effect: "Allow" as const, Action: "s3:GetObject", Resource: "*" };
    const list = { Effect: "Allow" as const, Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: "*" };
    const up = await world.upEnvironment(environment("production", { extraStatements: [read, list] }));
    expect(up).toMatchObject({
      status: "succeeded",
      access: { extraStatements: { added: [read, list], removed: [] } },
    });
    const { index, ...standing } = (await matrix({ action: "s3:GetObject" })).extraStatements[0]!;
    expect(standing).toEqual({ principal: "production", statement: read });
    expect((await matrix({})).extraStatements.map((item) => item.index)).toEqual([index, index + 1]);
    expect((await matrix({ action: "ssm:StartSession" })).extraStatements).toEqual([]);
    const written = { ...list, Action: [...list.Action].reverse() };
    const narrowed = { ...read, Resource: "arn:aws:s3:::bucket/*" };
    const { access } = await world.previewEnvironment(
      environment("production", { extraStatements: [written, narrowed] }),
    );
    // The other is only written otherwise.
    expect(access).toEqual({ changes: [], extraStatements: { added: [narrowed], removed: [read] } });
    const { id } = await world.useCases.destroyEnvironment(admin, "production");
    await world.work();
    expect((await world.useCases.getOperation(id)).access?.extraStatements).toEqual({
      added: [],
      removed: [read, list],
    });
  });

  it("applies a preview of before statements were told, by what it did show", async () => {
    const { id } = await world.previewEnvironment(environment("production"));
    const { spec, arguments: resolved, planDigest, access } = (await world.dependencies.store.operations.find(id))!;
    const shown = { changes: access!.changes };
    const digest = operationDigest({ spec, arguments: resolved!, planDigest: planDigest!, access: shown });
    await database.pool.query("UPDATE gatehouse.operations SET access = $2, digest = $3 WHERE id = $1", [
      id,
      JSON.stringify(shown),
      digest,
    ]);
    const up = await world.useCases.apply(admin, id);
    await world.work();
    expect(await world.useCases.getOperation(up.id)).toMatchObject({ status: "succeeded" });
  });

  it("says where a statement is that cannot be understood", async () => {
    const broken = {
      Effect: "Allow" as const,
      Action: "s3:GetObject",
      Resource: "*",
      Condition: { NumericEquals: { "s3:max-keys": "many" } },
    };
    await expect(
      world.previewEnvironment(environment("production", { extraStatements: [broken] })),
    ).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: expect.stringMatching(/^\/environment\/extraStatements\/0\/Condition/) }],
    });
  });

  it("is refused again when its turn comes and somebody was faster", async () => {
    const { id } = await world.previewEnvironment(environment("development", production));
    await world.upEnvironment(environment("production", production));
    await expect(world.useCases.apply(admin, id)).rejects.toMatchObject({ code: "reach_conflict" });
  });
});

describe("access as it is now", () => {
  const matrixOf = (query: object) =>
    world.useCases.readAccessMatrix({
      principal: null,
      environment: null,
      action: "ssm:StartSession",
      limit: 20,
      cursor: null,
      ...query,
    });
  const ask = (userName: string, project: string, more: object = {}) =>
    world.useCases.checkAccess({
      principal: { userName },
      action: "ssm:StartSession",
      node: nodeOf(project),
      ...more,
    });

  it("is a matrix of each environment on its own nodes, page by page, and of any pair that is named", async () => {
    await world.upEnvironment(environment("development"));
    await world.upEnvironment(environment("production"));
    await world.previewEnvironment(environment("staging"));
    const first = await matrixOf({ limit: 1 });
    const second = await matrixOf({ limit: 1, cursor: first.nextCursor });
    expect([...first.rows, ...second.rows].filter(({ decision }) => decision === "allow")).toMatchObject([
      { principal: "development", node: "project=development", document: "Gatehouse-development" },
      { principal: "production", node: "project=production", document: "Gatehouse-production" },
    ]);
    expect(second.nextCursor).toBeNull();
    const across = await matrixOf({ principal: "production", environment: "development" });
    expect(across.rows.length).toBeGreaterThan(0);
    expect(new Set(across.rows.map(({ decision }) => decision))).toEqual(new Set(["implicit_deny"]));
    expect((await matrixOf({ environment: "staging" })).rows).toEqual([]);
    await expect(matrixOf({ environment: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("names everybody who shares the nodes of one environment", async () => {
    const shared = { tag: { key: "project", value: "Shared" }, sharedTag: true };
    await world.upEnvironment(environment("one", shared));
    await world.upEnvironment(environment("two", { ...shared, tag: { key: "Project", value: "Shared" } }));
    const { rows } = await matrixOf({ environment: "one" });
    expect(rows.filter(({ decision }) => decision === "allow").map(({ principal }) => principal)).toEqual([
      "one",
      "two",
    ]);
  });

  it("answers for people by what was applied, in any case of their name, and does not know strangers", async () => {
    await world.upEnvironment(environment("production"));
    expect(await ask("Production-User", "production")).toMatchObject({
      known: true,
      decision: "allow",
      because: [{ sid: "StartSessionOnTaggedNodes" }, { sid: "StartSessionWithDocuments" }],
    });
    expect(await ask("production-user", "development")).toMatchObject({ known: true, decision: "implicit_deny" });
    expect(await ask("nobody", "production")).toMatchObject({ known: false, decision: "implicit_deny", because: [] });
    expect(await ask("production-user", "production", { action: "ec2:CreateTags" })).toMatchObject({
      decision: "explicit_deny",
      because: [{ sid: "DenyLeavingTheEnvironment", effect: "Deny" }],
    });
    const ending = (sessionOwner: string) =>
      ask("Production-User", "production", { action: "ssm:TerminateSession", sessionOwner });
    expect(await ending("production-USER")).toMatchObject({ decision: "allow" });
    expect(await ending("production-user2")).toMatchObject({ decision: "implicit_deny" });
    await world.destroyEnvironment("production");
    expect(await ask("production-user", "production")).toMatchObject({ known: false });
  });

  it("denies what nobody can tell, and says so", async () => {
    const office = {
      Effect: "Allow" as const,
      Action: "s3:GetObject",
      Resource: "*",
      Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
    };
    await world.upEnvironment(environment("production", { extraStatements: [office] }));
    expect(await ask("production-user", "production", { action: "s3:GetObject" })).toMatchObject({
      known: true,
      decision: "implicit_deny",
      undecided: true,
      problems: [{ environment: "production" }],
    });
  });
});
