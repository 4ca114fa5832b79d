/** The calls of the contract. A new one is one entry here. */
import type { z } from "zod";
import { environmentRequest } from "../domain/environment-document.ts";
import { foundationRequest } from "../domain/foundation-document.ts";
import { environment, foundation, operation, pageOf, type Operation } from "../domain/operation.ts";
import { isKnown, revisionTag } from "../domain/preconditions.ts";
import type { UseCases } from "../usecases/usecases.ts";
import {
  applyRequest,
  environmentParameters,
  foundationParameters,
  operationParameters,
  operationsQuery,
  orNull,
  pageQuery,
  recoverRequest,
} from "./parameters.ts";
import { changesStack, showsStack, startsWork } from "./conditions.ts";
import { eventRoute } from "./event-route.ts";
import { metricsRoute } from "./metrics-route.ts";
import { nothing, route, type Answer, type Call, type Route } from "./route.ts";

const operationAnswer = (description: string) => ({ description, schema: operation });
const startAnswers = {
  200: operationAnswer("With `Prefer: wait`: the operation has ended, or waits for people."),
  202: operationAnswer("The operation as it stands. `Location` is where to look again."),
};

interface Waiting {
  useCases: UseCases;
  wait: number | null;
  signal: AbortSignal;
}

/** The answer to a call that started work: at once, or after what `Prefer: wait` asked for. */
async function started(operation: Operation, { useCases, wait, signal }: Waiting, follow: boolean): Promise<Answer> {
  const { operation: shown, done } =
    wait === null ? { operation, done: false } : await useCases.waitFor(operation, { seconds: wait, follow, signal });
  // Of the operation that the call started, however long it waits and how often it comes.
  const headers = { Location: `/v1/operations/${operation.id}` };
  return { status: done ? 200 : 202, headers, body: shown, operation: operation.id };
}

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
  eventRoute,
  metricsRoute,
];
