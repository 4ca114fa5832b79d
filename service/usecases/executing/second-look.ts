/**
 * An up or destroy resolves its request when it begins (`begin.ts`), and applies when the gate opens. In between it plans, and may
 * have waited for its share of Identity Center's limits for minutes: what the first step had found may be otherwise by then,
 * and a create that meets somebody else's resource fails in the middle of the apply. So it is asked once more at the gate.
 */
import { DomainError } from "../../domain/errors.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import { resolveAgain } from "./begin.ts";
import type { Dependencies } from "../dependencies.ts";
import { logFailure } from "../log-failure.ts";

/** What was asked less long ago is not asked again: an apply takes longer than that itself. In milliseconds. */
export const looksAgainAfter = 5_000;

/** Why a run may not apply. `broken`: nobody could say, as when the database is away; the operation is run again. */
export type SecondLook = { is: "as it was" } | { is: "refused"; refusal: DomainError } | { is: "broken" };

interface Begun {
  operation: OperationRow;
  /** The stack as it was before the operation began. */
  before: StackRow;
  /** On the timers' clock, when the request was resolved. */
  resolvedAt: number;
}

/**
 * Resolves the request once more where that was long ago. It has its share of Identity Center's limits by then, and asks within
 * it: the run asks for nothing else meanwhile.
 */
export const lookAgain = async (
  dependencies: Dependencies,
  { operation, before, resolvedAt }: Begun,
): Promise<SecondLook> => {
  const { store, timers } = dependencies;
  if (timers.elapsed() - resolvedAt < looksAgainAfter) return { is: "as it was" };
  try {
    const preview = operation.continues === null ? null : await store.operations.find(operation.continues);
    await resolveAgain(dependencies, before, operation, preview);
    return { is: "as it was" };
  } catch (error) {
    if (error instanceof DomainError) return { is: "refused", refusal: error };
    const log = { operation: operation.id, attempt: operation.attempt };
    logFailure(
      dependencies,
      "warn",
      log,
      error,
      "what is there could not be looked at again; the operation is run again",
    );
    return { is: "broken" };
  }
};
