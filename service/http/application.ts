/** The HTTP door: routes, keys, limits and problem details around the use cases. */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { DomainError } from "../domain/errors.ts";
import type { Principal, UseCases } from "../usecases/usecases.ts";
import type { Authenticate } from "./authentication.ts";
import { readBody } from "./body.ts";
import { conditionsOf } from "./conditions.ts";
import {
  createSendEvents,
  eventStreamSettings,
  lastEventNumber,
  type EventStreamSettings,
  type SendEvents,
} from "./event-stream.ts";
import { openApiDocument } from "./open-api.ts";
import { preferredWait } from "./prefer.ts";
import type { HttpMetrics } from "./http-metrics.ts";
import { authenticateWithMemory } from "./metrics-authentication.ts";
import { metricsPath } from "./metrics-route.ts";
import { problemAnswer, refusalOf } from "./problems.ts";
import { requestIdOf } from "./request-id.ts";
import { respond, securityHeaders } from "./respond.ts";
import type { Access, Route } from "./route.ts";
import { routes as allRoutes } from "./routes.ts";

/** Whether the service could do its work now, and what it is: the answer of `/readyz`. */
export interface Readiness {
  ready: boolean;
  /** What stands in the way, or that nothing does, by part: sentences. */
  checks: Record<string, { ready: boolean; detail: string }>;
  engine: string;
  cloud: string;
}

interface HttpLogger {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
}

export interface HttpDependencies {
  useCases: UseCases;
  authenticate: Authenticate;
  readiness: () => Promise<Readiness>;
  /** Aborts when the service is on its way out: it takes no more calls, and those that wait are answered as things stand. */
  stopping: AbortSignal;
  /** Whether an error means that the database is away; who answers true has seen to the log. */
  isUnavailable: (error: unknown) => boolean;
  newRequestId: () => string;
  metrics: HttpMetrics;
  /** What is served beside the probes. By default all of `routes`. */
  routes?: readonly Route[];
  /** By default `eventStreamSettings`. */
  eventStreams?: EventStreamSettings;
  /** Milliseconds, for durations. */
  clock: () => number;
  logger: HttpLogger;
}

interface Locals {
  requestId: string;
  principal: Principal | null;
  /** Template of the path, for metrics: paths themselves are too many. */
  route: string;
  /** The operation that the call started. */
  operation: string | undefined;
}

/** Where a request's own facts are kept while it is answered. */
const locals = new WeakMap<Response, Locals>();
const localsOf = (response: Response): Locals => {
  const found = locals.get(response);
  if (found === undefined) throw new Error("a request is answered before it was received");
  return found;
};

const mayCall: Record<Access, (role: Principal["role"]) => boolean> = {
  reader: () => true,
  requester: (role) => role !== "viewer",
  admin: (role) => role === "admin",
};

const roleRefusals: Record<Access, string> = {
  reader: "",
  requester: "Viewers may look, and nothing else: this call needs the role requester, approver or admin.",
  admin: "Foundations and recoveries belong to the platform: this call needs the role admin.",
};

/** What supervisors ask again and again. */
const watched: ReadonlySet<string> = new Set(["/healthz", "/readyz", metricsPath]);

/** Aborts when the caller goes away before the answer, or the service does. */
function noLongerWaiting(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return AbortSignal.any([gone.signal, stopping]);
}

const received =
  ({ newRequestId, clock, logger, metrics }: HttpDependencies): RequestHandler =>
  (request, response, next) => {
    const startedAt = clock();
    const requestId = requestIdOf(request.get("X-Request-Id"), newRequestId);
    locals.set(response, { requestId, principal: null, route: "unmatched", operation: undefined });
    response.set({ ...securityHeaders, "X-Request-Id": requestId });
    response.once("close", () => {
      const milliseconds = clock() - startedAt;
      const { principal, route, operation } = localsOf(response);
      const status = response.writableFinished ? response.statusCode : null;
      const { method, path } = request;
      metrics.answered({ method, route, status, seconds: milliseconds / 1000 });
      const fields = {
        requestId,
        method,
        path,
        status,
        milliseconds: Math.round(milliseconds),
        principal: principal?.name ?? null,
        operation,
      };
      // Probes and scrapes come every few seconds: those that found everything well are nothing to read about.
      const level = status === 200 && watched.has(route) ? "debug" : "info";
      logger[level](fields, response.writableFinished ? "request answered" : "caller went away");
    });
    next();
  };

/** Notes which route a call came by; the first that matches counts. */
const cameBy =
  (route: string): RequestHandler =>
  (_request, response, next) => {
    localsOf(response).route = route;
    next();
  };

const refusedWhileStopping =
  ({ stopping }: HttpDependencies): RequestHandler =>
  (_request, response, next) => {
    if (stopping.aborted) {
      response.set("Connection", "close");
      throw new DomainError("draining", "The service is shutting down. Nothing was changed; send the call again.", {
        retryAfterSeconds: 5,
      });
    }
    next();
  };

const identified =
  (authenticate: Authenticate): RequestHandler =>
  async (request, response, next) => {
    localsOf(response).principal = await authenticate(request.get("Authorization"));
    next();
  };

const answered =
  ({ useCases, stopping, metrics }: HttpDependencies, route: Route, sendEvents: SendEvents): RequestHandler =>
  async (request, response) => {
    const { principal, requestId } = localsOf(response);
    if (principal === null || !mayCall[route.access](principal.role)) {
      throw new DomainError("forbidden", roleRefusals[route.access]);
    }
    const wait = route.waits ? preferredWait(request.get("Prefer")) : null;
    const body =
      route.takesBody === "no" ? undefined : await readBody(request, response, route.takesBody === "optional");
    const signal = noLongerWaiting(response, stopping);
    const answer = await route.handle({
      useCases,
      principal,
      parameters: request.params,
      query: request.query,
      body,
      conditions: conditionsOf(request, route.headers ?? [], body, requestId),
      wait,
      resumeAfter: route.streams ? lastEventNumber(request.get("Last-Event-ID")) : 0,
      signal,
      exposeMetrics: metrics.expose,
    });
    localsOf(response).operation = answer.operation;
    if (answer.events !== undefined) {
      await sendEvents(response, answer.events, signal);
      return;
    }
    respond(response, {
      ...answer,
      headers: { ...answer.headers, ...(wait === null ? {} : { "Preference-Applied": `wait=${wait}` }) },
    });
  };

/** Answers what a path does not serve; OPTIONS and 405 both name what it does. */
const otherMethods =
  (methods: readonly string[]): RequestHandler =>
  (request, response) => {
    const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
    response.set("Allow", allow);
    if (request.method === "OPTIONS") {
      response.status(204).end();
      return;
    }
    throw new DomainError("method_not_allowed", `This path serves ${allow}, not ${request.method}.`);
  };

const refused =
  ({ isUnavailable, logger }: HttpDependencies): ErrorRequestHandler =>
  (error: unknown, request: Request, response: Response, _next) => {
    const { requestId } = localsOf(response);
    const refusal = refusalOf(error, isUnavailable);
    // An outage of the database has lines of its own, one for all the calls that meet it.
    if (refusal.code === "internal_error") {
      logger.error({ error, requestId, method: request.method, path: request.path }, refusal.detail);
    }
    const { headers, problem } = problemAnswer(refusal, request.path, requestId);
    respond(response, { status: problem.status, headers, body: problem });
  };

/** `/v1/operations/{id}` as Express writes it. */
const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

function servePublic(application: Express, { readiness, stopping }: HttpDependencies, routes: readonly Route[]): void {
  const description = openApiDocument(routes);
  for (const path of ["/healthz", "/readyz", "/openapi.json"]) application.use(path, cameBy(path));
  application.get("/healthz", (_request, response) => respond(response, { status: 200, body: { status: "alive" } }));
  application.get("/readyz", async (_request, response) => {
    const now = await readiness();
    const draining = stopping.aborted;
    const ready = now.ready && !draining;
    respond(response, { status: ready ? 200 : 503, body: { ...now, ready, draining } });
  });
  application.get("/openapi.json", (_request, response) => respond(response, { status: 200, body: description }));
  for (const path of ["/healthz", "/readyz", "/openapi.json"]) application.all(path, otherMethods(["GET"]));
}

/** Makes the application; the caller listens. */
export function createHttpApplication(dependencies: HttpDependencies): Express {
  const { routes = allRoutes } = dependencies;
  const application = express();
  application.disable("x-powered-by");
  application.disable("etag");
  application.enable("case sensitive routing");
  application.enable("strict routing");
  // Flat names and values, so that no query becomes a nested object.
  application.set("query parser", "simple");

  const sendEvents = createSendEvents({ ...dependencies, settings: dependencies.eventStreams ?? eventStreamSettings });

  application.use(received(dependencies));
  servePublic(application, dependencies, routes);
  // Metrics are read while the service drains, too.
  application.use("/v1", refusedWhileStopping(dependencies));
  const paths = new Set(routes.map((route) => route.path));
  for (const path of paths) application.all(expressPath(path), cameBy(path));
  application.use("/v1", identified(dependencies.authenticate));
  application.use(metricsPath, identified(authenticateWithMemory(dependencies.authenticate, dependencies)));
  for (const route of routes)
    application[route.method](expressPath(route.path), answered(dependencies, route, sendEvents));
  for (const path of paths) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
    application.all(expressPath(path), otherMethods(methods));
  }
  application.use((request: Request) => {
    throw new DomainError("not_found", `There is nothing at ${request.path}. GET /openapi.json lists what there is.`);
  });
  application.use(refused(dependencies));
  return application;
}
