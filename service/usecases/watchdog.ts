import type { StopControl } from "./stop-control.ts";
import type { Timers } from "./timers.ts";

/** What a run may take. */
export interface RunLimits {
  /** From its claim to its end. */
  operationSeconds: number;
  /** Without an event of the engine. A program that hangs prints and prints, but has no events. */
  silenceSeconds: number;
  /** From being told to stop to being ended. */
  graceSeconds: number;
}

export interface Watchdog {
  /** Something was heard of the run. */
  heard(): void;
  end(): void;
}

/** Stops a run that takes too long, or of which nothing is heard for too long. */
export const watchRun = (timers: Timers, limits: RunLimits, control: StopControl): Watchdog => {
  const grace = limits.graceSeconds * 1000;
  const silence = limits.silenceSeconds * 1000;
  let last = timers.elapsed();
  let cancelSilence = (): void => undefined;
  const listenFor = (milliseconds: number): void => {
    cancelSilence = timers.after(milliseconds, () => {
      const quiet = timers.elapsed() - last;
      if (quiet >= silence) control.stop("silence", grace);
      else listenFor(silence - quiet);
    });
  };
  listenFor(silence);
  const cancelWallClock = timers.after(limits.operationSeconds * 1000, () => control.stop("wall_clock", grace));
  return {
    heard: () => {
      last = timers.elapsed();
    },
    end: () => {
      cancelSilence();
      cancelWallClock();
    },
  };
};
