/** What a caller is told when AWS does not answer a question: which permission, on which role, or what else mends it. */
import { CloudReadError, type ReadFailure } from "../../cloud/read-error.ts";
import { DomainError } from "../../domain/errors.ts";

/** `role/x in account y`, or the process's own credentials. */
const whoAsked = ({ asked }: CloudReadError): string =>
  asked.role === null ? "the credentials of the Gatehouse process" : `the role ${asked.role}`;

const whereAsked = ({ asked: { scope } }: CloudReadError): string => `in account ${scope.account}, ${scope.region}`;

const policies = "docs/iam-for-gatehouse.md has the policies that Gatehouse needs";

const deniedDetail = (error: CloudReadError): string => {
  const { action, scope } = error.asked;
  return action === "sts:AssumeRole"
    ? `AWS does not let the Gatehouse process into account ${scope.account}: it may not assume the role there. Allow its credentials sts:AssumeRole on that role, and name them in the role's trust policy (${policies}).`
    : `AWS refused ${action} ${whereAsked(error)}. Allow ${action} to ${whoAsked(error)} (${policies}), and see that no service control policy denies it.`;
};

const details: Record<ReadFailure, (error: CloudReadError) => string> = {
  access_denied: deniedDetail,
  credentials_invalid: (error) =>
    `AWS does not take ${whoAsked(error)} (${error.asked.action} ${whereAsked(error)}): they are missing, expired, or not known there. Renew them; in a region that must be enabled first, see that the account has enabled it.`,
  throttled: (error) =>
    `AWS asked for fewer calls, and still did after several attempts (${error.asked.action} ${whereAsked(error)}). Nothing was changed. Post the request again in a minute.`,
  aws_unreachable: (error) =>
    `AWS did not answer ${error.asked.action} ${whereAsked(error)}. Nothing was changed. See that this machine reaches the service's endpoint of that region (DNS, proxy, VPC endpoint), and post the request again.`,
  aws_failed: (error) =>
    `AWS answered ${error.asked.action} ${whereAsked(error)} with an error. Nothing was changed. Post the request again when its cause is mended.`,
};

/** The refusal that follows from a question without an answer. AWS's own words come last. */
export const cloudProblem = (error: CloudReadError): DomainError =>
  new DomainError(
    error.failure,
    `${details[error.failure](error)} AWS says: ${error.code}${error.message === "" ? "" : `: ${error.message}`}`,
    { cause: error },
  );

/** Does what asks AWS; where there is no answer, rejects with what a caller can do about it. */
export const explainingAws = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CloudReadError ? cloudProblem(error) : error;
  }
};
