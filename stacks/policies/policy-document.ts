import type { PolicyStatement } from "../arguments.ts";

/** An IAM policy document as a plain object. Statements and keys keep the order in which they are written here. */
export interface PolicyDocument<Statement = PolicyStatement> {
  Version: "2012-10-17";
  Statement: Statement[];
}

/** Who a resource policy (a key's, a role's trust policy) speaks of. */
export type Principal = { AWS: string } | { Service: string };

/** A statement of a resource policy. */
export type ResourcePolicyStatement = PolicyStatement & { Principal: Principal };

export const policyDocument = <Statement>(statements: Statement[]): PolicyDocument<Statement> => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** The document as AWS is given it: JSON without any white space between its parts. */
export const policyJson = (document: PolicyDocument<object>): string => JSON.stringify(document);
