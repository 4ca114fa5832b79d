import type { EngineEvent, Run, RunResult } from "../../engine/engine.ts";
import { pulumiStackName } from "../../domain/stacks.ts";
import { faultPoint } from "../../fault-points.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { Tables } from "../../store/store.ts";
import { busyMessage, pauseWhenBusy } from "./busy.ts";
import type { Dependencies } from "../dependencies.ts";
import { verdictOf, type Verdict } from "./outcome.ts";
import { storableResult } from "./storable.ts";
import type { StopControl } from "../stop-control.ts";
import { watchRun } from "../watchdog.ts";
import { mostLosses } from "./worn-out.ts";

/** One claim of an operation, from there to its end or to its going back. */
export interface Attempt {
  operation: OperationRow;
  control: StopControl;
}

/** What is written of a run's end beside its outcome. */
interface Ending {
  /** Of the operation's row. */
  change: Partial<OperationRow>;
  /** What is written in front of the end, in the same transaction. */
  first?: (tables: Tables) => Promise<void>;
  /** The operation is over: what else is written, in the same transaction. */
  over: (tables: Tables, status: (Verdict & { is: "over" })["status"]) => Promise<void>;
  /** It goes back: what else is written. */
  handedBack?: (tables: Tables) => Promise<void>;
  /** Whether an apply has begun, and what it claimed stays claimed when it goes back. Left out: none has. */
  begun?: boolean;
}

/** What every run of an operation's attempt is known by, and how much of Identity Center's limits it has to keep to. */
export const runOf = ({ id, attempt, fence, stack, identityCenterShare }: OperationRow) => ({
  operationId: id,
  attempt,
  fence,
  stack: pulumiStackName(stack),
  parallelism: identityCenterShare?.parallelism ?? null,
});

/**
 * Runs the engine under the watchdogs.
 *
 * @param mayApply holds it up between plan and apply, until the signal aborts: it is being stopped, or over. That wait is not the run's time
 */
export const runEngine = async (
  { engine, timers, limits }: Dependencies,
  control: StopControl,
  run: Run,
  onEvent: (event: EngineEvent) => void,
  mayApply: (stopped: AbortSignal) => Promise<boolean> = () => Promise.resolve(true),
): Promise<RunResult> => {
  const watchdog = watchRun(timers, limits, control);
  const over = new AbortController();
  const stopped = AbortSignal.any([control.signal, over.signal]);
  try {
    const result = await engine.run(run, {
      onEvent: (event) => {
        watchdog.heard();
        onEvent(event);
      },
      signal: control.signal,
      kill: control.kill,
      mayApply: () => watchdog.heldUp(mayApply(stopped)),
    });
    return storableResult(result);
  } finally {
    // A child that died at the gate waits there no more.
    over.abort();
    watchdog.end();
  }
};

/** Writes what became of a run, or nothing when the operation is not this attempt's any more. */
export const settle = async (
  dependencies: Dependencies,
  { operation, control }: Attempt,
  result: RunResult,
  ending: Ending,
): Promise<void> => {
  const { store, limits, now } = dependencies;
  const verdict = verdictOf(operation, result, control.reason(), limits);
  faultPoint("result-computed");
  if (verdict.is === "lost") return;
  await store.transaction(async (tables) => {
    if (verdict.is === "busy") return runAgainLater(dependencies, tables, operation, result, ending);
    if (verdict.is === "handed back") {
      const { begun = false } = ending;
      const seconds = verdict.lost ? pauseAfterLoss(operation) : 0;
      const why = result.problem?.detail ?? "The run broke off.";
      const back = { seconds, lost: verdict.lost, why, begun };
      if (verdict.lost) await tellLost(dependencies, tables, operation, why, seconds);
      if (await tables.leases.handBack(operation, back)) await ending.handedBack?.(tables);
      return;
    }
    await ending.first?.(tables);
    const held = await tables.operations.change(operation.id, operation.attempt, {
      ...ending.change,
      status: verdict.status,
      problem: verdict.problem,
      pending: result.pending,
      finishedAt: now(),
    });
    if (held) await ending.over(tables, verdict.status);
  });
  faultPoint("result-stored");
};

/** Whoever waits for the operation is told for whom it waits, or what broke it off. */
const tellLost = async (
  { logger }: Dependencies,
  tables: Tables,
  operation: OperationRow,
  why: string,
  seconds: number,
): Promise<void> => {
  const message = `${why} It is tried again in ${Math.ceil(seconds)} s (${operation.lostLeases + 1} of at most ${mostLosses} times).`;
  const told = { type: "diagnostic", data: { urn: null, severity: "warning", message } } as const;
  if (await tables.events.append(operation.id, operation.attempt, [told]))
    logger.warn({ operation: operation.id, stack: operation.stack, seconds }, message);
};

/** Puts an operation back that AWS was too busy for, and has its events say so. What it has applied stays its own. */
const runAgainLater = async (
  { random, logger }: Dependencies,
  tables: Tables,
  operation: OperationRow,
  result: RunResult,
  { begun = false, handedBack }: Ending,
): Promise<void> => {
  const seconds = pauseWhenBusy(operation, random());
  const message = busyMessage(operation, result, seconds);
  const told = {
    type: "diagnostic",
    data: { urn: result.problem?.urn ?? null, severity: "warning", message },
  } as const;
  if (!(await tables.events.append(operation.id, operation.attempt, [told]))) return;
  logger.warn(
    { operation: operation.id, stack: operation.stack, seconds },
    "AWS was busy; the operation goes on later",
  );
  if (await tables.leases.handBack(operation, { seconds, lost: false, throttled: true, begun }))
    await handedBack?.(tables);
};

/** Seconds before an operation that was lost runs again: what killed its worker may kill the next one. */
export const pauseAfterLoss = ({ lostLeases }: Pick<OperationRow, "lostLeases">): number =>
  Math.min(30, 0.25 * 2 ** lostLeases);
