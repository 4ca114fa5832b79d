import { DomainError } from "../../domain/errors.ts";
import { bindsRevision, failedPrecondition, revisionTag, type Preconditions } from "../../domain/preconditions.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";

/**
 * Holds a caller's preconditions against the stack as it stands.
 *
 * @param name of the stack, for the refusal.
 * @returns the revision that the stack must still have when the work is applied; `null`: whichever it has then.
 * @throws DomainError `revision_mismatch`
 */
export const checkPreconditions = (
  name: string,
  stack: StackRow | null,
  preconditions: Preconditions,
): number | null => {
  const exists = stack !== null && (stack.spec !== null || stack.resources.length > 0);
  const failed = failedPrecondition(preconditions, stack === null ? null : { revision: stack.revision, exists });
  if (failed !== null)
    throw mismatch(
      exists
        ? `${name} is at revision ${revisionTag(stack.revision)}, which ${failed} does not allow.`
        : `${name} does not exist, and ${failed} wants a revision of it.`,
    );
  return bindsRevision(preconditions) ? (stack?.revision ?? 0) : null;
};

/**
 * Refuses work that its caller meant for another revision than the stack has now.
 *
 * @throws DomainError `revision_mismatch`
 */
export const refuseOtherRevision = ({ expectedRevision }: OperationRow, stack: StackRow | null): void => {
  const revision = stack?.revision ?? 0;
  if (expectedRevision !== null && expectedRevision !== revision)
    throw mismatch(
      `The request was made for revision ${revisionTag(expectedRevision)}, and the stack is at ${revisionTag(revision)} by now. Nothing was applied.`,
    );
};

const mismatch = (what: string): DomainError =>
  new DomainError("revision_mismatch", `${what} Look at it with GET, and make the request against what it is now.`);
