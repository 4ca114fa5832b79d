/** Between its plan and its apply a run waits for its share of Identity Center's limits: docs/identity-center-budget.md. */
import type { IdentityCenterShare } from "../../domain/identity-center-share.ts";
import type { OperationRow } from "../../store/operations.ts";
import { nextChange } from "../change-feed.ts";
import type { Dependencies } from "../dependencies.ts";
import { logFailure } from "../log-failure.ts";

/**
 * How often is asked without a hint, in milliseconds: a lease that ran out gives none, nor does the time that has to pass
 * between two that provision (0023-provisionings-apart.sql), which is why it is half of that.
 */
const askAgainAfter = 250;

/**
 * Resolves when the operation has its share, or needs none, and gives what it took; with false when it is stopped before.
 * An error is told and tried again: the run's lease bounds how long.
 *
 * @param stopped ends the wait: the run is being stopped, or over
 */
export const waitForShare = async (
  dependencies: Pick<Dependencies, "store" | "feed" | "logger" | "isUnavailable">,
  operation: Pick<OperationRow, "id" | "attempt" | "identityCenterWish">,
  stopped: AbortSignal,
): Promise<IdentityCenterShare | null | false> => {
  const { store, feed } = dependencies;
  const { identityCenterWish: wish } = operation;
  if (wish === null) return null;
  const passes = async (): Promise<boolean> => {
    try {
      return await store.leases.passGate(operation);
    } catch (error) {
      const log = { operation: operation.id, attempt: operation.attempt };
      logFailure(dependencies, "warn", log, error, "a share of Identity Center's limits could not be asked for");
      return false;
    }
  };
  while (!stopped.aborted) {
    const answered = new AbortController();
    // Listening before asking: what goes back in between is not missed.
    const hint = nextChange(feed, "queue", askAgainAfter, AbortSignal.any([stopped, answered.signal]));
    const passed = await passes();
    if (passed) answered.abort();
    await hint;
    if (passed) return wish;
  }
  return false;
};
