/** The headers that stand beside a call's document: `Idempotency-Key`, and the preconditions of RFC 9110. */
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { invalidRequest } from "../domain/errors.ts";
import { parseEntityTags, type EntityTags } from "../domain/preconditions.ts";
import { callDigest } from "../usecases/requests/idempotency.ts";
import type { StartConditions } from "../usecases/start-conditions.ts";

export type ConditionHeader = "Idempotency-Key" | "If-Match" | "If-None-Match";

/** What routes heed: those that start work without naming a stack's state, those that change a stack, those that show one. */
export const startsWork: readonly ConditionHeader[] = ["Idempotency-Key"];
export const changesStack: readonly ConditionHeader[] = ["Idempotency-Key", "If-Match", "If-None-Match"];
export const showsStack: readonly ConditionHeader[] = ["If-None-Match"];

/** The headers as the description of the API shows them. */
export const conditionHeaderSchemas: Record<ConditionHeader, z.ZodType> = {
  "Idempotency-Key": z.string().min(1).max(255).optional().meta({
    description:
      "A name of the caller's own for this call: sent again within 24 hours with the same document, it gets the first answer and starts nothing.",
  }),
  "If-Match": z.string().optional().meta({
    description: 'Only if the stack is at this revision (`"3"`, the `ETag` of a GET), or exists (`*`).',
  }),
  "If-None-Match": z.string().optional().meta({
    description: 'Only if the stack is not at this revision (`"3"`), or does not exist yet (`*`).',
  }),
};

const refused = (header: ConditionHeader, message: string) => invalidRequest([{ pointer: `/${header}`, message }]);

function keyOf(request: IncomingMessage): string | null {
  const given = request.headersDistinct["idempotency-key"];
  if (given === undefined) return null;
  const [key = ""] = given;
  if (given.length > 1 || !/^[ -~]{1,255}$/.test(key))
    throw refused("Idempotency-Key", "must be given once, as 1 to 255 characters of printable ASCII");
  return key;
}

function tagsOf(request: IncomingMessage, header: "If-Match" | "If-None-Match"): EntityTags | null {
  const given = request.headersDistinct[header.toLowerCase()]?.join(", ");
  if (given === undefined) return null;
  const tags = parseEntityTags(given);
  if (tags === null) throw refused(header, 'must be * or entity tags in double quotes, such as "3"');
  return tags;
}

/**
 * What a call's headers say, as far as its route heeds them.
 *
 * @param document the body as parsed; `undefined` without one.
 * @throws DomainError `invalid_request`
 */
export function conditionsOf(
  request: IncomingMessage & { path: string },
  heeded: readonly ConditionHeader[],
  document: unknown,
  requestId: string,
): StartConditions {
  const key = heeded.includes("Idempotency-Key") ? keyOf(request) : null;
  return {
    once: key === null ? null : { key, call: callDigest(request.method ?? "", request.path, document) },
    requestId,
    preconditions: {
      ifMatch: heeded.includes("If-Match") ? tagsOf(request, "If-Match") : null,
      ifNoneMatch: heeded.includes("If-None-Match") ? tagsOf(request, "If-None-Match") : null,
    },
  };
}
