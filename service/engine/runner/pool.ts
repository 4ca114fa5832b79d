/** Runner children, forked ahead of time: a run waits for a free one, and a child that may be stained is replaced. */
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Diagnostic, EngineStatistics, Run, RunOptions, RunOutcome, RunResult } from "../engine.ts";
import { EngineUnavailable } from "../engine-unavailable.ts";
import { faultPoint } from "../../fault-points.ts";
import { createKeepers } from "./keepers.ts";
import type { ChildOptions, ChildState } from "./messages.ts";
import { RunnerGoneError, startRunner, type Runner, type RunnerLimits } from "./runner.ts";
import { createWaitingRuns } from "./waiting-runs.ts";

/** What a pool is made with. */
export interface PoolOptions extends RunnerLimits {
  /** How many children: about one a core, and none where nothing is ever run. */
  children: number;
  /** How many of them start at once; left out, one a core. */
  startsAtOnce?: number;
  child: ChildOptions;
  /** A child is replaced after so many runs, or when it has grown this large. */
  maximumRuns: number;
  maximumMegabytes: number;
  /**
   * What came of a run that gave no result, by the engine's own state; afterwards that run can write nothing any more.
   * Resolves when the state can be read: it waits while its database is away. @throws when `giveUp` is aborted meanwhile
   */
  resultOf: (run: Run, loss: Loss, giveUp: AbortSignal) => Promise<RunResult>;
  /** Told when a child cannot start or ends by itself. */
  onTrouble: (message: string) => void;
}

/** What is known of a run that gave no result. */
export interface Loss {
  /** What it ended as if nothing is in doubt. */
  outcome: Extract<RunOutcome, "canceled" | "interrupted">;
  /** What happened to its process, or why it got none: a sentence. */
  reason: string;
  /** What it told before. */
  diagnostics: Diagnostic[];
}

/** Children that take runs, as an engine uses them. */
interface RunnerPool {
  run(run: Run, options: RunOptions): Promise<RunResult>;
  /** Ends what a child keeps for the up that would follow this preview; see `Engine.letGo`. */
  letGo(preview: string): Promise<void>;
  ready(): { ready: boolean; detail: string };
  statistics(): EngineStatistics;
  close(): Promise<void>;
}

/** A child, and what it does now. */
interface Slot {
  runner: Runner;
  runs: number;
  state: keyof EngineStatistics;
}

const restartPauseMilliseconds = 1_000;
/** After so many children in a row that could not start, waiting runs are told. */
const startsBeforeGivingUp = 3;

/** Starts the children. A run waits until one is free. */
export function createRunnerPool(options: PoolOptions): RunnerPool {
  const alive = new Set<Slot>();
  const idle: Slot[] = [];
  const waiting = createWaitingRuns<Slot>();
  const keepers = createKeepers<Slot>();
  const starting = new Set<Promise<void>>();
  const closing = new AbortController();
  const active = new Set<Promise<unknown>>();
  /**
   * A start takes a core for two seconds. Children beyond that would take turns with the service and its database, which then
   * answer nobody in time, and none would be ready before the last.
   */
  const startsAtOnce = options.startsAtOnce ?? availableParallelism();
  let startsUnderWay = 0;
  let startsToCome = 0;
  let failedStarts = 0;
  let lastTrouble = "";

  const offer = (slot: Slot): void => {
    slot.state = "busy";
    if (waiting.hand(slot)) return;
    slot.state = "idle";
    idle.push(slot);
  };

  const trouble = (message: string): void => {
    lastTrouble = message;
    options.onTrouble(message);
  };

  const launch = (): void => {
    if (closing.signal.aborted) return;
    if (startsUnderWay >= startsAtOnce) {
      startsToCome += 1;
      return;
    }
    startsUnderWay += 1;
    const onReleased = (state: ChildState): void => release(slot, state);
    const slot: Slot = { runner: startRunner(options.child, options, { onReleased }), runs: 0, state: "starting" };
    alive.add(slot);
    const start = settle(slot).finally(() => starting.delete(start));
    starting.add(start);
  };

  const launchNext = (): void => {
    startsUnderWay -= 1;
    if (startsToCome === 0) return;
    startsToCome -= 1;
    launch();
  };

  async function settle(slot: Slot): Promise<void> {
    try {
      await slot.runner.ready.finally(launchNext);
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
      waiting.giveUp(new EngineUnavailable(`No runner can be started. ${lastTrouble}`));
    await delay(restartPauseMilliseconds, undefined, { signal: closing.signal, ref: false }).catch(ignoreAbort);
    launch();
  }

  /** Closing ends the pause; anything else is a fault of ours. */
  const ignoreAbort = (error: unknown): void => {
    if (!closing.signal.aborted) throw error;
  };

  /** A child keeps nothing any more, unless an up came for it in the same moment. */
  const release = (slot: Slot, state: ChildState): void => {
    if (keepers.forget(slot)) serveOn(slot, state);
  };

  const serveOn = (slot: Slot, { reusable, megabytes }: ChildState): void => {
    const worn = slot.runs >= options.maximumRuns || megabytes >= options.maximumMegabytes;
    if (reusable && !worn && !closing.signal.aborted) offer(slot);
    else retire(slot);
  };

  /** An idle child that ends is replaced; one that runs is its run's concern. */
  const watch = (slot: Slot): void =>
    void slot.runner.gone.then((detail) => {
      const index = idle.indexOf(slot);
      alive.delete(slot);
      const keeping = keepers.forget(slot);
      if ((index === -1 && !keeping) || closing.signal.aborted) return;
      if (!keeping) idle.splice(index, 1);
      trouble(detail);
      launch();
    });

  /** A free child; `null` when the run is called off before there is one. */
  async function acquire(stack: string, calledOff: AbortSignal): Promise<Slot | null> {
    if (closing.signal.aborted) throw new Error("The engine is closed.");
    if (calledOff.aborted) return null;
    const slot = keepers.take(stack) ?? idle.shift();
    if (slot) {
      slot.state = "busy";
      return slot;
    }
    return waiting.wait(calledOff);
  }

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

  async function perform(run: Run, runOptions: RunOptions): Promise<RunResult> {
    const { onEvent, signal, kill } = runOptions;
    const diagnostics: Diagnostic[] = [];
    const lost = (reason: string): Promise<RunResult> => {
      const outcome = signal.aborted || kill.aborted ? "canceled" : "interrupted";
      return options.resultOf(run, { outcome, reason, diagnostics }, AbortSignal.any([kill, closing.signal]));
    };
    const slot = await acquire(run.stack, AbortSignal.any([signal, kill]));
    if (slot === null) return lost("The run was canceled before it began.");
    try {
      const listen: RunOptions["onEvent"] = (event) => {
        if (event.type === "diagnostic") diagnostics.push(event.diagnostic);
        onEvent(event);
      };
      const { result, ...state } = await slot.runner.run(run, { ...runOptions, onEvent: listen });
      faultPoint("result-received");
      slot.runs += 1;
      if (state.kept && !closing.signal.aborted) {
        slot.state = "waiting";
        keepers.keep(run.stack, slot, run.operationId);
      } else serveOn(slot, state);
      return result;
    } catch (error) {
      retire(slot);
      if (!(error instanceof RunnerGoneError)) throw error;
      if (kill.aborted) return lost("The run was killed.");
      trouble(error.message);
      return lost(error.message);
    }
  }

  for (let count = 0; count < options.children; count += 1) launch();

  return {
    run: async (run, runOptions) => {
      const result = perform(run, runOptions);
      active.add(result);
      try {
        return await result;
      } finally {
        active.delete(result);
      }
    },
    letGo: async (preview) => {
      const keeper = keepers.of(preview);
      if (keeper === null) return;
      keeper.child.runner.letGo();
      await keeper.released;
    },
    ready: () => {
      if (closing.signal.aborted) return { ready: false, detail: "The engine is closed." };
      if (options.children === 0) return { ready: true, detail: "This process runs nothing itself." };
      // Why may name hosts and paths, and this is told to everybody: the log has it.
      if (failedStarts > 0) return { ready: false, detail: "Runners do not start; the log says why." };
      const busy = alive.size - idle.length;
      return { ready: alive.size > 0, detail: `${idle.length} runners are free, ${busy} are starting or at work.` };
    },
    statistics: () => {
      const counts: EngineStatistics = { starting: 0, idle: 0, busy: 0, waiting: 0, stopping: 0 };
      for (const { state } of alive) counts[state] += 1;
      return counts;
    },
    close: async () => {
      closing.abort();
      waiting.giveUp(new Error("The engine is closed."));
      await Promise.all([...alive].map((slot) => slot.runner.stop()));
      await Promise.allSettled(active);
      await Promise.allSettled(starting);
    },
  };
}
