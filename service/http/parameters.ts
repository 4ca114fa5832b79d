/** What stands in paths and queries. */
import { z } from "zod";
import { approvalStates, operationKinds, operationStatuses } from "../domain/operation.ts";

const limit = z
  .string()
  .optional()
  .transform((text) => (text === undefined ? 50 : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN))
  .pipe(z.int("must be a whole number, 1 to 200").min(1, "must be at least 1").max(200, "must be at most 200"))
  .meta({
    description: "Items on a page.",
    override: { type: "integer", minimum: 1, maximum: 200, default: 50 },
  });

const cursor = z
  .string()
  .regex(/^[\w-]{1,200}$/, "must be the nextCursor of the page before")
  .optional()
  .meta({ description: "The `nextCursor` of the page before." });

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `must be one of ${names.join(", ")}` }).optional();

/** Query of a list. */
export const pageQuery = z.strictObject({ limit, cursor });

/** Query of the list of operations. */
export const operationsQuery = z.strictObject({
  limit,
  cursor,
  stack: z
    .string()
    .regex(
      /^(?:environment|foundation)\/[a-z0-9/-]{1,100}$/,
      "must be the name of a stack, such as environment/production",
    )
    .optional()
    .meta({ description: "Name of a stack, such as `environment/production`." }),
  status: oneOf(operationStatuses).meta({ description: "Only those with this status." }),
  kind: oneOf(operationKinds).meta({ description: "Only those of this kind." }),
  approval: oneOf(approvalStates).meta({ description: "Only previews whose approval stands so." }),
  team: z
    .string()
    .max(256, "must be at most 256 characters")
    .optional()
    .meta({ description: "Only those of this team's environments." }),
});

export const operationParameters = z.object({ id: z.uuid().meta({ description: "Id of the operation." }) });

export const environmentParameters = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .meta({ description: "Name of the environment." }),
});

export const foundationParameters = z.object({
  account: z
    .string()
    .regex(/^\d{12}$/)
    .meta({ description: "AWS account id, 12 digits." }),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .meta({ description: "AWS region." }),
});

/** Body of `POST /v1/operations/{id}/apply`. */
export const applyRequest = z
  .strictObject({
    reason: z
      .string("must be text")
      .max(1_000, "must be at most 1000 characters")
      .optional()
      .meta({ description: "An admin's reason to go on without approvals." }),
  })
  .meta({ id: "ApplyRequest", description: "How to apply a preview; may be left out." });

/** Body of `POST /v1/operations/{id}/recover`. */
export const recoverRequest = z
  .strictObject({
    resolution: z.enum(["refresh", "unlock"], { error: "must be refresh or unlock" }).meta({
      description:
        "`refresh` looks up what is in doubt and records what is true; `unlock` only takes a left lock away, and is refused while anything is in doubt.",
    }),
  })
  .meta({ id: "RecoverRequest", description: "How to bring a stack home." });

/** A query leaves things out; the use cases want to be told. */
export const orNull = <Value>(value: Value | undefined): Value | null => value ?? null;
