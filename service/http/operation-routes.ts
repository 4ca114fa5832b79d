/** The calls about operations. */
import { operation, pageOf } from "../domain/operation.ts";
import { changesStack, startsWork } from "./conditions.ts";
import { applyRequest, operationParameters, operationsQuery, orNull, recoverRequest } from "./parameters.ts";
import { nothing, route, type Route } from "./route.ts";
import { operationAnswer, startAnswers, started } from "./started.ts";

export const operationRoutes: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/v1/operations",
      access: "reader",
      operationId: "listOperations",
      summary: "Operations, newest first",
      takesBody: "no",
      waits: false,
      answers: { 200: { description: "A page of operations.", schema: pageOf(operation) } },
    },
    { ...nothing, query: operationsQuery },
    async ({ useCases, query }) => ({
      status: 200,
      body: await useCases.listOperations({
        limit: query.limit,
        cursor: orNull(query.cursor),
        stack: orNull(query.stack),
        status: orNull(query.status),
        kind: orNull(query.kind),
        approval: orNull(query.approval),
        team: orNull(query.team),
      }),
    }),
  ),
  route(
    {
      method: "get",
      path: "/v1/operations/{id}",
      access: "reader",
      operationId: "getOperation",
      summary: "One operation; with `Prefer: wait` when it has ended",
      takesBody: "no",
      waits: true,
      answers: { 200: operationAnswer("The operation."), 202: operationAnswer("It has not ended within the wait.") },
    },
    { ...nothing, parameters: operationParameters },
    async ({ useCases, parameters, wait, signal }) => {
      const found = await useCases.getOperation(parameters.id);
      if (wait === null) return { status: 200, body: found };
      const { operation: shown, done } = await useCases.waitFor(found, { seconds: wait, follow: false, signal });
      return { status: done ? 200 : 202, body: shown };
    },
  ),
  route(
    {
      method: "post",
      path: "/v1/operations/{id}/apply",
      access: "requester",
      operationId: "applyPreview",
      summary: "Start the up or destroy that a preview showed",
      takesBody: "optional",
      waits: true,
      headers: changesStack,
      answers: startAnswers,
    },
    { ...nothing, parameters: operationParameters, body: applyRequest },
    async (call) =>
      started(await call.useCases.apply(call.principal, call.parameters.id, call.conditions), call, false),
  ),
  route(
    {
      method: "post",
      path: "/v1/operations/{id}/cancel",
      access: "requester",
      operationId: "cancelOperation",
      summary: "Stop an operation: after the steps that run, and called again at once",
      takesBody: "no",
      waits: true,
      headers: startsWork,
      answers: startAnswers,
    },
    { ...nothing, parameters: operationParameters },
    async (call) =>
      started(await call.useCases.cancel(call.principal, call.parameters.id, call.conditions), call, false),
  ),
  route(
    {
      method: "post",
      path: "/v1/operations/{id}/recover",
      access: "admin",
      operationId: "recoverStack",
      summary: "Bring the stack of an operation in `needs_recovery` home",
      takesBody: "yes",
      waits: true,
      headers: startsWork,
      answers: startAnswers,
    },
    { ...nothing, parameters: operationParameters, body: recoverRequest },
    async (call) => {
      const { resolution } = call.body;
      const { principal, parameters, conditions } = call;
      return started(await call.useCases.recover(principal, parameters.id, resolution, conditions), call, false);
    },
  ),
];
