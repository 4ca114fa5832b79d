/** What is counted as it happens: operations in this process's worker, and calls at its door. */
import { Counter, Histogram, type Registry } from "prom-client";
import type { HttpMetrics } from "../http/http-metrics.ts";
import type { OperationMetrics } from "../usecases/operation-metrics.ts";

/** A preview of the sandbox takes tens of milliseconds, an up at AWS minutes. */
const operationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
/** `Prefer: wait` holds a call for up to 60 seconds. */
const callBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Adds the operations' counters to a registry. */
export function operationMetrics(registry: Registry): OperationMetrics {
  const registers = [registry];
  const ended = new Counter({
    name: "gatehouse_operations_total",
    help: "Operations that ended in this process.",
    labelNames: ["kind", "outcome"] as const,
    registers,
  });
  const waited = new Histogram({
    name: "gatehouse_operation_wait_seconds",
    help: "Seconds between an operation's acceptance and the first time that a worker took it.",
    labelNames: ["kind"] as const,
    buckets: operationBuckets,
    registers,
  });
  const ran = new Histogram({
    name: "gatehouse_operation_run_seconds",
    help: "Seconds between the first time that a worker took an operation and its end.",
    labelNames: ["kind"] as const,
    buckets: operationBuckets,
    registers,
  });
  const again = new Counter({
    name: "gatehouse_operations_run_again_total",
    help: "Operations that were taken once more: their worker died, lost them or handed them back.",
    labelNames: ["kind"] as const,
    registers,
  });
  const lost = new Counter({
    name: "gatehouse_lease_losses_total",
    help: "Operations that this worker was carrying out when it found that they are not its own any more.",
    registers,
  });
  return {
    started: (kind, seconds) => waited.observe({ kind }, Math.max(0, seconds)),
    ended: (kind, outcome, seconds) => {
      ended.inc({ kind, outcome });
      ran.observe({ kind }, Math.max(0, seconds));
    },
    ranAgain: (kind) => again.inc({ kind }),
    leaseLost: () => lost.inc(),
  };
}

/** Adds the calls' counters to a registry. */
export function httpMetrics(registry: Registry): Pick<HttpMetrics, "answered"> {
  const registers = [registry];
  const calls = new Counter({
    name: "gatehouse_http_requests_total",
    help: "Calls by route; the status is none where the caller went away before the answer.",
    labelNames: ["method", "route", "status"] as const,
    registers,
  });
  const durations = new Histogram({
    name: "gatehouse_http_request_duration_seconds",
    help: "Seconds from a call's first byte to the last of its answer; with Prefer: wait that includes the wait.",
    labelNames: ["method", "route"] as const,
    buckets: callBuckets,
    registers,
  });
  return {
    answered: ({ method, route, status, seconds }) => {
      calls.inc({ method, route, status: status === null ? "none" : String(status) });
      durations.observe({ method, route }, seconds);
    },
  };
}
