/** Errors as answers: problem details (RFC 9457), never a stack trace. */
import { DomainError, toProblem } from "../domain/errors.ts";
import type { ProblemDetails } from "../domain/operation.ts";

interface ProblemAnswer {
  headers: Record<string, string>;
  problem: ProblemDetails;
}

/** What the error says to callers. Anything that is not a refusal of ours is `internal_error`, with nothing of its own text. */
export function refusalOf(error: unknown, isUnavailable: (error: unknown) => boolean): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof URIError) {
    return new DomainError("invalid_request", "The path holds a percent sign that encodes nothing.");
  }
  if (isUnavailable(error)) {
    return new DomainError(
      "unavailable",
      "The database does not answer, so this call was not finished. Send it again; with its Idempotency-Key, what was accepted just before is not started twice.",
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    );
  }
  return new DomainError(
    "internal_error",
    "Something broke in the service. Its log says more under the id of this request.",
    { cause: error },
  );
}

/** The answer to a refusal. */
export function problemAnswer(refusal: DomainError, instance: string, requestId: string): ProblemAnswer {
  return {
    headers: {
      "Content-Type": "application/problem+json",
      ...(refusal.code === "unauthorized" ? { "WWW-Authenticate": 'Bearer realm="gatehouse"' } : {}),
      ...(refusal.retryAfterSeconds === null ? {} : { "Retry-After": String(refusal.retryAfterSeconds) }),
    },
    problem: toProblem(refusal, { instance, requestId }),
  };
}
