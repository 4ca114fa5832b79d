import type { IdentityCenterShare } from "../../domain/identity-center-share.ts";
import type { EngineEvent, Step } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { Dependencies } from "../dependencies.ts";
import { shareOfRemaining, workOf } from "../operations/identity-center-budget.ts";

interface ShareHolder {
  /** It has been given this. */
  took(share: IdentityCenterShare): void;
  report(event: EngineEvent): void;
  /** Resolves when nothing of it is under way. */
  settled(): Promise<void>;
}

/**
 * Gives back what a run does not need any more of its share, as its steps get done, so that the next run begins meanwhile. The
 * rest goes back with the end of the operation, or of its lease.
 */
export const holdShare = (
  { store, logger }: Pick<Dependencies, "store" | "logger">,
  operation: Pick<OperationRow, "id" | "attempt" | "steps" | "identityCenterShare">,
): ShareHolder => {
  const left = new Set(operation.steps);
  let held = operation.identityCenterShare;
  let writing: Promise<void> = Promise.resolve();
  let pending = false;

  const write = async (): Promise<void> => {
    pending = false;
    if (held === null) return;
    try {
      await store.leases.keepShare(operation, held);
    } catch (error) {
      // It goes back later, then: with the next step or the end.
      logger.warn({ operation: operation.id, error }, "a share of Identity Center's limits was not given back yet");
    }
  };

  return {
    took: (share) => {
      held = share;
    },
    report: (event) => {
      if (held === null || event.type !== "resource.done") return;
      for (const step of left) if (isDone(step, event.step)) left.delete(step);
      const kept = shareOfRemaining(held, workOf([...left]));
      if (isSame(kept, held)) return;
      held = kept;
      if (pending) return;
      pending = true;
      writing = writing.then(write);
    },
    settled: () => writing,
  };
};

/** What a replacement takes the place of may be deleted at the very end of the run. */
const isDone = (planned: Step, done: Step): boolean =>
  planned.urn === done.urn && planned.op === done.op && planned.op !== "replace";

const isSame = (one: IdentityCenterShare, other: IdentityCenterShare): boolean =>
  one.assignments === other.assignments &&
  one.provisionings === other.provisionings &&
  one.requests === other.requests &&
  one.storeRequests === other.storeRequests;
