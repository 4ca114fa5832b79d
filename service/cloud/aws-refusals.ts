/**
 * AWS's error codes by what they mean for a run. One table for both engines and for what the CLI quotes. Sources: "Common
 * errors" of the API references; Service Authorization and error pages of IAM, KMS, S3, SNS, Systems Manager, CloudTrail,
 * CloudWatch Logs, Identity Store and IAM Identity Center; the retry lists of the AWS SDKs ("Retry behavior", SDKs and Tools
 * Reference Guide) for what asks for fewer calls.
 */
import { failureClasses, type FailureClass } from "../domain/failure-classes.ts";

const codes = {
  access_denied: [
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedException",
    "NotAuthorized",
    "Forbidden",
    "OptInRequired",
    "SubscriptionRequiredException",
  ],
  credentials_invalid: [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "AuthFailure",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidToken",
    "InvalidIdentityToken",
    "IDPCommunicationError",
    "TokenRefreshRequired",
    "NoCredentialProviders",
  ],
  throttled: [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "TransactionInProgressException",
    "EC2ThrottledException",
  ],
  conflict: [
    "ConflictException",
    "OperationAborted",
    "OperationAbortedException",
    "ConcurrentModification",
    "ConcurrentModificationException",
    "ConcurrentAccess",
    "ConcurrentAccessException",
    "TooManyUpdates",
  ],
  already_exists: [
    "EntityAlreadyExists",
    "EntityAlreadyExistsException",
    "AlreadyExistsException",
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "ResourceAlreadyExistsException",
    "TrailAlreadyExistsException",
    "DocumentAlreadyExists",
  ],
  quota_exceeded: [
    "LimitExceeded",
    "LimitExceededException",
    "ServiceQuotaExceededException",
    "DocumentLimitExceeded",
    "TooManyBuckets",
    "TopicLimitExceeded",
    "TopicLimitExceededException",
    "SubscriptionLimitExceeded",
    "MaximumNumberOfTrailsExceededException",
  ],
  not_found: [
    "ResourceNotFoundException",
    "NotFoundException",
    "NotFound",
    "NoSuchEntity",
    "NoSuchEntityException",
    "NoSuchBucket",
    "NoSuchKey",
    "InvalidDocument",
    "TrailNotFoundException",
  ],
  still_in_use: [
    "DeleteConflict",
    "DeleteConflictException",
    "BucketNotEmpty",
    "DependencyViolation",
    "ResourceInUseException",
  ],
  invalid_input: [
    "ValidationException",
    "ValidationError",
    "InvalidParameter",
    "InvalidParameterException",
    "InvalidParameterValue",
    "InvalidParameterValueException",
    "InvalidParameterCombinationException",
    "InvalidInput",
    "InvalidRequest",
    "InvalidRequestException",
    "InvalidArgument",
    "InvalidBucketName",
    "InvalidAliasNameException",
    "InvalidDocumentContent",
    "InvalidDocumentSchemaVersion",
    "DuplicateDocumentContent",
    "InsufficientEncryptionPolicyException",
    "MalformedPolicy",
    "MalformedPolicyDocument",
    "MalformedPolicyDocumentException",
  ],
  aws_unavailable: [
    "InternalError",
    "InternalErrorException",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceError",
    "InternalServiceErrorException",
    "InternalException",
    "KMSInternalException",
    "DependencyTimeoutException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ServiceException",
    "ServiceFailure",
  ],
} as const satisfies Partial<Record<FailureClass, readonly string[]>>;

const isClass = (name: string): name is FailureClass => Object.hasOwn(failureClasses, name);

const byCode: ReadonlyMap<string, FailureClass> = new Map(
  Object.entries(codes).flatMap(([name, known]) => (isClass(name) ? known.map((code) => [code, name] as const) : [])),
);

/** Identity Center and the identity store say `ConflictException` for a name that is taken, too; only the words differ. */
const saysTaken = /already exists|exists already|duplicate/i;
/** And for what must be taken apart first, which does not pass by itself either. */
const saysUsed = /is assigned|still (in use|assigned|referenced)/i;

/** What a refusal by AWS means; `resource_error` for a code that nobody has met yet. */
export const refusalClass = (code: string, message: string): FailureClass => {
  const known = byCode.get(code) ?? "resource_error";
  if (known !== "conflict") return known;
  if (saysTaken.test(message)) return "already_exists";
  return saysUsed.test(message) ? "still_in_use" : "conflict";
};

/** Codes stand before a colon, as the AWS SDKs print errors: `api error AccessDenied: User …`. Some say no more than the code. */
const codePattern = /\b([A-Z][A-Za-z0-9]+)(?=:(?:\s|$))/g;

/** The first code of AWS that a text quotes, with what follows it; `null` when there is none that is known. */
export const quotedRefusal = (text: string): { code: string; message: string } | null => {
  for (const { 1: code = "", index } of text.matchAll(codePattern)) {
    if (byCode.has(code)) return { code, message: text.slice(index + code.length + 2) };
  }
  return null;
};
