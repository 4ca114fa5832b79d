/** What becomes of a verification whose worker dies, that is canceled, or that AWS does not answer. */
import type { AccessReader, CloudSession } from "../../../service/cloud/access-reader.ts";
import { CloudReadError } from "../../../service/cloud/read-error.ts";
import type { Operation } from "../../../service/domain/operation.ts";
import type { VerificationRequest } from "../../../service/domain/verification.ts";
import { createExecute } from "../../../service/usecases/executing/execute.ts";
import { claimNext } from "../../../service/usecases/executing/lease.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { admin, createUseCaseWorld, type UseCaseWorld } from "../../support/use-cases.ts";

const place = { account: "111122223333", region: "ap-southeast-1" } as const;
const person = (userName: string) => ({
  userName,
  email: `${userName}@example.com`,
  givenName: "Test",
  familyName: "U",
});
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  targets: [place],
  group: { members: [person("ann"), person("bob")] },
};
const nothing: VerificationRequest = { forgetNodes: [] };
const denied = (action: string) =>
  new CloudReadError(
    "access_denied",
    { action, scope: place, role: null },
    { code: "AccessDeniedException", message: "no" },
  );
const codesOf = ({ warnings }: Operation): string[] => warnings.map(({ code }) => code);

let database: TestDatabase;
let world: UseCaseWorld;
beforeEach(async () => {
  database = await createTestDatabase();
  world = createUseCaseWorld(database.pool);
  await world.upFoundation(place);
});
afterEach(() => database.drop());

const answering = (answers: Partial<AccessReader>): void => {
  Object.assign(world.dependencies.accessReader, answers);
};
/** What the programs give, and the scripted engine does not. */
const outputs = { groupId: "group-1", permissionSetArn: "arn:aws:sso:::permissionSet/ssoins-1/ps-1" };
const upProduction = async (): Promise<void> => {
  await world.upEnvironment(production);
  await database.pool.query("UPDATE gatehouse.stacks SET outputs = $1 WHERE kind = 'environment'", [outputs]);
};
const verified = async (): Promise<Operation> => {
  const { id } = await world.useCases.verifyEnvironment(admin, "production", nothing);
  await world.work();
  return world.useCases.getOperation(id);
};
const session = (userName: string, change: Partial<CloudSession> = {}): CloudSession => ({
  id: `${userName}-0123456789abcdef0`,
  owner: `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ProductionPermissionSet_0123456789abcdef/${userName}`,
  target: "i-0123456789abcdef0",
  documentName: "Gatehouse-production",
  startedAt: "2026-11-22T10:00:00.000Z",
  endedAt: null,
  ...change,
});

describe("a verification", () => {
  it("finds everything gone where the account is empty, and says so step by step", async () => {
    await upProduction();
    const { status, verification, steps } = await verified();
    expect({ status, steps }).toEqual({ status: "succeeded", steps: [] });
    expect(verification?.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "permission_set failed",
      "inline_policy failed",
      "assignments failed",
      "members failed",
      "nodes not_yet_possible",
      "session_preferences failed",
      "session_logs not_yet_possible",
    ]);
  });

  it("passes nothing that AWS refuses to tell", async () => {
    await upProduction();
    answering({ inlinePolicy: () => Promise.reject(denied("sso:GetInlinePolicyForPermissionSet")) });
    const { verification } = await verified();
    expect(verification?.steps[1]).toMatchObject({
      outcome: "not_yet_possible",
      findings: [{ subject: "sso:GetInlinePolicyForPermissionSet" }],
    });
    expect(verification?.steps).toHaveLength(7);
  });

  it("begins again with another worker when its own is lost, and tells the result once", async () => {
    await upProduction();
    const { id } = await world.useCases.verifyEnvironment(admin, "production", nothing);
    const lost = await claimNext(world.dependencies);
    expect(lost?.operation.id).toBe(id);
    await database.pool.query("UPDATE gatehouse.operations SET lease_until = now() - interval '1 s' WHERE id = $1", [
      id,
    ]);
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
    // The lost one comes back, and writes nothing.
    const never = new AbortController().signal;
    await createExecute(world.dependencies)(lost!, { stopping: never, drain: never, kill: never });
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
  });

  it("goes back into the queue when its worker goes, though the account never answers", async () => {
    await upProduction();
    const { id } = await world.useCases.verifyEnvironment(admin, "production", nothing);
    const drain = new AbortController();
    const asked = Promise.withResolvers<null>();
    answering({
      groupMembers: () => {
        asked.resolve(null);
        return new Promise(() => undefined);
      },
    });
    const claimed = await claimNext(world.dependencies);
    const running = createExecute(world.dependencies)(claimed!, {
      stopping: new AbortController().signal,
      drain: drain.signal,
      kill: new AbortController().signal,
    });
    await asked.promise;
    drain.abort();
    await running;
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "queued", verification: null });
    answering({ groupMembers: () => Promise.resolve([]) });
    await world.work();
    expect(await world.useCases.getOperation(id)).toMatchObject({ status: "succeeded", attempt: 2 });
  });

  it("is refused for a stack that needs recovery, and canceled like any other while it waits", async () => {
    await upProduction();
    const { id } = await world.useCases.verifyEnvironment(admin, "production", nothing);
    expect(await world.useCases.cancel(admin, id)).toMatchObject({ status: "canceled" });
    await database.pool.query("UPDATE gatehouse.stacks SET status = 'needs_recovery'");
    await expect(world.useCases.verifyEnvironment(admin, "production", nothing)).rejects.toMatchObject({
      code: "recovery_required",
    });
  });
});

describe("a preview's warnings", () => {
  it("name the running sessions of who leaves, and of nobody else", async () => {
    await world.upEnvironment(production);
    answering({
      sessions: (_scope, state) =>
        Promise.resolve(state === "active" ? [session("Ann"), session("bob"), session("eve", { owner: "x" })] : []),
    });
    const left = { ...production, group: { members: [person("bob")] } };
    const warning = (await world.previewEnvironment(left)).warnings.find(({ code }) => code === "open_sessions");
    expect(warning?.message).toContain("Ann-0123456789abcdef0");
    expect(warning?.message).not.toContain("bob-0123456789abcdef0");
    expect(codesOf(await world.previewEnvironment(production))).not.toContain("open_sessions");
  });

  it.each([
    ["the tag", { tag: { key: "project", value: "Other" } }],
    ["the permission set", { permissionSet: { name: "Another" } }],
  ])("name everybody's when %s becomes another", async (_what, change) => {
    await world.upEnvironment(production);
    answering({ sessions: () => Promise.resolve([session("bob")]) });
    const preview = await world.previewEnvironment({ ...production, ...change });
    expect(preview.warnings.find(({ code }) => code === "open_sessions")?.message).toContain("bob-0123456789abcdef0");
  });

  it("say that sessions may be open where none is seen, and where AWS does not tell", async () => {
    await world.upEnvironment(production);
    const left = { ...production, group: { members: [] } };
    expect(codesOf(await world.previewEnvironment(left))).toContain("open_sessions");
    answering({ sessions: () => Promise.reject(denied("ssm:DescribeSessions")) });
    const preview = await world.previewEnvironment(left);
    expect(preview).toMatchObject({ status: "succeeded" });
    expect(codesOf(preview)).toContain("access_not_read");
  });

  it("tell of sessions without content logs, and of tag writers where nodes become the environment's", async () => {
    const first = await world.upEnvironment({ ...production, sessionDocuments: ["shell", "ssh"] });
    expect(codesOf(first)).toEqual(expect.arrayContaining(["sessions_without_content_logs", "tag_writers_not_held"]));
    const again = await world.previewEnvironment({ ...production, description: "Same servers" });
    expect(codesOf(again)).not.toContain("tag_writers_not_held");
    expect(codesOf(again)).not.toContain("sessions_without_content_logs");
  });

  it("name nodes outside the logging role only where the up would not bring them in", async () => {
    const node = (id: string, role: string) => ({
      ...place,
      id,
      kind: "ec2" as const,
      tags: { project: "Production" },
      instanceState: "running" as const,
      agent: null,
      role,
    });
    const [managed, foreign] = ["i-00000001", "i-00000002"];
    answering({
      nodesWithTag: () =>
        Promise.resolve([node(managed, "AmazonSSMRoleForInstancesQuickSetup"), node(foreign, "Foreign")]),
    });
    const { warnings } = await world.previewEnvironment(production);
    const warning = warnings.find(({ code }) => code === "node_outside_logging_role");
    expect(warning?.message).toContain(foreign);
    expect(warning?.message).not.toContain(managed);
  });
});
