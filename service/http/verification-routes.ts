/** What is true in the account: the nodes of an environment, and whether it is what was approved. */
import { environmentNode } from "../domain/nodes.ts";
import { pageOf } from "../domain/operation.ts";
import { verificationRequest } from "../domain/verification.ts";
import { startsWork } from "./conditions.ts";
import { environmentParameters, orNull, pageQuery } from "./parameters.ts";
import { nothing, route, type Route } from "./route.ts";
import { startAnswers, started } from "./started.ts";

export const verificationRoutes: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/v1/environments/{name}/nodes",
      access: "reader",
      operationId: "listNodes",
      summary: "Nodes of an environment, and why one cannot be reached",
      takesBody: "no",
      waits: false,
      answers: {
        200: {
          description:
            "A page of the nodes that carry the environment's tag in its targets, as the account has them now.",
          schema: pageOf(environmentNode),
        },
      },
    },
    { ...nothing, parameters: environmentParameters, query: pageQuery },
    async ({ useCases, parameters, query }) => ({
      status: 200,
      body: await useCases.listNodes(parameters.name, { limit: query.limit, cursor: orNull(query.cursor) }),
    }),
  ),
  route(
    {
      method: "post",
      path: "/v1/environments/{name}/verifications",
      access: "requester",
      operationId: "verifyEnvironment",
      summary: "Verify that who reaches an environment's nodes, and where sessions are logged, is what was approved",
      takesBody: "optional",
      waits: true,
      headers: startsWork,
      answers: startAnswers,
    },
    { ...nothing, parameters: environmentParameters, body: verificationRequest },
    async (call) => {
      const { principal, parameters, body, conditions } = call;
      return started(await call.useCases.verifyEnvironment(principal, parameters.name, body, conditions), call, false);
    },
  ),
];
