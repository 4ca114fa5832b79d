import { DomainError } from "../../domain/errors.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { Dependencies } from "../dependencies.ts";
import { inDoubt, problemOf } from "../operations/outcome.ts";
import { mostLosses, whyLost } from "../operations/worn-out.ts";

/** Ends an operation that comes back again and again: its stack must go on, and what it did must be looked at. */
export const giveUp = async ({ store, logger, now }: Dependencies, operation: OperationRow): Promise<void> => {
  const begun = operation.stackBefore !== null;
  const why = `It was begun ${mostLosses} times and came to no end. ${whyLost(operation)}`;
  logger.error({ operation: operation.id, stack: operation.stack, begun, why }, "operation given up");
  const problem = begun
    ? inDoubt(operation, operation.pending, why)
    : new DomainError(
        "worker_lost",
        `${why} Nothing was applied. Mend that (the log says more under operation ${operation.id}), and post the request again.`,
      );
  await store.transaction(async (tables) => {
    const held = await tables.operations.change(operation.id, operation.attempt, {
      status: begun ? "needs_recovery" : "failed",
      problem: problemOf(operation, problem),
      finishedAt: now(),
    });
    if (held && begun) await tables.stacks.change(operation.stack, { status: "needs_recovery", updatedAt: now() });
  });
};
