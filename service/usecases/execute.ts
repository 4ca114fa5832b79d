import { DomainError, toProblem } from "../domain/errors.ts";
import type { ProblemDetails } from "../domain/operation.ts";
import type { OperationRow } from "../store/operations.ts";
import type { Dependencies } from "./dependencies.ts";
import { executeApply } from "./execute-apply.ts";
import { executePreview } from "./execute-preview.ts";
import { HandedBack } from "./outcome.ts";

/** What a worker calls for a job of the queue. Domain failures end the operation and the job alike; only a broken database rejects. */
export type Execute = (operationId: string, signal: AbortSignal) => Promise<void>;

/**
 * Carries an operation to its end. The row is the truth and the job only a hint: one whose operation is over, or gone,
 * does nothing.
 */
export const createExecute =
  (dependencies: Dependencies): Execute =>
  async (operationId, signal) => {
    const { store, logger, now } = dependencies;
    const operation = await store.operations.claim(operationId, now());
    if (operation === null) return;
    const log = { operation: operationId, stack: operation.stack, kind: operation.kind, attempt: operation.attempt };
    logger.info(log, "operation started");
    try {
      if (operation.kind === "preview") await executePreview(dependencies, operation, signal);
      else await executeApply(dependencies, operation, signal);
    } catch (error) {
      if (error instanceof HandedBack) {
        logger.info(log, "operation handed back: another worker, or the next start, runs it");
        throw error;
      }
      const problem = problemOf(operation, error);
      if (problem === null) logger.error({ ...log, error }, "operation failed unexpectedly");
      await store.operations.change(operationId, operation.attempt, {
        status: "failed",
        problem: problem ?? unexpected(operation),
        finishedAt: now(),
      });
    }
    const ended = await store.operations.find(operationId);
    logger.info({ ...log, status: ended?.status, code: ended?.problem?.code }, "operation ended");
  };

/** What a worker calls when an operation's job came back too often: its stack must go on, and what it did must be looked at. */
export type GiveUp = (operationId: string) => Promise<void>;

export const createGiveUp =
  ({ store, logger, now }: Dependencies): GiveUp =>
  async (operationId) => {
    const operation = await store.operations.claim(operationId, now());
    if (operation === null) return;
    const inDoubt = operation.applyStartedAt !== null;
    logger.error({ operation: operationId, stack: operation.stack, inDoubt }, "operation given up");
    await store.transaction(async (tables) => {
      await tables.operations.change(operationId, operation.attempt, {
        status: inDoubt ? "needs_recovery" : "failed",
        problem: unexpected(operation),
        finishedAt: now(),
      });
      if (operation.kind !== "preview")
        await tables.stacks.change(operation.stack, {
          status: inDoubt ? "needs_recovery" : "failed",
          updatedAt: now(),
        });
    });
  };

const problemOf = (operation: OperationRow, error: unknown): ProblemDetails | null =>
  error instanceof DomainError ? toProblem(error, { instance: `/v1/operations/${operation.id}` }) : null;

const unexpected = (operation: OperationRow): ProblemDetails =>
  toProblem(
    new DomainError(
      "internal_error",
      `Gatehouse failed while it carried this out; its log says more under operation ${operation.id}. Nothing else is affected: post the request again.`,
    ),
    { instance: `/v1/operations/${operation.id}` },
  );
