/** A route as a value: what Express serves and what OpenAPI shows are made from the same, so they cannot differ. */
import { z } from "zod";
import { DomainError, invalidRequest } from "../domain/errors.ts";
import { parseDocument } from "../domain/parse.ts";
import type { StartConditions } from "../usecases/start-conditions.ts";
import type { Principal, UseCases } from "../usecases/usecases.ts";
import type { ConditionHeader } from "./conditions.ts";
import type { EventSource } from "./event-stream.ts";
import type { HttpMetrics } from "./http-metrics.ts";

/** Who may call: anyone with a key, anyone with a key but viewers, admins. */
export type Access = "reader" | "requester" | "admin";

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** `undefined`: none, not even an empty one. */
  body: unknown;
  /** Media type of a body that is a text of its own; without it the body is sent as JSON. */
  mediaType?: string;
  /** Events that the answer goes on with, in place of a body; status and headers are then those of a stream. */
  events?: EventSource;
  /** The operation that the call started, for the log. */
  operation?: string;
}

/** What a handler is given; parameters, query and body are parsed. */
export interface Call<Parameters, Query, Body> {
  useCases: UseCases;
  principal: Principal;
  parameters: Parameters;
  query: Query;
  body: Body;
  /** What the headers say that the route heeds. */
  conditions: StartConditions;
  /** Seconds of `Prefer: wait`, or null. */
  wait: number | null;
  /** Number of the event that a stream goes on behind (`Last-Event-ID`); 0 is from the first. */
  resumeAfter: number;
  /** Aborts when the caller goes away. */
  signal: AbortSignal;
  /** What is measured in this process, in Prometheus's text format. */
  exposeMetrics: HttpMetrics["expose"];
}

interface Schemas<Parameters extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  /** Of the path. One that does not fit is 404: there is nothing by such a name. */
  parameters: Parameters;
  query: Query;
  body: Body;
}

interface RouteDescription {
  method: "get" | "post" | "delete";
  /** As OpenAPI writes it: `/v1/operations/{id}`. */
  path: string;
  access: Access;
  /** Name of the call, for clients that are generated from the description. */
  operationId: string;
  summary: string;
  /** Whether a body is read; `optional` takes an empty one for `{}`. */
  takesBody: "no" | "optional" | "yes";
  /** Whether `Prefer: wait=N` is heeded. */
  waits: boolean;
  /** Whether the answer is a stream of events, and `Last-Event-ID` is heeded. */
  streams?: true;
  /** Which headers are heeded beside it: one of the lists of `conditions.ts`. */
  headers?: readonly ConditionHeader[];
  /** Successful answers by status, without a schema where there is no body; problems are the same everywhere. */
  answers: Record<number, { description: string; schema?: z.ZodType; mediaType?: string }>;
}

export interface Route extends RouteDescription, Schemas<z.ZodType, z.ZodType, z.ZodType> {
  /** @throws DomainError `invalid_request` for a bad query or body, and whatever the use case refuses with. */
  handle: (call: Call<unknown, unknown, unknown>) => Promise<Answer>;
}

/** A route without parameters, query and body. Query parameters that a route does not name are refused. */
export const nothing = { parameters: z.object({}), query: z.strictObject({}), body: z.undefined() };

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = parseDocument(schema, value);
  if (!result.ok) throw invalidRequest(result.errors);
  return result.value;
}

function found<Schema extends z.ZodType>(schema: Schema, value: unknown, path: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw new DomainError("not_found", `There is nothing at this path: it is like ${path}.`);
  return result.data;
}

/** Joins a description and schemas with a handler that takes what the schemas give. */
export function route<Parameters extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  description: RouteDescription,
  schemas: Schemas<Parameters, Query, Body>,
  handle: (call: Call<z.output<Parameters>, z.output<Query>, z.output<Body>>) => Promise<Answer>,
): Route {
  return {
    ...description,
    ...schemas,
    handle: (call) =>
      handle({
        ...call,
        parameters: found(schemas.parameters, call.parameters, description.path),
        query: parsed(schemas.query, call.query),
        body: parsed(schemas.body, call.body),
      }),
  };
}
