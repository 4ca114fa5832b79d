/** Verification over HTTP on the sandbox: the AWS guide's environments, and what somebody changes behind Gatehouse's back. */
import { simulatedAccessReader } from "../../service/cloud/simulated/simulated-access-reader.ts";
import { addInventory, editNode, removeNode } from "../../service/cloud/simulated/inventory-edits.ts";
import { addResource, editResource, listResources } from "../../service/cloud/simulated/out-of-band.ts";
import { documentToken } from "../../service/cloud/simulated/types/ssm-documents.ts";
import { groupToken, membershipToken, userToken } from "../../service/cloud/simulated/types/identity-store.ts";
import { inlinePolicyToken } from "../../service/cloud/simulated/types/sso-admin.ts";
import type { EnvironmentNode } from "../../service/domain/nodes.ts";
import type { Operation } from "../../service/domain/operation.ts";
import type { VerificationStep, VerificationStepName } from "../../service/domain/verification.ts";
import {
  guidePlace as place,
  identityCenter,
  startGuideApplication,
  type GuideApplication,
} from "../support/guide-application.ts";

const server = "i-0a1b2c3d4e5f60718";

let guide: GuideApplication;
beforeAll(async () => {
  guide = await startGuideApplication();
}, 60_000);
afterAll(() => guide.close());

const account = () => guide.account;
const verify = async (name: string, body?: object): Promise<Operation> => {
  const operation = await guide.call<Operation>("POST", `/v1/environments/${name}/verifications`, body);
  expect(operation).toMatchObject({ kind: "verification", status: "succeeded", problem: null });
  return operation;
};
const stepOf = (operation: Operation, name: VerificationStepName): VerificationStep =>
  operation.verification!.steps.find((step) => step.name === name)!;
const nodesOf = async (name: string, query = ""): Promise<{ items: EnvironmentNode[]; nextCursor: string | null }> =>
  guide.call("GET", `/v1/environments/${name}/nodes${query}`);

describe("the AWS guide's Tests 1 to 3", () => {
  it.each(["production", "development"])("pass in %s, as nobody has changed anything", async (name) => {
    const { verification } = await verify(name);
    expect(verification?.steps.flatMap(({ findings }) => findings)).toEqual([]);
    expect(verification).toMatchObject({ outcome: "passed", revision: 1 });
    expect(verification?.steps.map((step) => step.name)).toEqual([
      "permission_set",
      "inline_policy",
      "assignments",
      "members",
      "nodes",
      "session_preferences",
      "session_logs",
    ]);
  });

  it("are told step by step", async () => {
    const { id } = await verify("production");
    const response = await guide.application.call("GET", `/v1/operations/${id}/events`);
    const told = (await response.text()).match(/^event: .*$/gm) ?? [];
    expect(told.filter((line) => line === "event: verification.step")).toHaveLength(7);
  });

  it("change nothing in the account", async () => {
    const before = await listResources(account());
    await verify("production");
    expect(await listResources(account())).toEqual(before);
  });
});

describe("an environment that somebody changed behind Gatehouse's back", () => {
  it("has an intruder in its group", async () => {
    const [group] = (await listResources(account(), { type: groupToken })).filter(
      ({ outputs }) => outputs["displayName"] === "DevelopmentAccess",
    );
    const [user] = (await listResources(account(), { type: userToken })).filter(
      ({ outputs }) => outputs["userName"] === "testuser01",
    );
    const { identityStoreId, groupId } = group!.outputs;
    await addResource(
      account(),
      membershipToken,
      { identityStoreId: identityStoreId!, groupId: groupId!, memberId: user!.outputs["userId"]! },
      identityCenter,
    );
    const verification = await verify("development");
    expect(stepOf(verification, "members")).toMatchObject({
      outcome: "failed",
      findings: [{ outcome: "failed", subject: "testuser01" }],
    });
    expect(verification.verification?.outcome).toBe("failed");
  });

  it("has another inline policy, and the statements are named", async () => {
    const permissionSetArn = (
      await guide.call<{ outputs: Record<string, string> }>("GET", "/v1/environments/production")
    ).outputs["permissionSetArn"]!;
    const [row] = (await listResources(account(), { type: inlinePolicyToken })).filter(
      ({ outputs }) => outputs["permissionSetArn"] === permissionSetArn,
    );
    const policy = JSON.parse(row!.outputs["inlinePolicy"] as string) as { Statement: { Sid: string }[] };
    const [first, ...others] = policy.Statement;
    const Statement = [...others, { Sid: "Everything", Effect: "Allow", Action: "*", Resource: "*" }];
    const inlinePolicy = JSON.stringify({ ...policy, Statement });
    await editResource(account(), inlinePolicyToken, row!.id, { inlinePolicy }, identityCenter);
    const { findings } = stepOf(await verify("production"), "inline_policy");
    expect(findings.map(({ message }) => message).join(" ")).toContain(`${first!.Sid} is missing`);
    expect(findings.map(({ message }) => message).join(" ")).toContain("Everything was added");
  });

  it("has its session preferences moved", async () => {
    const [row] = (await listResources(account(), { type: documentToken })).filter(
      ({ id }) => id === "Gatehouse-production",
    );
    const content = JSON.parse(row!.outputs["content"] as string) as { inputs: object };
    const moved = { ...content, inputs: { ...content.inputs, cloudWatchLogGroupName: "elsewhere" } };
    await editResource(account(), documentToken, row!.id, { content: JSON.stringify(moved) }, place);
    expect(stepOf(await verify("production"), "session_preferences")).toMatchObject({
      outcome: "failed",
      findings: [{ subject: "Gatehouse-production", message: expect.stringContaining('"elsewhere"') as string }],
    });
  });

  it("has a server out of contact, whose agent is old", async () => {
    await editNode(account(), place, server, { pingStatus: "connection_lost", agentVersion: "3.3.39.9" });
    const verification = await verify("production");
    expect(stepOf(verification, "nodes").findings.map(({ subject }) => subject)).toEqual([server, server]);
    const { items } = await nodesOf("production");
    expect(items).toMatchObject([
      { id: server, reachable: false, pingStatus: "connection_lost", agentVersion: "3.3.39.9" },
    ]);
    expect(items[0]?.problems.map(({ code }) => code)).toEqual(["offline", "agent_too_old"]);
    await editNode(account(), place, server, { pingStatus: "online", agentVersion: "3.3.2299.0" });
    expect(stepOf(await verify("production"), "nodes").outcome).toBe("passed");
  });

  it("lost a server's tag, which is named until it is back, said to be so on purpose, or the server gone", async () => {
    await editNode(account(), place, server, { tags: { Name: "prod-server01" } });
    const lost = { outcome: "failed", findings: [{ subject: server }] };
    expect(stepOf(await verify("production"), "nodes")).toMatchObject(lost);
    expect(stepOf(await verify("production"), "nodes")).toMatchObject(lost);
    const forgotten = await verify("production", { forgetNodes: [server] });
    expect(stepOf(forgotten, "nodes")).toMatchObject({
      outcome: "not_yet_possible",
      findings: [{ subject: "project=Production" }],
    });
    await editNode(account(), place, server, { tags: { Name: "prod-server01", project: "Production" } });
    expect(stepOf(await verify("production"), "nodes").outcome).toBe("passed");
  });

  it("forgets a server that is gone", async () => {
    const id = "i-0ffffffffffffffff";
    const agent = { version: "3.3.2299.0" };
    const role = "AmazonSSMRoleForInstancesQuickSetup";
    await addInventory(account(), { nodes: [{ ...place, id, tags: { project: "Production" }, agent, role }] });
    expect(stepOf(await verify("production"), "nodes").message).toContain("2 nodes");
    await removeNode(account(), place, id);
    expect(stepOf(await verify("production"), "nodes")).toMatchObject({ outcome: "passed", findings: [] });
  });

  it("has a person whose session left no object, and one without any session", async () => {
    const session = "testuser01-00000000000000001";
    const role = "AWSReservedSSO_ProductionPermissionSet_0f1e2d3c4b5a6978";
    const ended = new Date(Date.now() - 3_600_000).toISOString();
    await addInventory(account(), {
      sessions: [
        {
          ...place,
          id: session,
          role,
          userName: "testuser01",
          target: server,
          documentName: "Gatehouse-production",
          startedAt: ended,
          endedAt: ended,
          logGroup: "/gatehouse/sessions/production",
        },
      ],
    });
    expect(stepOf(await verify("production"), "session_logs")).toMatchObject({
      outcome: "failed",
      findings: [{ subject: session, message: expect.stringContaining("object production/") as string }],
    });
    await account().pool.query("UPDATE simulated_aws.sessions SET log_group = NULL WHERE id = $1", [session]);
    expect(stepOf(await verify("production"), "session_logs")).toMatchObject({
      outcome: "failed",
      findings: [
        { subject: session, message: expect.stringContaining(`log stream ${session} in /gatehouse/`) as string },
        { subject: session, message: expect.stringContaining("object production/") as string },
      ],
    });
    await account().pool.query("DELETE FROM simulated_aws.sessions");
    expect(stepOf(await verify("production"), "session_logs")).toMatchObject({
      outcome: "not_yet_possible",
      findings: [{ subject: "testuser01", toDo: expect.stringContaining("start-session") as string }],
    });
  });
});

describe("GET /v1/environments/{name}/nodes", () => {
  it("says why a server cannot be reached, page by page", async () => {
    const tags = { project: "Production" };
    const agent = { version: "3.3.2299.0" };
    const role = "AmazonSSMRoleForInstancesQuickSetup";
    const node = (number: number, more: object) => ({ ...place, id: `i-0000000${number}`, tags, agent, role, ...more });
    await addInventory(account(), {
      nodes: [
        node(1, { instanceState: "stopped" }),
        node(2, { agent: null, role: null }),
        node(3, { agent: null }),
        node(4, { tags: { project: "Production", Project: "Other" } }),
        node(5, { role: "SomeOtherRole" }),
        node(6, { tags: { PROJECT: "Production" } }),
        node(7, { instanceState: "terminated" }),
        { ...place, id: "mi-00000000000000008", tags, agent, role: "GatehouseOnPremises-production" },
      ],
    });
    const seen = new Map<string, string[]>();
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = await nodesOf("production", `?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(page.items.length).toBeLessThanOrEqual(3);
      for (const { id, problems } of page.items) {
        expect(seen.has(id)).toBe(false);
        seen.set(
          id,
          problems.map(({ code }) => code),
        );
      }
      cursor = page.nextCursor;
    }
    expect(Object.fromEntries(seen)).toEqual({
      "i-00000001": ["instance_not_running"],
      "i-00000002": ["no_role"],
      "i-00000003": ["not_registered"],
      "i-00000004": ["tag_key_twice"],
      "i-00000005": ["outside_logging_role"],
      "i-00000006": [],
      [server]: [],
      "mi-00000000000000008": [],
    });
  });

  it("names the other environment that holds the same server, which still can be reached", async () => {
    const request = {
      action: "up",
      environment: { name: "billing", tag: { key: "stage", value: "live" }, targets: [place] },
    };
    await editNode(account(), place, "i-00000006", { tags: { project: "Production", stage: "live" } });
    const preview = await guide.call<Operation>("POST", "/v1/environment-requests", { ...request, action: "preview" });
    expect(preview.warnings.map(({ code }) => code)).toContain("node_in_two_environments");
    await guide.up("environment", request);
    const { items } = await nodesOf("production");
    expect(items.find(({ id }) => id === "i-00000006")).toMatchObject({
      reachable: true,
      problems: [{ code: "in_two_environments", message: expect.stringContaining("billing") as string }],
    });
  });

  it("is 404 for an environment that nobody has asked for", async () => {
    expect((await guide.application.call("GET", "/v1/environments/nowhere/nodes")).status).toBe(404);
  });
});

describe("verifications", () => {
  it("are refused where nothing is applied", async () => {
    await guide.call("POST", "/v1/environment-requests", {
      action: "preview",
      environment: { name: "planned", tag: { key: "project", value: "Planned" }, targets: [place] },
    });
    const response = await guide.application.call("POST", "/v1/environments/planned/verifications");
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "conflict" });
  });

  it("answer an Idempotency-Key with the same operation", async () => {
    const ask = async (): Promise<Operation> =>
      (await (
        await guide.application.call("POST", "/v1/environments/development/verifications", undefined, {
          "Idempotency-Key": "once",
        })
      ).json()) as Operation;
    expect((await ask()).id).toBe((await ask()).id);
  });
});

describe("a preview that takes access away", () => {
  it("names the sessions that go on, and says how to end them", async () => {
    const session = "testuser02-00000000000000002";
    await addInventory(account(), {
      sessions: [
        {
          ...place,
          id: session,
          role: "AWSReservedSSO_DevelopmentPermissionSet_8796a5b4c3d2e1f0",
          userName: "testuser02",
          target: "i-04e7bf0918273a4b5",
          documentName: "Gatehouse-development",
          startedAt: new Date().toISOString(),
        },
      ],
    });
    expect(await simulatedAccessReader(account()).sessions(place, "active")).toHaveLength(1);
    const destroy = await guide.call<Operation>("DELETE", "/v1/environments/development");
    expect(destroy.warnings).toEqual([
      { code: "open_sessions", message: expect.stringContaining(`--session-id ${session}`) as string },
    ]);
  });
});
