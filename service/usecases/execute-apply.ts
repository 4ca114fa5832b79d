import { DomainError } from "../domain/errors.ts";
import { pulumiStackName, stackKind } from "../domain/stacks.ts";
import { noChanges, type RunResult } from "../engine/engine.ts";
import type { OperationRow } from "../store/operations.ts";
import type { StackRow } from "../store/stacks.ts";
import type { Dependencies } from "./dependencies.ts";
import { canonical } from "./digest.ts";
import { peopleToMake } from "./people-to-make.ts";
import { handBack, problemOfResult } from "./outcome.ts";
import { resolveOperation } from "./execute-preview.ts";
import { progressReporter } from "./progress.ts";
import { recordFailure, recordSuccess } from "./record.ts";

/** Applies what a preview showed, or nothing. */
export const executeApply = async (
  dependencies: Dependencies,
  operation: OperationRow,
  signal: AbortSignal,
): Promise<void> => {
  const { store, engine, now } = dependencies;
  const kind = operation.kind === "destroy" ? "destroy" : "up";
  const before = await begin(dependencies, operation);
  const progress = progressReporter(dependencies, operation);
  const seen = { applying: false };
  const run = engine.run(
    {
      operationId: operation.id,
      attempt: operation.attempt,
      fence: operation.sequence * 1000 + operation.attempt,
      kind,
      of: kind,
      stack: pulumiStackName(operation.stack),
      program: stackKind(operation.stack),
      arguments: operation.arguments ?? {},
      approvedPlan: operation.planDigest,
    },
    {
      onEvent: (event) => {
        if (event.type === "apply.started") seen.applying = true;
        progress.report(event);
      },
      signal,
      kill: new AbortController().signal,
    },
  );
  const result = await run.catch((error: unknown) => brokenRun(dependencies, operation, before, seen.applying, error));
  await progress.settled();
  if (result.outcome === "canceled" && signal.aborted && !seen.applying) {
    await store.stacks.change(operation.stack, {
      status: before.status,
      arguments: before.arguments,
      updatedAt: now(),
    });
    await handBack(dependencies, operation);
  }
  await store.transaction(async (tables) => {
    const held = await tables.operations.change(operation.id, operation.attempt, {
      status: result.outcome === "interrupted" ? "failed" : result.outcome,
      changes: result.changes,
      steps: result.steps,
      diagnostics: result.diagnostics,
      outputs: result.outputs,
      problem: problemOfResult(operation, result),
      finishedAt: now(),
    });
    if (!held) return;
    if (result.outcome === "succeeded") await recordSuccess(dependencies, tables, before, operation, result);
    else await recordFailure(dependencies, tables, before, operation, result, seen.applying);
    if (isStale(result) && operation.continues !== null) await tables.operations.voidPreview(operation.continues);
  });
};

/** An engine that rejects has told nothing: what it may have begun is in doubt. */
const brokenRun = (
  { logger }: Dependencies,
  { id, stack }: OperationRow,
  { resources, outputs }: StackRow,
  applying: boolean,
  error: unknown,
): RunResult => {
  logger.error({ operation: id, stack, error }, "the engine broke");
  return {
    outcome: applying ? "needs_recovery" : "failed",
    steps: [],
    changes: noChanges(),
    planDigest: null,
    outputs,
    diagnostics: [],
    resources,
    pending: [],
    problem: {
      code: "engine_failed",
      detail: `The engine broke ${applying ? "while it applied changes" : "before it applied anything"}; the log says more under operation ${id}.`,
      urn: null,
    },
  };
};

const isStale = ({ problem }: RunResult): boolean => problem?.code === "preview_stale";

/**
 * The last look before anything is applied: the request resolves to what it did when it was previewed, and what it wants
 * for itself is claimed.
 *
 * @returns the stack as it was
 * @throws DomainError `preview_stale`, and what resolving refuses
 */
const begin = async (dependencies: Dependencies, operation: OperationRow): Promise<StackRow> => {
  const { store, now } = dependencies;
  const preview = operation.continues === null ? null : await store.operations.find(operation.continues);
  try {
    return await store.transaction(async (tables) => {
      await tables.lock(locksOf(operation));
      const stack = await tables.stacks.find(operation.stack);
      if (stack === null) throw new Error(`${operation.stack} has no row`);
      // Asked on connections of their own, side by side: under the locks they see what others have settled.
      const resolved = await resolveOperation(dependencies, store, stack, operation, preview);
      refuseDifferent(operation, resolved.arguments);
      await tables.people.claim(peopleToMake(operation), operation.stack);
      await tables.stacks.change(operation.stack, {
        status: operation.kind === "destroy" ? "destroying" : "changing",
        arguments: operation.arguments,
        updatedAt: now(),
      });
      return stack;
    });
  } catch (error) {
    if (preview !== null && error instanceof DomainError) await store.operations.voidPreview(preview.id);
    throw error;
  }
};

/** Two foundations of one account, or two environments that make one person, take turns here. */
const locksOf = (operation: OperationRow): string[] =>
  stackKind(operation.stack) === "foundation"
    ? [`account:${operation.stack.split("/")[1] ?? ""}`]
    : peopleToMake(operation).map((userName) => `user:${userName}`);

const refuseDifferent = (operation: OperationRow, now: NonNullable<OperationRow["arguments"]>): void => {
  const approved = operation.arguments ?? {};
  const differing = [...new Set([...Object.keys(approved), ...Object.keys(now)])].filter(
    (key) => canonical({ value: approved[key] }) !== canonical({ value: now[key] }),
  );
  if (differing.length > 0)
    throw new DomainError(
      "preview_stale",
      `Since the preview something else changed, and the request comes out differently (${differing.join(", ")}). Nothing was applied. Preview again, and apply that one.`,
    );
};
