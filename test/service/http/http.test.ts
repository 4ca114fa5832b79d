import { routes } from "../../../service/http/routes.ts";
import { DomainError } from "../../../service/domain/errors.ts";
import { unconditional } from "../../../service/usecases/start-conditions.ts";
import { environment, foundation, notFound, operation, operationId, upId } from "./fake-use-cases.ts";
import { DatabaseAway, keyOf, startHttpServer, type HttpServer } from "./http-server.ts";

const environmentRequest = {
  environment: {
    name: "production",
    tag: { key: "project", value: "Production" },
    targets: [{ account: "111122223333", region: "ap-southeast-1" }],
  },
};
const foundationRequest = { foundation: { account: "111122223333", region: "ap-southeast-1" } };
const json = (value: unknown, headers: Record<string, string> = {}) => ({
  body: JSON.stringify(value),
  headers: { "Content-Type": "application/json", ...headers },
});

let server: HttpServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

const problemOf = async (response: Response) => {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = (await response.json()) as { code: string; detail: string; errors?: unknown[] };
  expect(problem).toMatchObject({ status: response.status, type: `urn:gatehouse:problem:${problem.code}` });
  return problem;
};

describe("starting work", () => {
  it("accepts a request, with the defaults filled in, and says where to look", async () => {
    const response = await server.call("POST", "/v1/environment-requests", json(environmentRequest));
    expect(response.status).toBe(202);
    expect(response.headers.get("Location")).toBe(`/v1/operations/${operationId}`);
    expect(await response.json()).toEqual(operation());
    expect(server.useCases.asked).toEqual([
      [
        "submitEnvironment",
        { name: "the admin", role: "admin" },
        expect.objectContaining({ action: "preview", environment: expect.objectContaining({ name: "production" }) }),
        { ...unconditional, requestId: "new-request-id" },
      ],
    ]);
  });

  it("takes YAML too", async () => {
    const body = "foundation: { account: '111122223333', region: ap-southeast-1 }\n";
    const headers = { "Content-Type": "application/yaml" };
    expect((await server.call("POST", "/v1/foundation-requests", { body, headers })).status).toBe(202);
  });

  it("waits when it is asked to: 200 when it has ended, 202 when not", async () => {
    const ended = await server.call("POST", "/v1/environment-requests", json(environmentRequest, { Prefer: "wait=7" }));
    expect([ended.status, ended.headers.get("Preference-Applied")]).toEqual([200, "wait=7"]);
    server.useCases.waited = { operation: operation({ status: "running" }), done: false };
    const up = json({ ...environmentRequest, action: "up" }, { Prefer: "respond-async, wait=600" });
    const running = await server.call("POST", "/v1/environment-requests", up);
    expect([running.status, running.headers.get("Preference-Applied")]).toEqual([202, "wait=60"]);
    const waits = server.useCases.asked.filter(([name]) => name === "waitFor").map(([, , options]) => options);
    expect(waits).toEqual([
      expect.objectContaining({ seconds: 7, follow: false }),
      expect.objectContaining({ seconds: 60, follow: true }),
    ]);
  });

  it("passes over a preference that means nothing", async () => {
    const response = await server.call(
      "POST",
      "/v1/foundation-requests",
      json(foundationRequest, { Prefer: "wait=soon" }),
    );
    expect([response.status, response.headers.get("Preference-Applied")]).toEqual([202, null]);
  });

  it("applies a preview, with a body or without", async () => {
    const path = `/v1/operations/${operationId}/apply`;
    const bare = await server.call("POST", path);
    expect([bare.status, bare.headers.get("Location")]).toEqual([202, `/v1/operations/${upId}`]);
    expect((await server.call("POST", path, json({ reason: "on call" }))).status).toBe(202);
    expect((await server.call("POST", path, json({ force: true }))).status).toBe(400);
  });

  it("starts the preview of a destroy", async () => {
    expect((await server.call("DELETE", "/v1/environments/production")).status).toBe(202);
    expect((await server.call("DELETE", "/v1/foundations/111122223333/ap-southeast-1")).status).toBe(202);
    expect(server.useCases.asked.map(([name]) => name)).toEqual(["destroyEnvironment", "destroyFoundation"]);
  });
});

describe("looking", () => {
  it.each([
    [`/v1/operations/${operationId}`, operation(), null],
    ["/v1/environments/production", environment, '"3"'],
    ["/v1/foundations/111122223333/ap-southeast-1", foundation, '"3"'],
    ["/v1/operations?status=queued&kind=preview", { items: [operation()], nextCursor: null }, null],
    ["/v1/environments", { items: [environment], nextCursor: "bmV4dA" }, null],
    ["/v1/foundations?limit=200", { items: [foundation], nextCursor: null }, null],
  ])("GET %s; its ETag is the revision", async (path, body, tag) => {
    const response = await server.call("GET", path);
    expect([response.status, response.headers.get("ETag"), await response.json()]).toEqual([200, tag, body]);
    const head = await server.call("HEAD", path);
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("asks for 50 from the start when a list's query is empty", async () => {
    await server.call("GET", "/v1/environments");
    expect(server.useCases.asked).toEqual([["listEnvironments", { limit: 50, cursor: null }]]);
  });

  it.each([
    ["/v1/operations?limit=0", "/limit"],
    ["/v1/operations?limit=201", "/limit"],
    ["/v1/operations?limit=ten", "/limit"],
    ["/v1/operations?limit=1&limit=2", "/limit"],
    ["/v1/operations?cursor=a%20b", "/cursor"],
    ["/v1/operations?status=done", "/status"],
    ["/v1/operations?stack=%00", "/stack"],
    ["/v1/environments?order=name", "/order"],
    ["/v1/environments/production?verbose=1", "/verbose"],
  ])("refuses %s and names %s", async (path, pointer) => {
    const problem = await problemOf(await server.call("GET", path));
    expect(problem).toMatchObject({ code: "invalid_request", status: 400, errors: [{ pointer }] });
    expect(server.useCases.asked).toEqual([]);
  });

  it("says what there is not", async () => {
    server.useCases.fails.with = notFound;
    expect(await problemOf(await server.call("GET", "/v1/environments/nowhere"))).toMatchObject({ code: "not_found" });
    expect((await server.call("GET", "/v1/operations/not-an-id")).status).toBe(404);
    expect((await server.call("GET", "/v1/nothing")).status).toBe(404);
    expect((await server.call("GET", "/")).status).toBe(404);
    expect(await problemOf(await server.call("GET", "/v1/environments/%E0%A4%A"))).toMatchObject({
      code: "invalid_request",
    });
  });

  it("names the methods of a path", async () => {
    const response = await server.call("PUT", "/v1/environments/production");
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET, HEAD, DELETE"]);
    expect(await problemOf(response)).toMatchObject({ code: "method_not_allowed" });
    const options = await server.call("OPTIONS", "/v1/operations");
    expect([options.status, options.headers.get("Allow")]).toEqual([204, "GET, HEAD"]);
  });
});

describe("who may call", () => {
  it.each([
    ["no key", {}],
    ["another scheme", { Authorization: "Basic YWRtaW46YWRtaW4=" }],
    ["a key that is not known", { Authorization: "Bearer gh_somebody-elses-key" }],
  ])("refuses %s", async (_case, headers) => {
    const response = await fetch(`${server.url}/v1/operations`, { headers: headers as Record<string, string> });
    expect([response.status, response.headers.get("WWW-Authenticate")]).toEqual([401, 'Bearer realm="gatehouse"']);
    expect(await problemOf(response)).toMatchObject({ code: "unauthorized" });
  });

  it.each(
    routes.flatMap((route) =>
      (["viewer", "requester", "approver", "admin"] as const).map(
        (role) => [route.method, route.path, role, route.access] as const,
      ),
    ),
  )("%s %s as %s (%s)", async (method, path, role, access) => {
    const allowed = access === "reader" || role === "admin" || (access === "requester" && role !== "viewer");
    const actual = path
      .replace("{id}", operationId)
      .replace("{name}", "production")
      .replace("{account}/{region}", "111122223333/ap-southeast-1");
    const bodies: Record<string, unknown> = {
      "/v1/environment-requests": environmentRequest,
      "/v1/foundation-requests": foundationRequest,
      "/v1/operations/{id}/recover": { resolution: "refresh" },
      "/v1/access-checks": {
        principal: { environment: "production" },
        action: "ssm:StartSession",
        node: { kind: "ec2", account: "111122223333", region: "ap-southeast-1", tags: {} },
      },
    };
    const answersAtOnce = method === "get" || path === "/v1/access-checks";
    const { headers, body: text } = json(bodies[path] ?? {}, {
      Authorization: `Bearer ${keyOf(role)}`,
    });
    const response = await server.call(
      method.toUpperCase(),
      actual,
      method === "post" ? { headers, body: text } : { headers },
    );
    expect(response.status).toBe(allowed ? (answersAtOnce ? 200 : 202) : 403);
    if (!allowed) expect(server.useCases.asked).toEqual([]);
  });

  it("needs no key to know that it is alive and ready, and what it serves", async () => {
    for (const path of ["/healthz", "/readyz", "/openapi.json"]) {
      expect((await fetch(`${server.url}${path}`)).status).toBe(200);
    }
    expect((await fetch(`${server.url}/healthz`, { method: "POST" })).status).toBe(405);
  });
});

describe("bodies", () => {
  it("tells every bad field", async () => {
    const bad = { environment: { ...environmentRequest.environment, name: "X", colour: "red" }, action: "go" };
    const problem = await problemOf(await server.call("POST", "/v1/environment-requests", json(bad)));
    expect(problem.code).toBe("invalid_request");
    expect(problem.errors).toEqual(
      expect.arrayContaining(
        ["/environment/name", "/environment/colour", "/action"].map((pointer): unknown =>
          expect.objectContaining({ pointer }),
        ),
      ),
    );
  });

  it.each([
    ["text/plain", "hello", 415, "unsupported_media_type"],
    ["application/json", "{", 400, "invalid_request"],
    ["application/json", "", 400, "invalid_request"],
    ["application/yaml", "a: &a 1\nb: *a\n", 400, "invalid_request"],
  ])("refuses %s %j", async (type, body, status, code) => {
    const response = await server.call("POST", "/v1/environment-requests", { body, headers: { "Content-Type": type } });
    expect([response.status, (await problemOf(response)).code]).toEqual([status, code]);
  });

  it("refuses a body that says it is too large, and one that turns out to be", async () => {
    const megabyte = "x".repeat(1024 * 1024);
    const announced = await server.call("POST", "/v1/environment-requests", json(megabyte.repeat(50)));
    expect(await problemOf(announced)).toMatchObject({ code: "payload_too_large", status: 413 });

    const before = process.memoryUsage().arrayBuffers;
    let sent = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        if (sent > 50) controller.close();
        else controller.enqueue(new TextEncoder().encode(megabyte));
      },
    });
    const streamed = await fetch(`${server.url}/v1/environment-requests`, {
      method: "POST",
      body: stream,
      duplex: "half",
      headers: { Authorization: `Bearer ${keyOf("admin")}`, "Content-Type": "application/json" },
    });
    expect(await problemOf(streamed)).toMatchObject({ code: "payload_too_large", status: 413 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
  });
});

describe("every answer", () => {
  it("has a request id: the caller's where it is harmless, else a new one", async () => {
    const given = await server.call("GET", "/v1/environments", { headers: { "X-Request-Id": "build-17.3" } });
    expect(given.headers.get("X-Request-Id")).toBe("build-17.3");
    const odd = await server.call("GET", "/v1/nothing", { headers: { "X-Request-Id": "a b\tc" } });
    expect(odd.headers.get("X-Request-Id")).toBe("new-request-id");
    expect(await problemOf(odd)).toMatchObject({ requestId: "new-request-id", instance: "/v1/nothing" });
  });

  it("is not cached or sniffed, and does not say what it is made with", async () => {
    const { headers } = await server.call("GET", "/v1/operations");
    expect([
      headers.get("Cache-Control"),
      headers.get("X-Content-Type-Options"),
      headers.get("X-Powered-By"),
      headers.get("ETag"),
    ]).toEqual(["no-store", "nosniff", null, null]);
  });

  it("tells a refusal as it is, with when to come again", async () => {
    server.useCases.fails.with = new DomainError("rate_limited", "Slowly.", { retryAfterSeconds: 9 });
    const response = await server.call("GET", "/v1/operations");
    expect([response.status, response.headers.get("Retry-After")]).toEqual([429, "9"]);
  });

  it("says nothing of what broke inside; the log does", async () => {
    server.useCases.fails.with = new Error("password=hunter2");
    const response = await server.call("GET", "/v1/operations");
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code: "internal_error", status: 500, requestId: "new-request-id" });
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|stack|\.ts/);
    expect(server.logs).toContainEqual(expect.objectContaining({ error: server.useCases.fails.with }));
  });

  it("is 503 when the database is away, and when the service stops", async () => {
    server.useCases.fails.with = new DatabaseAway();
    const away = await server.call("GET", "/v1/operations");
    expect([away.status, away.headers.get("Retry-After"), (await problemOf(away)).code]).toEqual([
      503,
      "5",
      "unavailable",
    ]);
    server.stop.abort();
    const draining = await server.call("GET", "/v1/operations");
    expect([draining.status, (await problemOf(draining)).code]).toEqual([503, "draining"]);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("the description of the API", () => {
  it("has every call, made from the schemas that validate", async () => {
    const description = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
      components: { schemas: Record<string, unknown> };
    };
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(Object.keys(description.components.schemas)).toEqual(
      expect.arrayContaining([
        "EnvironmentRequest",
        "FoundationRequest",
        "Operation",
        "Environment",
        "Foundation",
        "Problem",
      ]),
    );
  });
});
