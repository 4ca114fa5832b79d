import { createMetrics } from "../../../service/metrics/metrics.ts";
import type { AnsweredCall } from "../../../service/http/http-metrics.ts";
import { DomainError } from "../../../service/domain/errors.ts";
import { operationId } from "./fake-use-cases.ts";
import { DatabaseAway, keyOf, startHttpServer, type HttpServer } from "./http-server.ts";

const away = { database: false };
const calls: AnsweredCall[] = [];
const metrics = createMetrics({
  work: () => Promise.reject(new DatabaseAway()),
  pool: { totalCount: 0, idleCount: 0, waitingCount: 0 },
  engine: () => ({ starting: 0, idle: 0, busy: 0, waiting: 0, stopping: 0 }),
});
const principals = new Map([[`Bearer ${keyOf("viewer")}`, { name: "prometheus", role: "viewer" as const }]]);

describe("GET /metrics", () => {
  let server: HttpServer;
  let milliseconds = 0;
  const as = (role: "viewer" | "admin", path = "/metrics") =>
    server.call("GET", path, { headers: { Authorization: `Bearer ${keyOf(role)}` } });

  beforeAll(async () => {
    server = await startHttpServer({
      metrics: {
        expose: metrics.http.expose,
        answered: (call) => {
          calls.push(call);
          metrics.http.answered(call);
        },
      },
      clock: () => milliseconds,
      authenticate: (header) => {
        if (away.database) return Promise.reject(new DatabaseAway());
        const principal = principals.get(header ?? "");
        return principal === undefined
          ? Promise.reject(new DomainError("unauthorized", "not known"))
          : Promise.resolve(principal);
      },
    });
  });
  beforeEach(() => {
    away.database = false;
    calls.length = 0;
  });
  afterAll(() => server.close());

  it("answers a viewer in Prometheus's text format", async () => {
    const answer = await as("viewer");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toMatch(/^# HELP process_cpu/m);
  });

  it("needs a key", async () => {
    expect((await server.call("GET", "/metrics", { headers: { Authorization: "" } })).status).toBe(401);
  });

  it("answers whoever was known just before the database went away, and nothing but metrics", async () => {
    await as("viewer");
    away.database = true;
    const statuses = await Promise.all([as("viewer"), as("admin"), as("viewer", "/v1/operations")]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 503, 503]);
    milliseconds += 11 * 60_000;
    expect((await as("viewer")).status).toBe(503);
  });

  it("counts calls by template, never by path", async () => {
    await as("viewer", `/v1/operations/${operationId}`);
    await as("viewer", "/nothing/here");
    await as("viewer", "/healthz");
    expect(calls.map(({ route, status }) => `${route} ${status ?? "none"}`)).toEqual([
      "/v1/operations/{id} 200",
      "unmatched 404",
      "/healthz 200",
    ]);
  });

  it("is read while the service drains", async () => {
    server.stop.abort();
    expect((await as("viewer")).status).toBe(200);
    expect((await as("viewer", "/v1/operations")).status).toBe(503);
  });
});
