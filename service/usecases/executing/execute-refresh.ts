import { afterCheck, afterRefresh } from "../../domain/drift.ts";
import type { RefreshRun } from "../../engine/engine.ts";
import { runEngine, runOf, settle, type Attempt } from "../operations/attempt.ts";
import type { Dependencies } from "../dependencies.ts";
import { driftEvents, driftWarnings } from "../access/drift-found.ts";
import { progressReporter } from "./progress.ts";
import { recordRefresh } from "./record.ts";

/** Looks at what was changed outside; a refresh has the stack's state take it over. Nothing changes in the account. */
export const executeRefresh = async (dependencies: Dependencies, attempt: Attempt): Promise<void> => {
  const { store, now } = dependencies;
  const { operation, control } = attempt;
  const stack = await store.stacks.find(operation.stack);
  if (stack === null) throw new Error(`${operation.stack} has no row`);
  const progress = progressReporter(dependencies, operation);
  const run: RefreshRun = {
    ...runOf(operation),
    kind: operation.kind === "refresh" ? "refresh" : "drift-check",
  };
  const result = await runEngine(dependencies, control, run, progress.report);
  await progress.settled();
  const succeeded = result.outcome === "succeeded";
  await settle(dependencies, attempt, result, {
    change: {
      changes: result.changes,
      steps: result.steps,
      diagnostics: result.diagnostics,
      warnings: succeeded ? driftWarnings(stack, result.drift, false) : [],
      // For its recovery to tell whether the stack is again what it was.
      ...(result.outcome === "needs_recovery"
        ? { stackBefore: { status: stack.status, arguments: stack.arguments } }
        : {}),
    },
    first: async (tables) => {
      if (succeeded) await tables.events.append(operation.id, operation.attempt, driftEvents(result.drift));
    },
    over: async (tables, status) => {
      const look = { operation: operation.id, at: now(), drift: result.drift };
      if (status === "needs_recovery") await tables.stacks.change(stack.name, { status, updatedAt: now() });
      else if (status === "succeeded" && run.kind === "refresh")
        await recordRefresh(dependencies, tables, stack, result, afterRefresh(stack.drift, look));
      else if (status === "succeeded")
        await tables.stacks.change(stack.name, { drift: afterCheck(stack.drift, look), updatedAt: stack.updatedAt });
    },
  });
};
