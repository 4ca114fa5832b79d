/** Somebody else makes in the account what an environment or foundation is about to make: its apply ends with nothing done. */
import { randomUUID } from "node:crypto";
import { identityCenterInstance } from "../../service/cloud/simulated/identity-center-instance.ts";
import { addResource, listCalls, listResources } from "../../service/cloud/simulated/out-of-band.ts";
import type { SimulatedAccount } from "../../service/cloud/simulated/simulated-account.ts";
import type { Operation } from "../../service/domain/operation.ts";
import type { JsonObject } from "../../service/domain/json.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";
import { roleInputs, roleType } from "../support/engine.ts";

const target = { account: "111122223333", region: "ap-southeast-1" };
/** Each has no foundation yet. */
const second = { account: "222233334444", region: "eu-central-1" };
const third = { account: "333344445555", region: "eu-central-1" };
const home = { account: "444455556666", region: "us-east-1" };
const { identityStoreId, instanceArn } = identityCenterInstance(home);
const person = (name: string) => ({
  userName: `someone-${name}`,
  email: `${name}@example.com`,
  givenName: "Some",
  familyName: "One",
});

/** What is made meanwhile, what the refusal names, and what to write to take it over. */
interface Meanwhile {
  type: string;
  inputs: (name: string) => JsonObject;
  at: { account: string; region: string };
  names: (name: string) => string;
  remedy: string;
}

const inEnvironments: [string, Meanwhile][] = [
  [
    "group",
    {
      type: "aws:identitystore/group:Group",
      inputs: (name) => ({ identityStoreId, displayName: `Access-${name}` }),
      at: home,
      names: (name) => `the group "Access-${name}"`,
      remedy: 'Write "adopt": ["group"]',
    },
  ],
  [
    "user",
    {
      type: "aws:identitystore/user:User",
      inputs: (name) => ({
        identityStoreId,
        userName: `someone-${name}`,
        displayName: "Some One",
        name: { givenName: "Some", familyName: "One" },
      }),
      at: home,
      names: (name) => `the user "someone-${name}"`,
      remedy: 'Write "adopt": ["users"]',
    },
  ],
  [
    "permission-set",
    {
      type: "aws:ssoadmin/permissionSet:PermissionSet",
      inputs: (name) => ({ instanceArn, name: `Set-${name}`, sessionDuration: "PT4H" }),
      at: home,
      names: (name) => `the permission set "Set-${name}"`,
      remedy: 'Write "adopt": ["permission-set"]',
    },
  ],
  [
    "log-group",
    {
      type: "aws:cloudwatch/logGroup:LogGroup",
      inputs: (name) => ({ name: `/gatehouse/sessions/${name}` }),
      at: target,
      names: (name) => `the log group "/gatehouse/sessions/${name}"`,
      remedy: 'Write "adopt": ["log-group"]',
    },
  ],
];

const inFoundations: [string, Meanwhile][] = [
  [
    "log-group",
    {
      type: "aws:cloudwatch/logGroup:LogGroup",
      inputs: () => ({ name: "SessionManagerLogGroup" }),
      at: second,
      names: () => `the log group "SessionManagerLogGroup" in account ${second.account}`,
      remedy: 'Write "adopt": ["log-group"]',
    },
  ],
  [
    "role",
    {
      type: roleType,
      inputs: () => roleInputs("AWS-QuickSetup-LocalExecutionRole"),
      at: third,
      names: () => 'the role "AWS-QuickSetup-LocalExecutionRole"',
      remedy: "Remove it in AWS",
    },
  ],
];

describe("what somebody else makes between preview and apply", () => {
  let application: TestApplication;
  let account: SimulatedAccount;

  beforeAll(async () => {
    application = await startTestApplication();
    const pool = application.database.pool;
    account = { pool, identityCenter: home, now: () => new Date(), newId: () => randomUUID() };
    const up = await ask("/v1/foundation-requests", { action: "up", foundation: target });
    expect(up.status).toBe("succeeded");
  }, 60_000);
  afterAll(() => application.close());

  const ask = async (path: string, body: object): Promise<Operation> => {
    const answer = await application.call("POST", path, body, { Prefer: "wait=60" });
    return (await answer.json()) as Operation;
  };
  const seen = async () => ({ resources: await listResources(account), calls: await listCalls(account) });

  /** The account as somebody else left it is the account afterwards. */
  const expectRefused = async (preview: Operation, meanwhile: Meanwhile, name: string): Promise<void> => {
    expect(preview).toMatchObject({ kind: "preview", status: "succeeded", problem: null });
    await addResource(account, meanwhile.type, meanwhile.inputs(name), meanwhile.at);
    const before = await seen();
    const up = await ask(`/v1/operations/${preview.id}/apply`, {});
    expect(up).toMatchObject({
      kind: "up",
      status: "failed",
      continues: preview.id,
      problem: { code: "name_taken", status: 409, detail: expect.stringContaining(meanwhile.names(name)) },
    });
    expect(up.problem?.detail).toContain(meanwhile.remedy);
    expect(await seen()).toEqual(before);
    const after = await application.call("GET", `/v1/operations/${preview.id}`);
    expect(await after.json()).toMatchObject({ approval: { state: "void" } });
  };

  it.each(inEnvironments)(
    "%s: the environment's apply ends with name_taken, and nothing is applied",
    async (as, it) => {
      const environment = {
        name: as,
        tag: { key: "project", value: as },
        targets: [target],
        group: { name: `Access-${as}`, members: [person(as)] },
        permissionSet: { name: `Set-${as}` },
      };
      await expectRefused(await ask("/v1/environment-requests", { action: "preview", environment }), it, as);
      expect(await (await application.call("GET", `/v1/environments/${as}`)).json()).toMatchObject({
        status: "pending",
        spec: null,
      });
      // And what the refusal says to write is the way on.
      const taken = { ...environment, adopt: [as === "user" ? "users" : as] };
      const adoptChanges = taken.adopt;
      expect(
        await ask("/v1/environment-requests", { action: "up", environment: { ...taken, adoptChanges } }),
      ).toMatchObject({ kind: "up", status: "succeeded" });
    },
  );

  it.each(inFoundations)("%s: the foundation's apply ends with name_taken, and nothing is applied", async (as, it) => {
    const foundation = it.at;
    const preview = await ask("/v1/foundation-requests", { action: "preview", foundation });
    await expectRefused(preview, it, as);
  });
});
