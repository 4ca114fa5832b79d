import { readFileSync } from "node:fs";
import { createMetrics, type Metrics } from "../../../service/metrics/metrics.ts";
import type { MetricSources } from "../../../service/metrics/sources.ts";

const sources = (changes: Partial<MetricSources> = {}): MetricSources => ({
  work: () =>
    Promise.resolve({
      queued: 3,
      running: 2,
      oldestQueuedSeconds: 12.5,
      stacksNeedingRecovery: 1,
      stacksWithDrift: 2,
      identityCenter: [{ name: "provisionings", budget: 3, held: 2, waiting: 1 }],
    }),
  pool: { totalCount: 5, idleCount: 3, waitingCount: 4 },
  engine: () => ({ starting: 1, idle: 2, busy: 3, waiting: 0, stopping: 0 }),
  ...changes,
});

/** Samples of ours, by name with labels. */
const samplesOf = async (metrics: Metrics): Promise<Map<string, number>> => {
  const { text } = await metrics.http.expose();
  const lines = text.split("\n").filter((line) => line.startsWith("gatehouse_"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
};

describe("metrics", () => {
  it("show the queue, the pool and the children as they are when they are read", async () => {
    const samples = await samplesOf(createMetrics(sources()));
    expect(Object.fromEntries(samples)).toMatchObject({
      'gatehouse_queue_operations{status="queued"}': 3,
      'gatehouse_queue_operations{status="running"}': 2,
      gatehouse_queue_oldest_wait_seconds: 12.5,
      gatehouse_stacks_needing_recovery: 1,
      gatehouse_stacks_with_drift: 2,
      'gatehouse_identity_center_budget{limit="provisionings"}': 3,
      'gatehouse_identity_center_held{limit="provisionings"}': 2,
      'gatehouse_identity_center_waiting_operations{limit="provisionings"}': 1,
      gatehouse_database_up: 1,
      'gatehouse_database_connections{state="idle"}': 3,
      'gatehouse_database_connections{state="used"}': 2,
      gatehouse_database_waiting_queries: 4,
      'gatehouse_engine_children{state="busy"}': 3,
    });
  });

  it("leave out what the database would have told while it is away, and are read all the same", async () => {
    let away = false;
    const { work } = sources();
    const metrics = createMetrics(
      sources({ work: () => (away ? Promise.reject(new Error("Connection terminated")) : work()) }),
    );
    await samplesOf(metrics);
    away = true;
    const samples = await samplesOf(metrics);
    expect(samples.get("gatehouse_database_up")).toBe(0);
    expect([...samples.keys()].filter((name) => /queue|recovery|identity/.test(name))).toEqual([]);
    expect(samples.get("gatehouse_database_waiting_queries")).toBe(4);
  });

  it("count operations by kind and outcome, and calls by route", async () => {
    const metrics = createMetrics(sources());
    metrics.operations.started("preview", 0.2);
    metrics.operations.ended("preview", "succeeded", 1.5);
    metrics.operations.ended("up", "failed", 2);
    metrics.operations.ranAgain("up");
    metrics.operations.leaseLost();
    metrics.http.answered({ method: "GET", route: "/v1/operations/{id}", status: 200, seconds: 0.02 });
    metrics.http.answered({ method: "GET", route: "/v1/operations/{id}", status: null, seconds: 3 });
    expect(Object.fromEntries(await samplesOf(metrics))).toMatchObject({
      'gatehouse_operations_total{kind="preview",outcome="succeeded"}': 1,
      'gatehouse_operations_total{kind="up",outcome="failed"}': 1,
      'gatehouse_operation_wait_seconds_count{kind="preview"}': 1,
      'gatehouse_operation_run_seconds_sum{kind="up"}': 2,
      'gatehouse_operations_run_again_total{kind="up"}': 1,
      gatehouse_lease_losses_total: 1,
      'gatehouse_http_requests_total{method="GET",route="/v1/operations/{id}",status="200"}': 1,
      'gatehouse_http_requests_total{method="GET",route="/v1/operations/{id}",status="none"}': 1,
      'gatehouse_http_request_duration_seconds_count{method="GET",route="/v1/operations/{id}"}': 2,
    });
  });

  it("are an application's own: two in one process do not add up", async () => {
    const [one, other] = [createMetrics(sources()), createMetrics(sources())];
    one.operations.leaseLost();
    expect((await samplesOf(other)).get("gatehouse_lease_losses_total")).toBe(0);
  });

  it("are all in docs/metrics.md with type and labels, and nothing else is", async () => {
    const metrics = createMetrics(sources());
    metrics.operations.started("up", 1);
    metrics.operations.ended("up", "succeeded", 1);
    metrics.operations.ranAgain("up");
    metrics.http.answered({ method: "GET", route: "/metrics", status: 200, seconds: 1 });
    const { text } = await metrics.http.expose();
    const measured = [...text.matchAll(/^# TYPE (gatehouse_\w+) (\w+)\n\w+(?:\{(.*)\})? /gm)].map(
      ([, name = "", type = "", labels = ""]) => {
        const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label).filter((label) => label !== "le");
        return { name, type, labels: names.sort() };
      },
    );
    const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim());
    const documented = readFileSync("docs/metrics.md", "utf8")
      .split("\n")
      .filter((line) => /^\| `gatehouse_\w+`/.test(line))
      .map((line) => {
        const [, name = "", type = "", labels = ""] = cells(line);
        const names = [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label);
        return { name: name.replaceAll("`", ""), type, labels: names.sort() };
      });
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(measured.sort(byName)).toEqual(documented.sort(byName));
    expect(measured.length).toBeGreaterThan(10);
  });
});
