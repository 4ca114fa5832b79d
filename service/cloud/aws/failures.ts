/**
 * From what the AWS SDK throws to a `CloudReadError`. The SDK has retried by then what can be retried. AWS's codes are those of
 * `aws-refusals.ts`; here is only what the SDK adds (SDK for JavaScript v3, "Credential providers":
 * CredentialsProviderError, TokenProviderError) and what Node says of a network.
 */
import { refusalClass } from "../aws-refusals.ts";
import type { FailureClass } from "../../domain/failure-classes.ts";
import { CloudReadError, type Asked, type ReadFailure } from "../read-error.ts";

/** What AWS's own codes mean here; a class that is not named has no meaning for somebody who only asks. */
const failureByClass: Partial<Record<FailureClass, ReadFailure>> = {
  access_denied: "access_denied",
  credentials_invalid: "credentials_invalid",
  throttled: "throttled",
  aws_unavailable: "aws_unreachable",
};

/** Where there is no answer of AWS: names of the SDK's own errors, and codes of Node's network and TLS. */
const failureWithoutAnswer: ReadonlyMap<string, ReadFailure> = new Map([
  ...["CredentialsProviderError", "TokenProviderError"].map((code) => [code, "credentials_invalid"] as const),
  ...[
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
  ].map((code) => [code, "aws_unreachable"] as const),
]);

const failureByCode = (code: string): ReadFailure | undefined =>
  failureWithoutAnswer.get(code) ?? failureByClass[refusalClass(code, "")];

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

/** By what IAM says that there is none: as its pages name the code, and as the SDK names the error. */
export const noSuchEntity = ["NoSuchEntity", "NoSuchEntityException"];

/** By what Identity Center, the identity store and Cloud Control say that there is none. */
export const resourceNotFound = ["ResourceNotFoundException"];

/** Whether AWS answered with one of these codes. */
export const isCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes(error.name);

/** What was thrown, as the port's error. An error that is one already (assuming a role failed underneath) stays as it is. */
export const readErrorOf = (error: unknown, asked: Asked): CloudReadError => {
  if (error instanceof CloudReadError) return error;
  if (!(error instanceof Error)) return new CloudReadError("aws_failed", asked, { code: "Unknown", message: "" });
  const { codes, message, status } = saidBy(error);
  const telling = codes.find((code) => failureByCode(code) !== undefined);
  const known = telling === undefined ? undefined : failureByCode(telling);
  return new CloudReadError(known ?? failureByStatus(status), asked, {
    code: telling ?? codes[0] ?? "Unknown",
    message: message.slice(0, longestMessage),
  });
};
