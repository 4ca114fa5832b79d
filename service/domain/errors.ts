import type { FieldError } from "./parse.ts";
import type { ProblemDetails } from "./operation.ts";

/**
 * Every code that a caller meets, as an answer or in an operation's `problem`. Codes are stable; titles are for people.
 * The status of a code that only operations carry is what an answer would have had.
 */
export const problemTypes = {
  invalid_request: { status: 400, title: "The request is not valid" },
  unauthorized: { status: 401, title: "Who calls is not known" },
  forbidden: { status: 403, title: "Not allowed for this caller" },
  self_approval: { status: 403, title: "Nobody approves their own request" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "The method is not served here" },
  conflict: { status: 409, title: "The request does not fit the present state" },
  operation_in_progress: { status: 409, title: "An operation is on its way already" },
  foundation_missing: { status: 409, title: "A target has no foundation" },
  foundation_in_use: { status: 409, title: "The foundation is in use" },
  tier_required: { status: 409, title: "The activation tier does not fit" },
  reach_conflict: { status: 409, title: "People of one environment would reach nodes of another" },
  recovery_required: { status: 409, title: "The stack must be recovered first" },
  name_taken: { status: 409, title: "The name is taken" },
  quota_exceeded: { status: 409, title: "A quota of AWS would be exceeded" },
  user_in_use: { status: 409, title: "The person is in use elsewhere" },
  identity_center_missing: { status: 409, title: "IAM Identity Center is not enabled for the organization" },
  account_mismatch: { status: 409, title: "The credentials lead to another account" },
  key_pending_deletion: { status: 409, title: "A KMS key is scheduled for deletion" },
  adoption_differs: { status: 409, title: "What is taken over differs from the document" },
  preview_stale: { status: 409, title: "The preview no longer holds" },
  approval_required: { status: 409, title: "Approvals are missing" },
  mfa_posture_required: { status: 409, title: "An MFA attestation is missing" },
  stack_locked: { status: 409, title: "The stack is locked" },
  canceled: { status: 409, title: "The operation was canceled" },
  revision_mismatch: { status: 412, title: "The revision is another" },
  payload_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not served" },
  idempotency_key_reused: { status: 422, title: "The idempotency key was used for another request" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Something broke in the service" },
  worker_lost: { status: 500, title: "Its workers were lost" },
  program_failed: { status: 500, title: "The program of the stack failed" },
  engine_failed: { status: 500, title: "The engine failed" },
  resource_failed: { status: 502, title: "AWS refused a resource" },
  access_denied: { status: 502, title: "AWS refused access to Gatehouse" },
  credentials_invalid: { status: 502, title: "AWS does not take the credentials of Gatehouse" },
  aws_failed: { status: 502, title: "AWS answered with an error" },
  throttled: { status: 503, title: "AWS asks for fewer calls" },
  aws_unreachable: { status: 503, title: "AWS does not answer" },
  draining: { status: 503, title: "The service is shutting down" },
  unavailable: { status: 503, title: "The service is not available" },
  timed_out: { status: 504, title: "The operation took too long" },
} as const;

export type ProblemCode = keyof typeof problemTypes;

/** Whether a word is one of the codes. */
export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemTypes, code);

interface DomainErrorDetails {
  /** Every bad field. */
  errors?: readonly FieldError[];
  /** Seconds after which the same call may succeed: `Retry-After`. */
  retryAfterSeconds?: number;
  /** What broke underneath; for the log only. */
  cause?: unknown;
}

/** A refusal that a caller is told about. `detail` says what was wrong and which call mends it, without secrets. */
export class DomainError extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly FieldError[] | null;
  readonly retryAfterSeconds: number | null;

  constructor(code: ProblemCode, detail: string, details: DomainErrorDetails = {}) {
    super(`${code}: ${detail}`, { cause: details.cause });
    this.name = "DomainError";
    this.code = code;
    this.detail = detail;
    this.errors = details.errors ?? null;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}

/** The refusal of a document whose fields are bad. */
export const invalidRequest = (errors: readonly FieldError[]): DomainError =>
  new DomainError("invalid_request", invalidDetail(errors.length), { errors });

const invalidDetail = (count: number): string =>
  count === 1 ? "One field is not valid: see errors." : `${count} fields are not valid: see errors.`;

/** Where a problem showed itself: both are left out where there is no such thing. */
interface ProblemContext {
  /** Path of the request, or of the operation. */
  instance?: string;
  requestId?: string;
}

/** `urn:gatehouse:problem:name_taken`: a name, not an address, so that it holds wherever the service runs. */
const problemType = (code: ProblemCode): string => `urn:gatehouse:problem:${code}`;

/** The problem details (RFC 9457) of an error. Its cause is never told. */
export const toProblem = (error: DomainError, { instance, requestId }: ProblemContext): ProblemDetails => ({
  type: problemType(error.code),
  title: problemTypes[error.code].title,
  status: problemTypes[error.code].status,
  detail: error.detail,
  ...(instance === undefined ? {} : { instance }),
  code: error.code,
  ...(error.errors === null ? {} : { errors: error.errors.map(({ pointer, message }) => ({ pointer, message })) }),
  ...(requestId === undefined ? {} : { requestId }),
});
