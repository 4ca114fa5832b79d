import type { Progress } from "../../domain/operation.ts";
import type { EngineEvent } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { Dependencies } from "../dependencies.ts";
import { createEventBuffer } from "./events-buffer.ts";
import { logFailure } from "../log-failure.ts";

interface ProgressReporter {
  report(event: EngineEvent): void;
  /** Resolves when the last write has been made. */
  settled(): Promise<void>;
}

/**
 * Keeps the operation's progress and events while its engine runs. They come faster than rows are written: each write takes
 * the newest state and all events that wait, so a slow database slows nothing down.
 */
export const progressReporter = (dependencies: Dependencies, { id, attempt }: OperationRow): ProgressReporter => {
  const { store, now } = dependencies;
  let progress: Progress = { done: 0, total: 0, current: null };
  let applyStarted = false;
  const events = createEventBuffer();
  let pending = false;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    pending = false;
    const taken = events.take();
    const change = { progress, ...(applyStarted ? { applyStartedAt: now() } : {}) };
    try {
      await store.events.append(id, attempt, taken, change);
    } catch (error) {
      events.giveBack(taken);
      throw error;
    }
    if ("applyStartedAt" in change) applyStarted = false;
  };
  const schedule = (): void => {
    if (pending) return;
    pending = true;
    // A write that fails is reported and not fatal: the result's own write, or the next claim, tells the truth.
    writing = writing.then(write).catch((error: unknown) => {
      logFailure(dependencies, "warn", { operation: id }, error, "progress was not recorded");
    });
  };

  return {
    report: (event) => {
      if (event.type === "apply.started") applyStarted = true;
      else progress = after(progress, event);
      events.add(event);
      schedule();
    },
    settled: () => writing,
  };
};

const after = (progress: Progress, event: EngineEvent): Progress => {
  switch (event.type) {
    case "plan.done": {
      const { same, ...changes } = event.changes;
      return { ...progress, total: Object.values(changes).reduce((sum, count) => sum + count, 0) };
    }
    case "resource.started":
      return { ...progress, current: `${event.step.op} ${event.step.name}` };
    case "resource.done":
      return event.step.op === "same" ? progress : { ...progress, done: progress.done + 1 };
    default:
      return progress;
  }
};
