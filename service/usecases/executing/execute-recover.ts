import type { StackStatus } from "../../domain/operation.ts";
import { stackKind } from "../../domain/stacks.ts";
import type { Run, RunResult } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import { runEngine, runOf, settle, type Attempt } from "../operations/attempt.ts";
import type { Dependencies } from "../dependencies.ts";
import { progressReporter } from "./progress.ts";
import { recordRecovery } from "./record.ts";

/** Brings a stack out of `needs_recovery`: the engine finds out what is true, and the stack's status says it. */
export const executeRecover = async (dependencies: Dependencies, attempt: Attempt): Promise<void> => {
  const { store } = dependencies;
  const { operation, control } = attempt;
  const { recovers, resolution } = operation;
  const broken = recovers === null ? null : await store.operations.find(recovers);
  const stack = await store.stacks.find(operation.stack);
  if (broken === null || stack === null || resolution === null)
    throw new Error(`recovery ${operation.id} does not say of what`);
  const progress = progressReporter(dependencies, operation);
  const run: Run = { ...runOf(operation), kind: "recover", resolution };
  const result = await runEngine(dependencies, control, run, progress.report);
  await progress.settled();
  const status =
    result.outcome === "succeeded" ? await trueStatus(dependencies, attempt, { broken, stack, result }) : null;
  await settle(dependencies, attempt, result, {
    change: {
      changes: result.changes,
      steps: result.steps,
      diagnostics: result.diagnostics,
      outputs: result.outputs,
      // A recovery of this one has to know what the stack was as well.
      ...(result.outcome === "needs_recovery" ? { stackBefore: broken.stackBefore } : {}),
    },
    over: async (tables) => {
      if (status !== null) await recordRecovery(dependencies, tables, { stack, broken, result, status });
    },
  });
};

/** What a recovery was about, and what came of it. */
interface Recovered {
  broken: OperationRow;
  stack: StackRow;
  result: RunResult;
}

/**
 * What the stack is now. Nothing left: as before its first up, or destroyed. Active where it was active before what broke,
 * and a preview of what was applied then shows no difference. Otherwise a part of something is applied: `failed`, and the
 * next up mends it.
 */
const trueStatus = async (
  dependencies: Dependencies,
  { operation, control }: Attempt,
  { broken, stack, result }: Recovered,
): Promise<StackStatus> => {
  if (result.resources.length === 0) return stack.revision === 0 ? "pending" : "destroyed";
  const { stackBefore } = broken;
  if (stackBefore?.status !== "active" || stackBefore.arguments === null) return "failed";
  const preview = await runEngine(
    dependencies,
    control,
    {
      ...runOf(operation),
      kind: "preview",
      of: "up",
      program: stackKind(stack.name),
      arguments: stackBefore.arguments,
      approvedPlan: null,
      refresh: false,
      appliesNext: false,
    },
    () => undefined,
  );
  return preview.outcome === "succeeded" && preview.steps.every(({ op }) => op === "same") ? "active" : "failed";
};
