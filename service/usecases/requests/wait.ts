import { isFinished, type Operation } from "../../domain/operation.ts";
import { nextChange } from "../change-feed.ts";
import type { Dependencies } from "../dependencies.ts";
import { presentOperation } from "../operations/present.ts";
import type { UseCases } from "../usecases.ts";

/** How often a waiting call looks at the row without a hint, in milliseconds: hints can be lost. */
const lookAgain = 500;

/**
 * `Prefer: wait`. Where the up is followed, the answer is the operation that tells how it went: the up's once it has
 * ended, the preview's when there was none.
 */
export const createWait =
  ({ store, feed }: Dependencies): UseCases["waitFor"] =>
  async (operation, { seconds, follow, signal }) => {
    const enough = AbortSignal.any([AbortSignal.timeout(seconds * 1000), signal]);
    let seen = operation;
    for (;;) {
      // Listening before looking: a change in between is not missed.
      const round = new AbortController();
      const waitedFor = seen.continuedBy !== null && follow ? seen.continuedBy : seen.id;
      const change = nextChange(feed, waitedFor, lookAgain, AbortSignal.any([enough, round.signal]));
      const row = await store.operations.find(waitedFor);
      const now = row === null ? seen : presentOperation(row);
      const goesOn = follow && now.continuedBy !== null;
      if (isFinished(now.status) && !goesOn) {
        round.abort();
        await change;
        return { operation: now, done: true };
      }
      if (enough.aborted) {
        await change;
        return { operation: waitedFor === operation.id ? now : await asItStands(store, operation), done: false };
      }
      if (goesOn) {
        round.abort();
        seen = now;
      }
      await change;
    }
  };

const asItStands = async (store: Dependencies["store"], operation: Operation): Promise<Operation> => {
  const row = await store.operations.find(operation.id);
  return row === null ? operation : presentOperation(row);
};
