/** `GET /metrics`: for Prometheus, with a key like every other call. See docs/metrics.md. */
import { z } from "zod";
import { nothing, route } from "./route.ts";

export const metricsPath = "/metrics";

export const metricsRoute = route(
  {
    method: "get",
    path: metricsPath,
    access: "reader",
    operationId: "getMetrics",
    summary: "What is measured in this process, in Prometheus's text format",
    takesBody: "no",
    waits: false,
    answers: { 200: { description: "The metrics.", schema: z.string(), mediaType: "text/plain" } },
  },
  nothing,
  async ({ exposeMetrics }) => {
    const { contentType, text } = await exposeMetrics();
    return { status: 200, body: text, mediaType: contentType };
  },
);
