/** Everything that is measured: one registry an application, since several run in one process. See docs/metrics.md. */
import { collectDefaultMetrics, Registry } from "prom-client";
import type { HttpMetrics } from "../http/http-metrics.ts";
import type { OperationMetrics } from "../usecases/operation-metrics.ts";
import { httpMetrics, operationMetrics } from "./counted.ts";
import { lookedAtMetrics } from "./looked-at.ts";
import type { MetricSources } from "./sources.ts";

export interface Metrics {
  operations: OperationMetrics;
  http: HttpMetrics;
}

/** Makes the metrics of one application, with those that prom-client keeps of any Node process. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const look = lookedAtMetrics(registry, sources);
  return {
    operations: operationMetrics(registry),
    http: {
      ...httpMetrics(registry),
      expose: async () => {
        await look();
        return { contentType: registry.contentType, text: await registry.metrics() };
      },
    },
  };
}
