/** From a preview to the up that it makes: the same worker goes on with it, without a trip through the queue. */
import type { OperationRow } from "../../store/operations.ts";
import type { Dependencies } from "../dependencies.ts";
import { claimOne, type Claimed } from "./lease.ts";
import { logFailure } from "../log-failure.ts";

/** An up that a preview of this worker made and reserved for it. */
export interface Following {
  preview: OperationRow;
  up: OperationRow;
}

/**
 * Takes the up, if it can be had now; otherwise it is anybody's, and the engine keeps nothing for it. Another stack may be in
 * its way, Identity Center's limits used up, or somebody has canceled it.
 *
 * @param stops whether the worker takes no more
 */
export const takeFollowing = async (
  dependencies: Dependencies,
  { preview, up }: Following,
  stops: boolean,
): Promise<Claimed | null> => {
  const { store, logger } = dependencies;
  const log = { operation: up.id, stack: up.stack };
  try {
    const claimed = stops ? null : await claimOne(dependencies, up.id);
    if (claimed !== null) return claimed;
    logger.debug(log, "the up that follows cannot be taken at once: it is left to the queue");
    await keepNothing(dependencies, preview);
    await store.leases.unreserve(up.id);
  } catch (error) {
    logFailure(dependencies, "warn", log, error, "the up that follows was not taken: it is anybody's in some seconds");
    await keepNothing(dependencies, preview);
  }
  return null;
};

/** Has the engine end what it keeps for the up of a preview. */
export const keepNothing = async (dependencies: Dependencies, preview: OperationRow): Promise<void> => {
  try {
    await dependencies.engine.letGo(preview.id);
  } catch (error) {
    const log = { operation: preview.id, stack: preview.stack };
    logFailure(dependencies, "warn", log, error, "what the engine kept for the up is left to end by itself");
  }
};
