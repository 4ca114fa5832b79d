import { policyJson, type PolicyDocument } from "./policy-document.ts";

export interface PolicySize {
  /** Bytes that are not white space, which AWS's policy quotas count. */
  nonWhitespaceBytes: number;
  /** All bytes that the API call carries. */
  bytes: number;
}

/**
 * What AWS takes as the inline policy of a permission set, in bytes that are not white space. Source: IAM Identity Center
 * quotas, "Maximum size of an inline policy for a permission set".
 */
export const policySizeLimit = 10_240;

/** And in all, from the API's `PutInlinePolicyToPermissionSet`. Ours carry no white space, so the other limit comes first. */
export const policyBytesLimit = 32_768;

/** Size of a policy as we send it, to hold against the limits. Bytes are those of UTF-8. */
export const policySize = (document: PolicyDocument<object>): PolicySize => {
  const json = policyJson(document);
  return { nonWhitespaceBytes: Buffer.byteLength(json.replace(/\s/gu, "")), bytes: Buffer.byteLength(json) };
};
