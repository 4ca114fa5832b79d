/** What is looked at when the metrics are asked for: the queue, the engine's children, the database's connections. */
import { Gauge, type Registry } from "prom-client";
import type { MetricSources, WorkFigures } from "./sources.ts";

/** How to bring the gauges up to date. What cannot be known at the moment has no sample, rather than an old one. */
type Look = () => Promise<void>;

function workGauges(registry: Registry): { show: (figures: WorkFigures) => void; forget: () => void } {
  const registers = [registry];
  const operations = new Gauge({
    name: "gatehouse_queue_operations",
    help: "Operations that are not over, in all processes.",
    labelNames: ["status"] as const,
    registers,
  });
  const oldest = new Gauge({
    name: "gatehouse_queue_oldest_wait_seconds",
    help: "How long the operation that waits longest has waited; 0 when none waits.",
    registers,
  });
  const recovery = new Gauge({
    name: "gatehouse_stacks_needing_recovery",
    help: "Stacks that take no work until somebody recovers them.",
    registers,
  });
  const drift = new Gauge({
    name: "gatehouse_stacks_with_drift",
    help: "Stacks of which the last look at the account found something otherwise than it was applied.",
    registers,
  });
  return {
    show: (figures) => {
      operations.set({ status: "queued" }, figures.queued);
      operations.set({ status: "running" }, figures.running);
      oldest.set(figures.oldestQueuedSeconds);
      recovery.set(figures.stacksNeedingRecovery);
      drift.set(figures.stacksWithDrift);
    },
    forget: () => {
      operations.reset();
      oldest.remove();
      recovery.remove();
      drift.remove();
    },
  };
}

function identityCenterGauges(registry: Registry): ReturnType<typeof workGauges> {
  const shared = { labelNames: ["limit"] as const, registers: [registry] };
  const budget = new Gauge({
    name: "gatehouse_identity_center_budget",
    help: "What runs may hold of each of Identity Center's limits, over all processes.",
    ...shared,
  });
  const held = new Gauge({
    name: "gatehouse_identity_center_held",
    help: "What runs hold of each of Identity Center's limits, in all processes.",
    ...shared,
  });
  const waiting = new Gauge({
    name: "gatehouse_identity_center_waiting_operations",
    help: "Operations that wait and need more of a limit of Identity Center than is free.",
    ...shared,
  });
  return {
    show: ({ identityCenter }) => {
      for (const figures of identityCenter) {
        const limit = { limit: figures.name };
        budget.set(limit, figures.budget);
        held.set(limit, figures.held);
        waiting.set(limit, figures.waiting);
      }
    },
    forget: () => [budget, held, waiting].forEach((gauge) => gauge.reset()),
  };
}

/** Adds the gauges to a registry. */
export function lookedAtMetrics(registry: Registry, sources: MetricSources): Look {
  const registers = [registry];
  const gauges = [workGauges(registry), identityCenterGauges(registry)];
  const up = new Gauge({
    name: "gatehouse_database_up",
    help: "1 when the database answered just now, 0 when it did not: then nothing is known of the queue.",
    registers,
  });
  const connections = new Gauge({
    name: "gatehouse_database_connections",
    help: "Connections to the database that this process holds for calls and operations.",
    labelNames: ["state"] as const,
    registers,
  });
  const waiting = new Gauge({
    name: "gatehouse_database_waiting_queries",
    help: "Queries of this process that wait for a connection.",
    registers,
  });
  const children = new Gauge({
    name: "gatehouse_engine_children",
    help: "Processes that run programs for this one.",
    labelNames: ["state"] as const,
    registers,
  });

  return async () => {
    const { pool } = sources;
    connections.set({ state: "idle" }, pool.idleCount);
    connections.set({ state: "used" }, pool.totalCount - pool.idleCount);
    waiting.set(pool.waitingCount);
    for (const [state, count] of Object.entries(sources.engine())) children.set({ state }, count);
    await sources.work().then(
      (figures) => {
        up.set(1);
        for (const { show } of gauges) show(figures);
      },
      // Whoever asks for metrics asks above all when something is wrong: the answer says so instead of failing.
      () => {
        up.set(0);
        for (const { forget } of gauges) forget();
      },
    );
  };
}
