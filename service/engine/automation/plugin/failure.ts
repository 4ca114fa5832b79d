/**
 * AWS's refusals in the words of the AWS provider, so that whoever reads the CLI's errors meets what AWS would give: the
 * provider's own part, then the SDK's, with the code before the message. Form: aws-sdk-go-v2, "OperationError" and smithy-go
 * "GenericAPIError". The operation's name is put together from the resource's; AWS's own may differ.
 */
import { status } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import { AwsError } from "../../../cloud/provider.ts";

/** Names of services in errors of the SDK, by the module of a token, or by module and kind where a module has two. */
const services: Record<string, string> = {
  cloudtrail: "CloudTrail",
  "cloudwatch/EventRule": "EventBridge",
  "cloudwatch/EventTarget": "EventBridge",
  cloudwatch: "CloudWatch Logs",
  iam: "IAM",
  identitystore: "identitystore",
  kms: "KMS",
  s3: "S3",
  sns: "SNS",
  ssm: "SSM",
  ssoadmin: "SSO Admin",
};

/** Codes that the SDKs have no type of their own for; those appear as `api error`. */
const untypedCodes: ReadonlySet<string> = new Set(["AccessDenied", "Throttling", "RequestLimitExceeded"]);

/** AWS gives each request another one; here a constant, so that the same failure reads the same. */
const requestId = "00000000-0000-0000-0000-000000000000";

const partsOf = (token: string): { service: string; kind: string } => {
  const [, moduleName = "", kind = token] = /^aws:([^/:]+)\/[^:]+:(.+)$/.exec(token) ?? [];
  return { service: services[`${moduleName}/${kind}`] ?? services[moduleName] ?? moduleName, kind };
};

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface Attempt {
  /** `creating`, `reading`, `updating`, `deleting` a resource, or `calling` a function. */
  doing: "creating" | "reading" | "updating" | "deleting" | "calling";
  token: string;
  /** Id; at create the logical name. */
  name: string;
}

const verbs: Record<Attempt["doing"], string> = {
  creating: "Create",
  reading: "Get",
  updating: "Update",
  deleting: "Delete",
  calling: "",
};

/** `creating SSO Admin PermissionSet (x): operation error SSO Admin: CreatePermissionSet, …, ConflictException: …` */
const awsMessage = ({ code, message }: AwsError, { doing, token, name }: Attempt): string => {
  const { service, kind } = partsOf(token);
  const operation = `${verbs[doing]}${upperFirst(kind)}`;
  const answer = `${untypedCodes.has(code) ? "api error " : ""}${code}: ${message}`;
  return (
    `${doing} ${service} ${upperFirst(kind)} (${name}): operation error ${service}: ${operation}, ` +
    `https response error StatusCode: 400, RequestID: ${requestId}, ${answer}`
  );
};

/** Any error as gRPC carries it; the CLI shows the details as they are. */
export const asServiceError = (error: unknown): Partial<ServiceError> => ({
  code: status.UNKNOWN,
  details: error instanceof Error ? error.message : String(error),
});

/** Runs an attempt; what AWS refuses comes out in the provider's words. */
export const inProviderWords = async <Result>(attempt: Attempt, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new Error(awsMessage(error, attempt), { cause: error });
  }
};
