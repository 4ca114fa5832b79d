import { stackKind } from "../../domain/stacks.ts";
import type { EngineEvent, Run, RunResult } from "../../engine/engine.ts";
import { runEngine, runOf, settle, type Attempt } from "../operations/attempt.ts";
import { begin } from "./begin.ts";
import type { Dependencies } from "../dependencies.ts";
import { waitForShare } from "./identity-center-gate.ts";
import { holdShare } from "./identity-center-holding.ts";
import { progressReporter } from "./progress.ts";
import { recordFailure, recordSuccess } from "./record.ts";
import { lookAgain, type SecondLook } from "./second-look.ts";

/** Applies what a preview showed, or nothing. */
export const executeApply = async (dependencies: Dependencies, attempt: Attempt): Promise<void> => {
  const { now, timers } = dependencies;
  const { operation, control } = attempt;
  const kind = operation.kind === "destroy" ? "destroy" : "up";
  const resumed = operation.stackBefore !== null;
  const before = await begin(dependencies, operation);
  const resolvedAt = timers.elapsed();
  const progress = progressReporter(dependencies, operation);
  const share = holdShare(dependencies, operation);
  const seen: { applying: boolean; atGate: SecondLook } = {
    applying: operation.applyStartedAt !== null,
    atGate: { is: "as it was" },
  };
  const run: Run = {
    ...runOf(operation),
    kind,
    of: kind,
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
    if (took === false) return false;
    if (took !== null) share.took(took);
    // What it has made so far would look like somebody else's.
    if (!resumed) seen.atGate = await lookAgain(dependencies, { operation, before, resolvedAt });
    return seen.atGate.is === "as it was" && !stopped.aborted;
  };
  const ran = await runEngine(dependencies, control, run, onEvent, mayApply);
  const result = control.reason() === null ? afterGate(ran, seen.atGate) : ran;
  await Promise.all([progress.settled(), share.settled()]);
  const applied = seen.applying || ((resumed || result.outcome === "interrupted") && didSomething(result));
  // Otherwise the engine's state alone knows what was applied, and the next attempt asks it.
  const untouched = ran.outcome === "canceled" && !resumed && !applied;
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
      const isVoid = isStale(result) || seen.atGate.is === "refused";
      if (isVoid && operation.continues !== null) await tables.operations.voidPreview(operation.continues);
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

/** A run that was turned back at the gate by what was found there ends with that. */
const afterGate = (ran: RunResult, look: SecondLook): RunResult => {
  if (ran.outcome !== "canceled" || look.is === "as it was") return ran;
  if (look.is === "broken") return { ...ran, outcome: "interrupted", problem: null };
  const { code, detail } = look.refusal;
  return { ...ran, outcome: "failed", problem: { code, detail, urn: null } };
};

/** The steps of a run that goes on, or that broke off, are those that were done. */
const didSomething = ({ steps }: RunResult): boolean => steps.some(({ op }) => op !== "same");

const isStale = ({ problem }: RunResult): boolean => problem?.code === "preview_stale";
