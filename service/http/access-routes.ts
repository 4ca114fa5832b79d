/** Who can reach what. */
import { z } from "zod";
import { accessCheck, accessCheckAnswer, accessMatrix } from "../domain/access.ts";
import { orNull, pageQuery } from "./parameters.ts";
import { nothing, route, type Route } from "./route.ts";

const environmentFilter = (description: string) =>
  z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, "must be the name of an environment")
    .optional()
    .meta({ description });

const matrixQuery = z.strictObject({
  limit: z
    .string()
    .optional()
    .transform((text) => (text === undefined ? 20 : /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN))
    .pipe(z.int("must be a whole number, 1 to 50").min(1, "must be at least 1").max(50, "must be at most 50"))
    .meta({
      description: "Environments on a page.",
      override: { type: "integer", minimum: 1, maximum: 50, default: 20 },
    }),
  cursor: pageQuery.shape.cursor,
  principal: environmentFilter("Whose people: the name of an environment."),
  environment: environmentFilter("Whose nodes: the name of an environment."),
  action: z
    .string()
    .regex(/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/, "must be an action such as ssm:StartSession")
    .optional()
    .meta({ description: "One action, such as `ssm:StartSession`." }),
});

export const accessRoutes: readonly Route[] = [
  route(
    {
      method: "get",
      path: "/v1/access-matrix",
      access: "reader",
      operationId: "getAccessMatrix",
      summary: "What the people of environments may do on nodes, by the policies that were applied",
      takesBody: "no",
      waits: false,
      answers: {
        200: {
          description:
            "Each environment's people on its own nodes, a page of environments; with `environment`, whoever shares its tag too; with both filters, that pair.",
          schema: accessMatrix,
        },
      },
    },
    { ...nothing, query: matrixQuery },
    async ({ useCases, query }) => ({
      status: 200,
      body: await useCases.readAccessMatrix({
        limit: query.limit,
        cursor: orNull(query.cursor),
        principal: orNull(query.principal),
        environment: orNull(query.environment),
        action: orNull(query.action),
      }),
    }),
  ),
  route(
    {
      method: "post",
      path: "/v1/access-checks",
      access: "reader",
      operationId: "checkAccess",
      summary: "Whether somebody may do something on a node, and which statements decide",
      takesBody: "yes",
      waits: false,
      answers: { 200: { description: "The answer; nothing is started.", schema: accessCheckAnswer } },
    },
    { ...nothing, body: accessCheck },
    async ({ useCases, body }) => ({ status: 200, body: await useCases.checkAccess(body) }),
  ),
];
