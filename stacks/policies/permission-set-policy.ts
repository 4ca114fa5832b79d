import type { PolicyProfile, PolicyStatement } from "../arguments.ts";
import { hardenedStatements } from "./hardened-policy.ts";
import { partitionOf } from "./partition.ts";
import type { PolicyScope, PolicySubject } from "./policy-scope.ts";
import { policyDocument, type PolicyDocument } from "./policy-document.ts";
import { whitepaperStatements } from "./whitepaper-policy.ts";

const profiles: Record<PolicyProfile, (scope: PolicyScope) => PolicyStatement[]> = {
  whitepaper: whitepaperStatements,
  hardened: hardenedStatements,
};

/**
 * The inline policy of an environment's permission set, as the environment program writes it. Pure, and of nothing that is
 * unknown before the resources exist: a preview shows it whole, and equal environments give equal JSON.
 */
export const permissionSetPolicy = (environment: PolicySubject): PolicyDocument => {
  const { name, tag, targets, sessionDocuments, onPremises, policyProfile, extraStatements } = environment;
  // An organization, and so its Identity Center, never reaches beyond one partition.
  const partition = partitionOf(targets[0]?.region ?? "");
  const scope = { environment: name, partition, tag, targets, sessionDocuments, hybrid: onPremises !== null };
  return policyDocument([...profiles[policyProfile](scope), ...extraStatements]);
};
