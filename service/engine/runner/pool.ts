/** Runner children, forked ahead of time: a run waits for a free one, and a child that may be stained is replaced. */
import { setTimeout as delay } from "node:timers/promises";
import type { EngineEvent, EngineStatistics, Run, RunOptions, RunResult, Step } from "../engine.ts";
import { countChanges } from "../sandbox/run-record.ts";
import type { ChildOptions, Inspection } from "./messages.ts";
import { RunnerGoneError, startRunner, type Runner, type RunnerLimits } from "./runner.ts";

export interface PoolOptions extends RunnerLimits {
  /** How many children: about one a core. */
  children: number;
  child: ChildOptions;
  /** A child is replaced after so many runs, or when it has grown this large. */
  maximumRuns: number;
  maximumMegabytes: number;
  /** Told when a child cannot start or ends by itself. */
  onTrouble: (message: string) => void;
}

export interface RunnerPool {
  run(run: Run, options: RunOptions): Promise<RunResult>;
  ready(): { ready: boolean; detail: string };
  statistics(): EngineStatistics;
  close(): Promise<void>;
}

interface Slot {
  runner: Runner;
  runs: number;
  state: keyof EngineStatistics;
}

interface Waiting {
  take: (slot: Slot) => void;
  giveUp: (error: Error) => void;
}

const restartPauseMilliseconds = 1_000;
/** After so many children in a row that could not start, waiting runs are told. */
const startsBeforeGivingUp = 3;

export function createRunnerPool(options: PoolOptions): RunnerPool {
  const alive = new Set<Slot>();
  const idle: Slot[] = [];
  const waiting: Waiting[] = [];
  const starting = new Set<Promise<void>>();
  const closing = new AbortController();
  let failedStarts = 0;
  let lastTrouble = "";

  const offer = (slot: Slot): void => {
    const next = waiting.shift();
    slot.state = next ? "busy" : "idle";
    if (next) next.take(slot);
    else idle.push(slot);
  };

  const trouble = (message: string): void => {
    lastTrouble = message;
    options.onTrouble(message);
  };

  const launch = (): void => {
    if (closing.signal.aborted) return;
    const slot: Slot = { runner: startRunner(options.child, options), runs: 0, state: "starting" };
    alive.add(slot);
    const start = settle(slot).finally(() => starting.delete(start));
    starting.add(start);
  };

  async function settle(slot: Slot): Promise<void> {
    try {
      await slot.runner.ready;
    } catch (error) {
      alive.delete(slot);
      if (closing.signal.aborted) return;
      trouble(error instanceof Error ? error.message : String(error));
      await retryStart();
      return;
    }
    failedStarts = 0;
    watch(slot);
    offer(slot);
  }

  async function retryStart(): Promise<void> {
    failedStarts += 1;
    if (failedStarts >= startsBeforeGivingUp)
      for (const { giveUp } of waiting.splice(0)) giveUp(new Error(`No runner can be started. ${lastTrouble}`));
    await delay(restartPauseMilliseconds, undefined, { signal: closing.signal, ref: false }).catch(ignoreAbort);
    launch();
  }

  /** Closing ends the pause; anything else is a fault of ours. */
  const ignoreAbort = (error: unknown): void => {
    if (!closing.signal.aborted) throw error;
  };

  /** An idle child that ends is replaced; one that runs is its run's concern. */
  const watch = (slot: Slot): void =>
    void slot.runner.gone.then((detail) => {
      const index = idle.indexOf(slot);
      alive.delete(slot);
      if (index === -1 || closing.signal.aborted) return;
      idle.splice(index, 1);
      trouble(detail);
      launch();
    });

  const acquire = (): Promise<Slot> => {
    if (closing.signal.aborted) return Promise.reject(new Error("The engine is closed."));
    const slot = idle.shift();
    if (slot) {
      slot.state = "busy";
      return Promise.resolve(slot);
    }
    return new Promise((take, giveUp) => waiting.push({ take, giveUp }));
  };

  /** Replaces a child; the new one starts while the old one ends. */
  const retire = (slot: Slot): void => {
    slot.state = "stopping";
    launch();
    const stopped = slot.runner.stop().finally(() => {
      alive.delete(slot);
      starting.delete(stopped);
    });
    starting.add(stopped);
  };

  async function inspectAfresh(stack: string): Promise<Inspection> {
    const slot = await acquire();
    try {
      return await slot.runner.inspect(stack);
    } finally {
      offer(slot);
    }
  }

  /** What came of a run whose process ended: told by its events, and by the checkpoint that it left. */
  async function resultOfCrash(run: Run, events: readonly EngineEvent[], reason: string): Promise<RunResult> {
    const applied = events.some(({ type }) => type === "apply.started");
    const steps = events.flatMap((event): Step[] => (event.type === "resource.done" ? [event.step] : []));
    const { resources, outputs, pending } = await inspectAfresh(run.stack);
    const detail = [reason, applied ? (pending ?? "Steps may have been applied.") : "Nothing was applied."].join(" ");
    return {
      outcome: applied ? "needs_recovery" : "failed",
      steps,
      changes: countChanges(steps),
      planDigest: null,
      outputs,
      diagnostics: events.flatMap((event) => (event.type === "diagnostic" ? [event.diagnostic] : [])),
      resources,
      pending: [],
      problem: { code: applied ? "recovery_required" : "engine_failed", detail, urn: null },
    };
  }

  for (let count = 0; count < options.children; count += 1) launch();

  return {
    run: async (run, { onEvent, signal, kill }) => {
      const slot = await acquire();
      const events: EngineEvent[] = [];
      const record = (event: EngineEvent): void => {
        events.push(event);
        onEvent(event);
      };
      try {
        const { result, reusable, megabytes } = await slot.runner.run(run, { onEvent: record, signal, kill });
        slot.runs += 1;
        const worn = slot.runs >= options.maximumRuns || megabytes >= options.maximumMegabytes;
        if (reusable && !worn && !closing.signal.aborted) offer(slot);
        else retire(slot);
        return result;
      } catch (error) {
        retire(slot);
        if (!(error instanceof RunnerGoneError)) throw error;
        trouble(error.message);
        return resultOfCrash(run, events, error.message);
      }
    },
    ready: () => {
      if (closing.signal.aborted) return { ready: false, detail: "The engine is closed." };
      if (failedStarts > 0) return { ready: false, detail: `Runners do not start: ${lastTrouble}` };
      const busy = alive.size - idle.length;
      return { ready: alive.size > 0, detail: `${idle.length} runners are free, ${busy} are starting or at work.` };
    },
    statistics: () => {
      const counts: EngineStatistics = { starting: 0, idle: 0, busy: 0, stopping: 0 };
      for (const { state } of alive) counts[state] += 1;
      return counts;
    },
    close: async () => {
      closing.abort();
      for (const { giveUp } of waiting.splice(0)) giveUp(new Error("The engine is closed."));
      await Promise.all([...alive].map((slot) => slot.runner.stop()));
      await Promise.allSettled(starting);
    },
  };
}
