/**
 * From what the AWS SDK throws to a `CloudReadError`: one table. The SDK has retried by then what can be retried.
 *
 * Sources: "Common Error Types" in the API references of each service; AWS STS and IAM API references, AssumeRole; SDK for
 * JavaScript v3, "Credential providers" (CredentialsProviderError, TokenProviderError).
 */
import { CloudReadError, type Asked, type ReadFailure } from "../read-error.ts";

const failureByCode: ReadonlyMap<string, ReadFailure> = new Map([
  ...(
    [
      "AccessDenied",
      "AccessDeniedException",
      "AuthorizationError",
      "AuthorizationErrorException",
      "UnauthorizedOperation",
      "UnauthorizedException",
      "Forbidden",
      "NotAuthorized",
    ] as const
  ).map((code) => [code, "access_denied"] as const),
  ...(
    [
      "AuthFailure",
      "CredentialsProviderError",
      "ExpiredToken",
      "ExpiredTokenException",
      "IDPCommunicationError",
      "IncompleteSignature",
      "InvalidAccessKeyId",
      "InvalidClientTokenId",
      "InvalidIdentityToken",
      "InvalidSignatureException",
      "InvalidToken",
      "MissingAuthenticationToken",
      "MissingAuthenticationTokenException",
      "RequestExpired",
      "SignatureDoesNotMatch",
      "TokenProviderError",
      "TokenRefreshRequired",
      "UnrecognizedClientException",
    ] as const
  ).map((code) => [code, "credentials_invalid"] as const),
  ...(
    [
      "BandwidthLimitExceeded",
      "EC2ThrottledException",
      "RequestLimitExceeded",
      "RequestThrottled",
      "RequestThrottledException",
      "SlowDown",
      "Throttling",
      "ThrottlingException",
      "ThrottledException",
      "TooManyRequestsException",
    ] as const
  ).map((code) => [code, "throttled"] as const),
  ...(
    [
      "TimeoutError",
      "AbortError",
      "NetworkingError",
      "ECONNREFUSED",
      "ECONNRESET",
      "EAI_AGAIN",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "ENOTFOUND",
      "EPIPE",
      "ETIMEDOUT",
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "InternalFailure",
      "InternalServerException",
      "InternalServiceError",
      "ServiceUnavailable",
      "ServiceUnavailableException",
    ] as const
  ).map((code) => [code, "aws_unreachable"] as const),
]);

/** What an SDK error says of itself. */
interface Said {
  /** Its name, and the code of the network error that it may be. */
  codes: string[];
  message: string;
  status: number | null;
}

const field = (value: object, key: string): unknown => (key in value ? Reflect.get(value, key) : undefined);

/** The HTTP status of AWS's answer; `null` where there was none. */
export const statusOf = (error: unknown): number | null => {
  if (!(error instanceof Error)) return null;
  const metadata = field(error, "$metadata");
  const status = typeof metadata === "object" && metadata !== null ? field(metadata, "httpStatusCode") : undefined;
  return typeof status === "number" ? status : null;
};

const saidBy = (error: Error): Said => {
  const code = field(error, "code");
  return {
    codes: [error.name, ...(typeof code === "string" ? [code] : [])],
    message: error.message,
    status: statusOf(error),
  };
};

/** Where nothing else tells: by the status of the answer, of which there is none when AWS was not reached. */
const failureByStatus = (status: number | null): ReadFailure => {
  if (status === null) return "aws_unreachable";
  if (status === 429) return "throttled";
  if (status === 403) return "access_denied";
  if (status === 401) return "credentials_invalid";
  return status >= 500 ? "aws_unreachable" : "aws_failed";
};

/** Longest text of AWS's that is passed on: an encoded authorization message can be thousands of characters. */
const longestMessage = 500;

/** Whether AWS answered with one of these codes. */
export const isCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes(error.name);

/** What was thrown, as the port's error. An error that is one already (assuming a role failed underneath) stays as it is. */
export const readErrorOf = (error: unknown, asked: Asked): CloudReadError => {
  if (error instanceof CloudReadError) return error;
  if (!(error instanceof Error)) return new CloudReadError("aws_failed", asked, { code: "Unknown", message: "" });
  const { codes, message, status } = saidBy(error);
  const known = codes.map((code) => failureByCode.get(code)).find((failure) => failure !== undefined);
  const code = codes.find((one) => failureByCode.has(one)) ?? codes[0] ?? "Unknown";
  return new CloudReadError(known ?? failureByStatus(status), asked, {
    code,
    message: message.slice(0, longestMessage),
  });
};
