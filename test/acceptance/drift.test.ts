/** What people change in the AWS console behind Gatehouse's back, through HTTP on the sandbox: found, and put back. */
import { randomUUID } from "node:crypto";
import { editResource, listCalls, listResources, removeResource } from "../../service/cloud/simulated/out-of-band.ts";
import type { SimulatedAccount } from "../../service/cloud/simulated/simulated-account.ts";
import type { Environment, Operation } from "../../service/domain/operation.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";

const target = { account: "111122223333", region: "ap-southeast-1" };
const identityCenter = { account: "444455556666", region: "us-east-1" };
const inlinePolicy = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy";
const membership = "aws:identitystore/groupMembership:GroupMembership";
const production = {
  name: "production",
  tag: { key: "project", value: "Production" },
  group: {
    members: [{ userName: "testuser01", email: "testuser01@example.com", givenName: "Test", familyName: "User01" }],
  },
  targets: [target],
};
const openToAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "Everything", Effect: "Allow", Action: "ssm:StartSession", Resource: "*" }],
});

describe("changes made outside Gatehouse", () => {
  let application: TestApplication;
  let account: SimulatedAccount;
  beforeAll(async () => {
    application = await startTestApplication();
    account = { pool: application.database.pool, identityCenter, now: () => new Date(), newId: () => randomUUID() };
    expect(await ask("POST", "/v1/foundation-requests", { action: "up", foundation: target })).toMatchObject({
      status: "succeeded",
    });
    expect(await request("up", false)).toMatchObject({ kind: "up", status: "succeeded" });
  }, 60_000);
  afterAll(() => application.close());

  const ask = async <Answer = Operation>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await application.call(method, path, body, { Prefer: "wait=60" });
    return (await response.json()) as Answer;
  };
  const request = (action: "preview" | "up", refresh: boolean): Promise<Operation> =>
    ask("POST", "/v1/environment-requests", { action, refresh, environment: production });
  const check = (): Promise<Operation> => ask("POST", "/v1/environments/production/drift-checks");
  const driftOf = async (path = "environments/production"): Promise<Environment["drift"]> =>
    (await ask<Environment>("GET", `/v1/${path}`)).drift;
  const changing = ({ steps }: Operation): string[] =>
    steps.filter(({ op }) => op !== "same").map(({ op, type }) => `${op} ${type}`);
  const only = async (type: string) => {
    const [row] = await listResources(account, { type });
    if (row === undefined) throw new Error(`the account has no ${type}`);
    return row;
  };
  const tamper = async (): Promise<void> =>
    editResource(account, inlinePolicy, (await only(inlinePolicy)).id, { inlinePolicy: openToAll }, identityCenter);

  it("are none at first", async () => {
    expect(await driftOf()).toBeNull();
    const looked = await check();
    expect(looked).toMatchObject({ kind: "drift_check", status: "succeeded", warnings: [], problem: null });
    expect(changing(looked)).toEqual([]);
    expect(looked.changes?.same).toBeGreaterThan(5);
    expect(await driftOf()).toMatchObject({ operation: looked.id, resources: [] });
  });

  it("to an inline policy are found by a drift check, which says what people gained, and put back by an up with refresh", async () => {
    const approved = (await only(inlinePolicy)).outputs["inlinePolicy"];
    await tamper();
    expect(changing(await request("preview", false))).toEqual([]);

    const looked = await check();
    expect(changing(looked)).toEqual([`update ${inlinePolicy}`]);
    expect(looked.steps.find(({ op }) => op === "update")?.diff).toMatchObject([
      { path: "inlinePolicy", to: openToAll },
    ]);
    expect(looked.warnings.map(({ code }) => code)).toEqual(["drift_found", "drift_changes_access"]);
    expect(looked.warnings[1]?.message).toContain(
      "ssm:StartSession on nodes of account 111122223333 that do not carry project=Production",
    );
    expect(looked.warnings[1]?.message).toMatch(
      /Of the inline policy Everything was added; .*StartSessionOnTaggedNodes is missing/,
    );
    expect(await driftOf()).toMatchObject({
      operation: looked.id,
      resources: [{ what: "changed", type: inlinePolicy, properties: ["inlinePolicy"], recorded: false }],
    });
    const events = await (await application.call("GET", `/v1/operations/${looked.id}/events`)).text();
    expect(events).toContain("event: drift.found");

    const preview = await request("preview", true);
    expect(preview).toMatchObject({ status: "succeeded", refresh: true });
    expect(changing(preview)).toEqual([`update ${inlinePolicy}`]);
    expect(preview.warnings.map(({ code }) => code)).toContain("drift_changes_access");
    const up = await ask("POST", `/v1/operations/${preview.id}/apply`);
    expect(up).toMatchObject({ kind: "up", status: "succeeded", refresh: true });
    expect((await only(inlinePolicy)).outputs["inlinePolicy"]).toBe(approved);
    expect(await driftOf()).toMatchObject({ operation: up.id, resources: [] });
    expect(changing(await check())).toEqual([]);
  });

  it("by which a resource is gone are mended by an up with refresh: it is made again", async () => {
    const { id } = await only(membership);
    await removeResource(account, membership, id, identityCenter);
    const looked = await check();
    expect(changing(looked)).toEqual([`delete ${membership}`]);
    expect(await driftOf()).toMatchObject({ resources: [{ what: "gone", type: membership }] });
    const up = await request("up", true);
    expect(up).toMatchObject({ kind: "up", status: "succeeded" });
    expect(changing(up)).toEqual([`create ${membership}`]);
    expect(await listResources(account, { type: membership })).toHaveLength(1);
  });

  it("between a preview with refresh and its apply make it stale: nothing is applied", async () => {
    const preview = await request("preview", true);
    await tamper();
    const calls = await listCalls(account);
    expect(await ask("POST", `/v1/operations/${preview.id}/apply`)).toMatchObject({
      status: "failed",
      problem: { code: "preview_stale" },
    });
    expect(await listCalls(account)).toEqual(calls);
    expect(await ask("GET", `/v1/operations/${preview.id}`)).toMatchObject({ approval: { state: "void" } });
    expect(await ask("GET", "/v1/environments/production")).toMatchObject({ status: "active" });
  });

  it("are taken over by a refresh, and still told until an up puts them back, with a refresh or without", async () => {
    const refreshed = await ask("POST", "/v1/environments/production/refreshes");
    expect(refreshed).toMatchObject({ kind: "refresh", status: "succeeded" });
    expect(changing(refreshed)).toEqual([`update ${inlinePolicy}`]);
    expect(await driftOf()).toMatchObject({ resources: [{ what: "changed", recorded: true }] });
    expect(changing(await check())).toEqual([]);
    expect(await driftOf()).toMatchObject({ resources: [{ what: "changed", recorded: true }] });
    expect(changing(await request("up", false))).toEqual([`update ${inlinePolicy}`]);
    expect(await driftOf()).toMatchObject({ resources: [] });
  });

  it("to a foundation are found and put back alike", async () => {
    const path = `foundations/${target.account}/${target.region}`;
    const preferences = "aws:ssm/document:Document";
    const [document] = await listResources(account, { type: preferences, account: target.account });
    await removeResource(account, preferences, document?.id ?? "", target);
    const looked = await ask("POST", `/v1/${path}/drift-checks`);
    const environmentLooked = await check();
    expect([...changing(looked), ...changing(environmentLooked)]).toEqual([`delete ${preferences}`]);
    const [up] = await Promise.all([
      ask("POST", "/v1/foundation-requests", { action: "up", refresh: true, foundation: target }),
      request("up", true),
    ]);
    expect(up).toMatchObject({ kind: "up", status: "succeeded" });
    expect(changing(await ask("POST", `/v1/${path}/drift-checks`))).toEqual([]);
    expect(await driftOf(path)).toMatchObject({ resources: [] });
  });

  it("cannot be looked for where nothing is, and by nobody who only reads", async () => {
    expect(await ask("POST", "/v1/environments/nowhere/drift-checks")).toMatchObject({ code: "not_found" });
    await ask("POST", "/v1/environment-requests", {
      environment: { ...production, name: "only-previewed", tag: { key: "project", value: "Other" }, group: {} },
    });
    for (const path of ["drift-checks", "refreshes"])
      expect(await ask("POST", `/v1/environments/only-previewed/${path}`)).toMatchObject({ code: "conflict" });
  });
});
