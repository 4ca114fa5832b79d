/** An engine whose runs of one kind a test begins, watches and ends. */
import { EventEmitter, once } from "node:events";
import { nothingDone, type Engine, type Run, type RunOptions, type RunResult } from "../../service/engine/engine.ts";

export interface SteeredRun {
  run: Run;
  options: RunOptions;
  /** Ends the run so. */
  end(result: Partial<RunResult>): void;
}

export interface SteeredEngine {
  engine: Engine;
  /** Resolves with the next run that began. */
  next(): Promise<SteeredRun>;
}

/** Steers the runs of `kind`; the others are `engine`'s. */
export const steered = (engine: Engine, kind: Run["kind"]): SteeredEngine => {
  const begun: SteeredRun[] = [];
  const events = new EventEmitter();
  return {
    engine: {
      ...engine,
      run: (run, options) =>
        run.kind === kind
          ? new Promise((resolve) => {
              begun.push({ run, options, end: (result) => resolve({ ...nothingDone(), ...result }) });
              events.emit("begun");
            })
          : engine.run(run, options),
    },
    next: async () => {
      if (begun.length === 0) await once(events, "begun");
      const run = begun.shift();
      if (run === undefined) throw new Error("no run has begun");
      return run;
    },
  };
};
