/**
 * Why a policy was not understood, or a request could not be decided. Never an allow.
 *
 * - `malformed_policy`: an element is missing, of the wrong type, or one that an identity policy does not have
 * - `unknown_operator`: a condition operator that IAM's reference does not list
 * - `malformed_value`: an action, resource or condition value that is not of its element's or operator's form
 * - `unknown_variable`: `${…}` that is no policy variable, or stands where IAM resolves none
 * - `undecided_condition`, `undecided_resource`: the statement turns on something that the request does not tell, or on what
 *   AWS does not document
 */
export type ProblemCode =
  | "malformed_policy"
  | "unknown_operator"
  | "malformed_value"
  | "unknown_variable"
  | "undecided_condition"
  | "undecided_resource";

export interface PolicyProblem {
  code: ProblemCode;
  /** Name of the policy, as the caller gave it. */
  policy: string;
  /** JSON Pointer into the policy. */
  pointer: string;
  /** What must be there, or what cannot be told. It never repeats a value: what was pasted in may be long, or a secret. */
  message: string;
}

/** A problem before the place where it stands is known. */
export type Complaint = Pick<PolicyProblem, "code" | "message">;

/** Something compiled, or why not. */
export type Compiled<Value> = { value: Value } | { complaint: Complaint };

export const refuse = (code: ProblemCode, message: string): { complaint: Complaint } => ({
  complaint: { code, message },
});
