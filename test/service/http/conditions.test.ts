import { routes } from "../../../service/http/routes.ts";
import { callDigest } from "../../../service/usecases/requests/idempotency.ts";
import type { StartConditions } from "../../../service/usecases/start-conditions.ts";
import { environment, operationId, upId, operation } from "./fake-use-cases.ts";
import { startHttpServer, type HttpServer } from "./http-server.ts";

const document = { foundation: { account: "111122223333", region: "ap-southeast-1" } };
const yaml = "foundation: { region: ap-southeast-1, account: '111122223333' }\n";

let server: HttpServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

const post = (headers: Record<string, string>, body = JSON.stringify(document)) =>
  server.call("POST", "/v1/foundation-requests", {
    body,
    headers: { "Content-Type": "application/json", ...headers },
  });
/** The conditions that the last call was made with. */
const asked = (): StartConditions => server.useCases.asked.at(-1)?.at(-1) as StartConditions;

describe("Idempotency-Key", () => {
  it("stands for the method, the path and the document, in JSON or YAML", async () => {
    await post({ "Idempotency-Key": "ticket 4711" });
    const once = { key: "ticket 4711", call: callDigest("POST", "/v1/foundation-requests", document) };
    expect(asked().once).toEqual(once);
    await post({ "Idempotency-Key": "ticket 4711", "Content-Type": "application/yaml" }, yaml);
    expect(asked().once).toEqual(once);
  });

  it("is heeded by each call that starts work", async () => {
    const headers = { "Idempotency-Key": "k" };
    await server.call("POST", `/v1/operations/${operationId}/apply`, { headers });
    expect(asked().once?.key).toBe("k");
    await server.call("DELETE", "/v1/environments/production", { headers });
    expect(asked().once?.key).toBe("k");
    await server.call("DELETE", "/v1/foundations/111122223333/ap-southeast-1", { headers });
    expect(asked().once?.key).toBe("k");
  });

  it.each([
    ["empty", ""],
    ["too long", "k".repeat(256)],
    ["not ASCII", "ticket-\u00e9"],
    ["with a control character", "a\tb"],
  ])("is refused when it is %s", async (_case, key) => {
    const response = await post({ "Idempotency-Key": key });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/Idempotency-Key" }],
    });
    expect(server.useCases.asked).toEqual([]);
  });

  it("takes 255 characters, and is left alone where nothing is started", async () => {
    expect((await post({ "Idempotency-Key": "k".repeat(255) })).status).toBe(202);
    expect((await server.call("GET", "/v1/operations", { headers: { "Idempotency-Key": "" } })).status).toBe(200);
  });

  it("gets the Location of what the call started, also when it waits for the up that follows", async () => {
    server.useCases.waited = { operation: operation({ id: upId, kind: "up", status: "succeeded" }), done: true };
    const up = JSON.stringify({ ...document, action: "up" });
    const response = await post({ "Idempotency-Key": "k", Prefer: "wait=5" }, up);
    expect([response.status, response.headers.get("Location")]).toEqual([200, `/v1/operations/${operationId}`]);
  });
});

describe("preconditions", () => {
  it("reach the use case as tags", async () => {
    await post({ "If-Match": '"3", W/"4"', "If-None-Match": "*" });
    expect(asked().preconditions).toEqual({
      ifMatch: [
        { value: "3", weak: false },
        { value: "4", weak: true },
      ],
      ifNoneMatch: "any",
    });
  });

  it.each([
    ["If-Match", "3"],
    ["If-None-Match", '"3'],
  ])("refuse what is no tag: %s: %s", async (header, value) => {
    const response = await post({ [header]: value });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({
        code: "invalid_request",
        errors: [expect.objectContaining({ pointer: `/${header}` })],
      }),
    ]);
  });

  it.each(["/v1/environments/production", "/v1/foundations/111122223333/ap-southeast-1"])(
    "GET %s answers 304 to whoever has the revision, without a body",
    async (path) => {
      for (const tag of ['"3"', 'W/"3"', '"2", "3"', "*"]) {
        for (const method of ["GET", "HEAD"]) {
          const response = await server.call(method, path, { headers: { "If-None-Match": tag } });
          expect([response.status, response.headers.get("ETag"), await response.text()]).toEqual([304, '"3"', ""]);
          expect(response.headers.get("Content-Type")).toBeNull();
        }
      }
      const older = await server.call("GET", path, { headers: { "If-None-Match": '"2"' } });
      expect([older.status, older.headers.get("ETag")]).toEqual([200, '"3"']);
    },
  );

  it("do not keep an answer from being shown that nobody has yet", async () => {
    const response = await server.call("GET", "/v1/environments/production");
    expect([response.status, await response.json()]).toEqual([200, environment]);
  });
});

describe("the description of the API", () => {
  it("names the headers of each call that starts work", async () => {
    const description = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>;
    };
    const starting = routes.filter(({ method, answers }) => method !== "get" && 202 in answers);
    expect(starting.length).toBeGreaterThan(0);
    for (const { method, path } of starting) {
      const parameters = description.paths[path]?.[method]?.parameters ?? [];
      const headers = parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name);
      expect({ path, headers }).toEqual({ path, headers: expect.arrayContaining(["Idempotency-Key", "Prefer"]) });
    }
  });
});
