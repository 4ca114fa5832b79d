import { operationId } from "./fake-use-cases.ts";
import { keyOf, startHttpServer, type HttpServer } from "./http-server.ts";

const path = (call: string) => `/v1/operations/${operationId}/${call}`;

describe("stopping and recovering over HTTP", () => {
  let server: HttpServer;
  beforeEach(async () => {
    server = await startHttpServer();
  });
  afterEach(() => server.close());

  const call = (role: "viewer" | "requester" | "admin", name: string, body?: object) =>
    server.call("POST", path(name), {
      headers: { Authorization: `Bearer ${keyOf(role)}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it("cancels for requesters, and the use case looks whose operation it is", async () => {
    expect((await call("viewer", "cancel")).status).toBe(403);
    const canceled = await call("requester", "cancel");
    expect([canceled.status, canceled.headers.get("Location")]).toEqual([202, `/v1/operations/${operationId}`]);
    expect(server.useCases.asked.map(([name, , id]) => [name, id])).toEqual([["cancel", operationId]]);
  });

  it("recovers for admins, one of the two ways", async () => {
    expect((await call("requester", "recover", { resolution: "refresh" })).status).toBe(403);
    expect((await call("admin", "recover", { resolution: "forget" })).status).toBe(400);
    expect((await call("admin", "recover")).status).toBe(400);
    expect((await call("admin", "recover", { resolution: "unlock" })).status).toBe(202);
    expect(server.useCases.asked.map(([name, , id, resolution]) => [name, id, resolution])).toEqual([
      ["recover", operationId, "unlock"],
    ]);
  });
});
