import { startHttpServer, type HttpServer } from "./http-server.ts";

const question = {
  principal: { userName: "testuser01" },
  action: "ssm:StartSession",
  node: { kind: "ec2", account: "111122223333", region: "ap-southeast-1", tags: { project: "Production" } },
};

let server: HttpServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.close());

const post = (body: unknown) =>
  server.call("POST", "/v1/access-checks", {
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });

describe("questions about access", () => {
  it("hands the question on and answers 200, also about somebody whom nobody knows", async () => {
    const response = await post(question);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ known: false, decision: "implicit_deny", because: [] });
    expect(server.useCases.asked).toEqual([["checkAccess", question]]);
  });

  it.each([
    ["no principal", { ...question, principal: {} }, "/principal"],
    ["two principals", { ...question, principal: { userName: "a", environment: "b" } }, "/principal"],
    ["a wildcard for an action", { ...question, action: "ssm:*" }, "/action"],
    ["a node of no kind", { ...question, node: { ...question.node, kind: "lambda" } }, "/node/kind"],
    ["a node without tags", { ...question, node: { ...question.node, tags: undefined } }, "/node/tags"],
  ])("refuses %s, and says where", async (_what, body, pointer) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_request",
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    });
  });

  it("asks for the matrix with its filters, all of them optional", async () => {
    await server.call("GET", "/v1/access-matrix");
    await server.call("GET", "/v1/access-matrix?principal=production&environment=development&action=ssm:StartSession");
    const none = { principal: null, environment: null, action: null, limit: 20, cursor: null };
    expect(server.useCases.asked).toEqual([
      ["readAccessMatrix", none],
      [
        "readAccessMatrix",
        { ...none, principal: "production", environment: "development", action: "ssm:StartSession" },
      ],
    ]);
  });

  it.each(["limit=51", "limit=0", "principal=a%20b", "action=ssm:*", "who=me"])("refuses ?%s", async (query) => {
    expect((await server.call("GET", `/v1/access-matrix?${query}`)).status).toBe(400);
  });
});
