/** The description of the API (OpenAPI 3.1), made from the routes and the schemas that validate. */
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { operation, problemDetails } from "../domain/operation.ts";
import { conditionHeaderSchemas } from "./conditions.ts";
import { answerExamples, operationExample, problemExample, requestExamples } from "./examples.ts";
import type { Route } from "./route.ts";

const problem = problemDetails.meta({ id: "Problem", description: "Problem details (RFC 9457)." });

const prefer = z
  .string()
  .optional()
  .meta({ description: "`wait=N`: answer when the work has ended, or after N seconds (60 at most)." });

const lastEventId = z.string().regex(/^\d*$/).optional().meta({
  description:
    "Id of the last event that was received: the stream goes on behind it. Left out, it begins with the first.",
});

const problems = {
  description: "A refusal; `code` says which.",
  content: { "application/problem+json": { schema: problem, example: problemExample } },
};

const accessNotes: Record<Route["access"], string> = {
  reader: "Any role.",
  requester: "Any role but viewer.",
  admin: "Admins only.",
};

const answerExample = (operationId: string, schema: z.ZodType): unknown =>
  schema === operation ? operationExample : answerExamples[operationId];

function operationOf(route: Route): ZodOpenApiOperationObject {
  const responses = Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema, mediaType = "application/json" }]) => [
      status,
      schema === undefined
        ? { description }
        : { description, content: { [mediaType]: { schema, example: answerExample(route.operationId, schema) } } },
    ]),
  );
  const headers = {
    ...(route.waits ? { Prefer: prefer } : {}),
    ...(route.streams ? { "Last-Event-ID": lastEventId } : {}),
    ...Object.fromEntries((route.headers ?? []).map((name) => [name, conditionHeaderSchemas[name]])),
  };
  const body = { schema: route.body, examples: requestExamples[route.operationId] ?? {} };
  const content = { "application/json": body, "application/yaml": body };
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: accessNotes[route.access],
    requestParams: {
      ...(route.parameters instanceof z.ZodObject ? { path: route.parameters } : {}),
      ...(route.query instanceof z.ZodObject ? { query: route.query } : {}),
      ...(Object.keys(headers).length > 0 ? { header: z.object(headers) } : {}),
    },
    ...(route.takesBody === "no" ? {} : { requestBody: { required: route.takesBody === "yes", content } }),
    responses: { ...responses, default: problems },
  };
}

/** The document of `/openapi.json`. */
export function openApiDocument(routes: readonly Route[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Gatehouse",
      version: "1",
      description: "Remote-access environments on AWS: who may reach which servers through Session Manager.",
    },
    components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
    security: [{ key: [] }],
    paths,
  });
}
