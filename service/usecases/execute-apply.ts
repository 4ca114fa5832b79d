import { pulumiStackName, stackKind } from "../domain/stacks.ts";
import type { EngineEvent, Run, RunResult } from "../engine/engine.ts";
import { runEngine, settle, type Attempt } from "./attempt.ts";
import { begin } from "./begin.ts";
import type { Dependencies } from "./dependencies.ts";
import { waitForShare } from "./identity-center-gate.ts";
import { holdShare } from "./identity-center-holding.ts";
import { progressReporter } from "./progress.ts";
import { recordFailure, recordSuccess } from "./record.ts";

/** Applies what a preview showed, or nothing. */
export const executeApply = async (dependencies: Dependencies, attempt: Attempt): Promise<void> => {
  const { now } = dependencies;
  const { operation, control } = attempt;
  const kind = operation.kind === "destroy" ? "destroy" : "up";
  const before = await begin(dependencies, operation);
  const progress = progressReporter(dependencies, operation);
  const share = holdShare(dependencies, operation);
  const seen = { applying: operation.applyStartedAt !== null };
  const run: Run = {
    operationId: operation.id,
    attempt: operation.attempt,
    fence: operation.fence,
    kind,
    of: kind,
    stack: pulumiStackName(operation.stack),
    parallelism: (operation.identityCenterShare ?? operation.identityCenterWish)?.parallelism ?? null,
    program: stackKind(operation.stack),
    arguments: operation.arguments ?? {},
    approvedPlan: operation.planDigest,
    refresh: operation.refresh,
    appliesNext: false,
  };
  const onEvent = (event: EngineEvent): void => {
    if (event.type === "apply.started") seen.applying = true;
    progress.report(event);
    share.report(event);
  };
  const mayApply = async (stopped: AbortSignal): Promise<boolean> => {
    const took = await waitForShare(dependencies, operation, stopped);
    if (took !== false && took !== null) share.took(took);
    return took !== false;
  };
  const result = await runEngine(dependencies, control, run, onEvent, mayApply);
  await Promise.all([progress.settled(), share.settled()]);
  const resumed = operation.stackBefore !== null;
  const applied = seen.applying || ((resumed || result.outcome === "interrupted") && didSomething(result));
  // Otherwise the engine's state alone knows what was applied, and the next attempt asks it.
  const untouched = result.outcome === "canceled" && !resumed && !applied;
  await settle(dependencies, attempt, result, {
    change: {
      changes: result.changes,
      steps: result.steps,
      diagnostics: result.diagnostics,
      outputs: result.outputs,
    },
    over: async (tables, status) => {
      if (status === "succeeded") await recordSuccess(dependencies, tables, before, operation, result);
      else await recordFailure(dependencies, tables, before, operation, result, applied);
      if (isStale(result) && operation.continues !== null) await tables.operations.voidPreview(operation.continues);
    },
    handedBack: async (tables) => {
      if (!untouched) return;
      await tables.stacks.change(before.name, {
        status: before.status,
        arguments: before.arguments,
        updatedAt: now(),
      });
    },
    begun: !untouched,
  });
};

/** The steps of a run that goes on, or that broke off, are those that were done. */
const didSomething = ({ steps }: RunResult): boolean => steps.some(({ op }) => op !== "same");

const isStale = ({ problem }: RunResult): boolean => problem?.code === "preview_stale";
