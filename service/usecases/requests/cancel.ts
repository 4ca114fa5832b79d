import { DomainError } from "../../domain/errors.ts";
import { isFinished } from "../../domain/operation.ts";
import type { Dependencies } from "../dependencies.ts";
import { startOnce } from "./idempotency.ts";
import { canceled, problemOf } from "../operations/outcome.ts";
import { notFound } from "../operations/not-found.ts";
import { unconditional } from "../start-conditions.ts";
import type { UseCases } from "../usecases.ts";

/**
 * Cancels what waits at once, and tells the worker of what runs to stop: the first time after the steps that run, the second
 * time at once. Where an apply has begun and waits to go on, the worker that takes it next ends it truly.
 */
export const createCancel =
  (dependencies: Dependencies): UseCases["cancel"] =>
  (principal, id, { once } = unconditional) =>
    startOnce(dependencies, principal, once, async (tables) => {
      const { now } = dependencies;
      const operation = await tables.operations.findLocked(id);
      if (operation === null) throw notFound(`operation ${id}`);
      if (principal.role !== "admin" && principal.name !== operation.requestedBy)
        throw new DomainError(
          "forbidden",
          `Only ${operation.requestedBy}, who requested it, or an admin cancels this operation.`,
        );
      if (isFinished(operation.status))
        throw new DomainError("conflict", `The operation is over: it is ${operation.status}, and stays so.`);
      const changed =
        operation.status === "queued" && operation.stackBefore === null
          ? await tables.operations.endQueued(id, {
              status: "canceled",
              problem: problemOf(operation, canceled({ steps: [] })),
              finishedAt: now(),
            })
          : await tables.operations.requestStop(id, now());
      if (changed === null) throw new Error(`operation ${id} changed under its lock`);
      return changed;
    });
