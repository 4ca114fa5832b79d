/** What environments take from the foundation that they stand on. */
import { DomainError } from "../../domain/errors.ts";
import type { FoundationSpec } from "../../domain/foundation-document.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { FoundationFacts, FoundationOutputs } from "../../../stacks/arguments.ts";

/** The refusal of a target without one. */
export const foundationMissing = (account: string, region: string): DomainError =>
  new DomainError(
    "foundation_missing",
    `Account ${account} has no foundation in ${region} yet. Bring one up first: POST /v1/foundation-requests with { "action": "up", "foundation": { "account": "${account}", "region": "${region}" } }.`,
  );

/** What environments record of a foundation; `null` while it was never up. */
export const factsOf = (foundation: StackRow | null): FoundationFacts | null => {
  if (foundation === null || foundation.spec === null) return null;
  // Written by the foundation program and the document schema, both of them ours.
  const outputs = foundation.outputs as Partial<FoundationOutputs>;
  const { sessionPreferences } = foundation.spec as Pick<FoundationSpec, "sessionPreferences">;
  if (outputs.bucketName === undefined || outputs.archiveKeyArn === undefined || outputs.nodeRoleName === undefined)
    throw new Error(`${foundation.name} is applied but lacks outputs`);
  return {
    bucketName: outputs.bucketName,
    archiveKeyArn: outputs.archiveKeyArn,
    nodeRoleName: outputs.nodeRoleName,
    idleTimeoutMinutes: sessionPreferences.idleTimeoutMinutes,
    maxSessionMinutes: sessionPreferences.maxSessionMinutes,
  };
};
