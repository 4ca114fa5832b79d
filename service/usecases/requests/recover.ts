import { DomainError } from "../../domain/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { insertUnpreviewed } from "../operations/insert-operation.ts";
import { demandOfReading } from "../operations/identity-center-budget.ts";
import { notFound } from "../operations/not-found.ts";
import { unconditional } from "../start-conditions.ts";
import type { UseCases } from "../usecases.ts";

/** Starts the operation that brings a stack out of `needs_recovery`. It goes before all that waits for the stack. */
export const createRecover =
  (dependencies: Dependencies): UseCases["recover"] =>
  (principal, id, resolution, { once, requestId } = unconditional) =>
    startOnce(dependencies, principal, once, async (tables) => {
      const broken = await tables.operations.findLocked(id);
      if (broken === null) throw notFound(`operation ${id}`);
      const stack = await tables.stacks.find(broken.stack);
      if (broken.status !== "needs_recovery" || stack?.status !== "needs_recovery")
        throw new DomainError(
          "conflict",
          broken.status === "needs_recovery"
            ? `${broken.stack} was recovered since: it is ${stack?.status ?? "gone"}, and takes work again.`
            : `The operation is ${broken.status}; only one in needs_recovery is recovered.`,
        );
      // Two needs_recovery operations may stand for one stack; a recovery of either holds for both.
      await tables.lock([`recovery:${broken.stack}`]);
      const other = await tables.operations.recoveryUnderWay(broken.stack);
      if (other !== null)
        throw new DomainError(
          "operation_in_progress",
          `Operation ${other.id} recovers ${broken.stack} already: GET /v1/operations/${other.id}.`,
        );
      return insertUnpreviewed(dependencies, tables, principal, {
        kind: "refresh",
        action: "up",
        stack: broken.stack,
        team: broken.team,
        spec: broken.spec,
        recovers: broken.id,
        resolution,
        identityCenterDemand: demandOfReading(stack.resources),
        requestId,
      });
    });
