/** Every way in which a question to the cloud can end other than with an answer. */
import { AwsError, type Scope } from "./provider.ts";

/**
 * - `access_denied`: AWS knows who asks, and does not allow it.
 * - `credentials_invalid`: missing, expired or not known to AWS.
 * - `throttled`: AWS asks for fewer calls, and did so after the client's own retries.
 * - `aws_unreachable`: no answer: name, network, TLS, or AWS itself is out of order.
 * - `aws_failed`: an answer that has no meaning here.
 */
export type ReadFailure = "access_denied" | "credentials_invalid" | "throttled" | "aws_unreachable" | "aws_failed";

/** What was asked, where, and as whom. */
export interface Asked {
  /** The IAM action, as a policy would allow it: `sso:ListInstances`. */
  action: string;
  scope: Scope;
  /** ARN of the role whose credentials asked; `null`: the process's own. */
  role: string | null;
}

/** A question that was not answered, with AWS's own code. Not the same as "there is none", which is an answer. */
export class CloudReadError extends AwsError {
  readonly failure: ReadFailure;
  readonly asked: Asked;

  /** @param message AWS's own words, which may name roles and resources but no secrets. */
  constructor(failure: ReadFailure, asked: Asked, { code, message }: { code: string; message: string }) {
    super(code, message);
    this.name = "CloudReadError";
    this.failure = failure;
    this.asked = asked;
  }
}
