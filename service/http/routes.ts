/** The calls of the contract. A new one is one entry here. */
import type { z } from "zod";
import { environmentRequest } from "../domain/environment-document.ts";
import { foundationRequest } from "../domain/foundation-document.ts";
import { environment, foundation, pageOf } from "../domain/operation.ts";
import { isKnown, revisionTag } from "../domain/preconditions.ts";
import { environmentParameters, foundationParameters, orNull, pageQuery } from "./parameters.ts";
import { changesStack, showsStack } from "./conditions.ts";
import { accessRoutes } from "./access-routes.ts";
import { verificationRoutes } from "./verification-routes.ts";
import { driftRoutes } from "./drift-routes.ts";
import { eventRoute } from "./event-route.ts";
import { metricsRoute } from "./metrics-route.ts";
import { operationRoutes } from "./operation-routes.ts";
import { startAnswers, started } from "./started.ts";
import { nothing, route, type Answer, type Call, type Route } from "./route.ts";

/** `ETag` is the revision. Whoever has it already is told so, and nothing else. */
const withRevision = (stack: { revision: number }, { conditions: { preconditions } }: Conditioned): Answer => {
  const headers = { ETag: revisionTag(stack.revision) };
  return isKnown(preconditions.ifNoneMatch, stack.revision)
    ? { status: 304, headers, body: undefined }
    : { status: 200, headers, body: stack };
};

type Conditioned = Pick<Call<unknown, unknown, unknown>, "conditions">;

const stackAnswers = (what: string, schema: z.ZodType) => ({
  200: { description: `The ${what}. \`ETag\` is its revision.`, schema },
  304: { description: "It is at the revision that `If-None-Match` names. Its status may be another all the same." },
});

export const routes: readonly Route[] = [
  route(
    {
      method: "post",
      path: "/v1/environment-requests",
      access: "requester",
      operationId: "requestEnvironment",
      summary: "Preview an environment, and with `action: up` apply it",
      takesBody: "yes",
      waits: true,
      headers: changesStack,
      answers: startAnswers,
    },
    { ...nothing, body: environmentRequest },
    async (call) =>
      started(
        await call.useCases.submitEnvironment(call.principal, call.body, call.conditions),
        call,
        call.body.action === "up",
      ),
  ),
  route(
    {
      method: "post",
      path: "/v1/foundation-requests",
      access: "admin",
      operationId: "requestFoundation",
      summary: "Preview the foundation of an account and region, and with `action: up` apply it",
      takesBody: "yes",
      waits: true,
      headers: changesStack,
      answers: startAnswers,
    },
    { ...nothing, body: foundationRequest },
    async (call) =>
      started(
        await call.useCases.submitFoundation(call.principal, call.body, call.conditions),
        call,
        call.body.action === "up",
      ),
  ),
  ...operationRoutes,
  route(
    {
      method: "get",
      path: "/v1/environments",
      access: "reader",
      operationId: "listEnvironments",
      summary: "Environments",
      takesBody: "no",
      waits: false,
      answers: { 200: { description: "A page of environments.", schema: pageOf(environment) } },
    },
    { ...nothing, query: pageQuery },
    async ({ useCases, query }) => ({
      status: 200,
      body: await useCases.listEnvironments({ limit: query.limit, cursor: orNull(query.cursor) }),
    }),
  ),
  route(
    {
      method: "get",
      path: "/v1/environments/{name}",
      access: "reader",
      operationId: "getEnvironment",
      summary: "One environment",
      takesBody: "no",
      waits: false,
      headers: showsStack,
      answers: stackAnswers("environment", environment),
    },
    { ...nothing, parameters: environmentParameters },
    async (call) => withRevision(await call.useCases.getEnvironment(call.parameters.name), call),
  ),
  route(
    {
      method: "delete",
      path: "/v1/environments/{name}",
      access: "requester",
      operationId: "destroyEnvironment",
      summary: "Preview the destroy of an environment; `apply` carries it out",
      takesBody: "no",
      waits: true,
      headers: changesStack,
      answers: startAnswers,
    },
    { ...nothing, parameters: environmentParameters },
    async (call) =>
      started(
        await call.useCases.destroyEnvironment(call.principal, call.parameters.name, call.conditions),
        call,
        false,
      ),
  ),
  route(
    {
      method: "get",
      path: "/v1/foundations",
      access: "reader",
      operationId: "listFoundations",
      summary: "Foundations",
      takesBody: "no",
      waits: false,
      answers: { 200: { description: "A page of foundations.", schema: pageOf(foundation) } },
    },
    { ...nothing, query: pageQuery },
    async ({ useCases, query }) => ({
      status: 200,
      body: await useCases.listFoundations({ limit: query.limit, cursor: orNull(query.cursor) }),
    }),
  ),
  route(
    {
      method: "get",
      path: "/v1/foundations/{account}/{region}",
      access: "reader",
      operationId: "getFoundation",
      summary: "The foundation of an account and region",
      takesBody: "no",
      waits: false,
      headers: showsStack,
      answers: stackAnswers("foundation", foundation),
    },
    { ...nothing, parameters: foundationParameters },
    async (call) => {
      const { account, region } = call.parameters;
      return withRevision(await call.useCases.getFoundation(account, region), call);
    },
  ),
  route(
    {
      method: "delete",
      path: "/v1/foundations/{account}/{region}",
      access: "admin",
      operationId: "destroyFoundation",
      summary: "Preview the destroy of a foundation; `apply` carries it out",
      takesBody: "no",
      waits: true,
      headers: changesStack,
      answers: startAnswers,
    },
    { ...nothing, parameters: foundationParameters },
    async (call) => {
      const { account, region } = call.parameters;
      const preview = await call.useCases.destroyFoundation(call.principal, account, region, call.conditions);
      return started(preview, call, false);
    },
  ),
  ...driftRoutes,
  ...accessRoutes,
  ...verificationRoutes,
  eventRoute,
  metricsRoute,
];
