import { once } from "node:events";
import { createServer } from "node:net";
import type { Operation } from "../../service/domain/operation.ts";
import { emptyAccess, emptyCloud, idleAdapters, idleEngine } from "../support/idle-adapters.ts";
import { steered } from "../support/steered-engine.ts";
import { startTestApplication, testAdminKey } from "../support/application.ts";

const foundationRequest = {
  action: "preview",
  foundation: { account: "111122223333", region: "ap-southeast-1" },
};

describe("the service as a whole", () => {
  it("takes a request, runs it from the queue, and answers with the preview", async () => {
    const application = await startTestApplication({ connectAdapters: idleAdapters });
    const response = await application.call("POST", "/v1/foundation-requests", foundationRequest, {
      Prefer: "wait=20",
    });
    const operation = (await response.json()) as Operation;
    expect({ status: response.status, problem: operation.problem }).toEqual({ status: 200, problem: null });
    expect(operation).toMatchObject({
      kind: "preview",
      status: "succeeded",
      stack: "foundation/111122223333/ap-southeast-1",
      requestedBy: "admin",
      engine: "sandbox",
      cloud: "simulated",
    });
    const ready = await fetch(`${application.url}/readyz`);
    expect({ status: ready.status, body: await ready.json() }).toMatchObject({
      status: 200,
      body: { ready: true, draining: false, engine: "sandbox", cloud: "simulated" },
    });
    await application.close();
  });

  it("is watched on a port of its own where it is a worker alone, and serves nothing else there", async () => {
    const worker = await startTestApplication({
      connectAdapters: idleAdapters,
      environment: { GATEHOUSE_ROLES: "worker", GATEHOUSE_WORKER_PORT: "0" },
    });
    const answers = await Promise.all(
      ["/healthz", "/readyz", "/metrics", "/v1/operations"].map(
        async (path) => (await worker.call("GET", path)).status,
      ),
    );
    expect(answers).toEqual([200, 200, 200, 404]);
    expect((await fetch(`${worker.url}/metrics`)).status).toBe(401);
    await worker.close();
  });

  it("tells callers that it drains until what runs has ended, and is watched meanwhile", async () => {
    const engine = steered(idleEngine(), "preview");
    const application = await startTestApplication({
      connectAdapters: () => Promise.resolve({ engine: engine.engine, reader: emptyCloud, accessReader: emptyAccess }),
    });
    const accepted = await application.call("POST", "/v1/foundation-requests", foundationRequest);
    expect(accepted.status).toBe(202);
    const run = await engine.next();
    const closed = application.close();
    const refused = await application.call("POST", "/v1/foundation-requests", foundationRequest);
    expect([refused.status, refused.headers.get("Retry-After"), await refused.json()]).toEqual([
      503,
      "5",
      expect.objectContaining({ code: "draining" }),
    ]);
    const watched = await Promise.all(
      ["/healthz", "/readyz", "/metrics"].map(async (path) => (await application.call("GET", path)).status),
    );
    expect(watched).toEqual([200, 503, 200]);
    run.end({});
    await closed;
    expect(application.logs).toContainEqual(
      expect.objectContaining({ msg: "operation ended", kind: "preview", status: "succeeded" }),
    );
    await expect(fetch(`${application.url}/healthz`)).rejects.toThrow();
  });

  it("runs twice in one process, and both stop cleanly", async () => {
    const [one, two] = await Promise.all([
      startTestApplication({ connectAdapters: idleAdapters }),
      startTestApplication({ connectAdapters: idleAdapters }),
    ]);
    expect(one.url).not.toBe(two.url);
    await Promise.all([one.close(), two.close()]);
    await expect(fetch(`${one.url}/healthz`)).rejects.toThrow();
  });

  it("says so when its port is taken, and leaves nothing behind", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(
      startTestApplication({ connectAdapters: idleAdapters, environment: { PORT: String(port) } }),
    ).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: something listens there already`);
    other.close();
  });

  it("writes no key into its log", async () => {
    const application = await startTestApplication({ connectAdapters: idleAdapters });
    await application.call("GET", "/v1/operations");
    await application.close();
    expect(application.logs.length).toBeGreaterThan(0);
    expect(JSON.stringify(application.logs)).not.toContain(testAdminKey);
  });
});
