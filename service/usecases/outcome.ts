/** How a run's end becomes the operation's. */
import { DomainError, isProblemCode, toProblem } from "../domain/errors.ts";
import type { ProblemDetails } from "../domain/operation.ts";
import type { RunResult } from "../engine/engine.ts";
import type { OperationRow } from "../store/operations.ts";
import type { Dependencies } from "./dependencies.ts";

/** What the engine's result means for the operation's problem. */
export const problemOfResult = (operation: OperationRow, { problem }: RunResult): ProblemDetails | null =>
  problem === null
    ? null
    : toProblem(new DomainError(isProblemCode(problem.code) ? problem.code : "engine_failed", problem.detail), {
        instance: `/v1/operations/${operation.id}`,
      });

/** The worker stops and the operation has applied nothing: it waits in the queue again, as its job does when this rejects. */
export class HandedBack extends Error {}

/** @throws HandedBack */
export const handBack = async ({ store }: Dependencies, { id, attempt }: OperationRow): Promise<never> => {
  await store.operations.change(id, attempt, { status: "queued", progress: null });
  throw new HandedBack(`operation ${id} goes back into the queue`);
};
