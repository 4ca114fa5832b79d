/** The calls that look at what was changed in the account behind Gatehouse's back. */
import { environmentStack, foundationStack } from "../domain/stacks.ts";
import { startsWork } from "./conditions.ts";
import { environmentParameters, foundationParameters } from "./parameters.ts";
import { nothing, route, type Route } from "./route.ts";
import { startAnswers, started } from "./started.ts";

const looks = [
  {
    useCase: "checkDrift",
    path: "drift-checks",
    operationId: "checkDriftOf",
    summary: "Compare what was applied with the account, and change nothing",
  },
  {
    useCase: "refresh",
    path: "refreshes",
    operationId: "refresh",
    summary: "Have the stack's state take over what the account says; the account stays as it is",
  },
] as const;

const description = {
  method: "post",
  takesBody: "no",
  waits: true,
  headers: startsWork,
  answers: startAnswers,
} as const;

export const driftRoutes: readonly Route[] = looks.flatMap(({ useCase, path, operationId, summary }) => [
  route(
    {
      ...description,
      path: `/v1/environments/{name}/${path}`,
      access: "requester",
      operationId: `${operationId}Environment`,
      summary: `${summary}: of an environment`,
    },
    { ...nothing, parameters: environmentParameters },
    async (call) => {
      const { useCases, principal, parameters, conditions } = call;
      return started(await useCases[useCase](principal, environmentStack(parameters.name), conditions), call, false);
    },
  ),
  route(
    {
      ...description,
      path: `/v1/foundations/{account}/{region}/${path}`,
      access: "admin",
      operationId: `${operationId}Foundation`,
      summary: `${summary}: of a foundation`,
    },
    { ...nothing, parameters: foundationParameters },
    async (call) => {
      const { useCases, principal, parameters, conditions } = call;
      const stack = foundationStack(parameters.account, parameters.region);
      return started(await useCases[useCase](principal, stack, conditions), call, false);
    },
  ),
]);
