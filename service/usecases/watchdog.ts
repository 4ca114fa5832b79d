import type { StopControl } from "./stop-control.ts";
import type { Timers } from "./timers.ts";

/** What a run may take. */
export interface RunLimits {
  /** From its claim to its end, beside what it waited at the gate. */
  operationSeconds: number;
  /** Without an event of the engine. A program that hangs prints and prints, but has no events. */
  silenceSeconds: number;
  /** From being told to stop to being ended. */
  graceSeconds: number;
}

interface Watchdog {
  /** Something was heard of the run. */
  heard(): void;
  /** Nothing of this wait counts: the run is held up by others. Gives what the wait gives. */
  heldUp<Result>(wait: Promise<Result>): Promise<Result>;
  end(): void;
}

/** Stops a run that takes too long, or of which nothing is heard for too long. */
export const watchRun = (timers: Timers, limits: RunLimits, control: StopControl): Watchdog => {
  const grace = limits.graceSeconds * 1000;
  const silence = limits.silenceSeconds * 1000;
  let left = limits.operationSeconds * 1000;
  let since = timers.elapsed();
  let last = since;
  let ended = false;
  let cancelSilence = (): void => undefined;
  let cancelWallClock = (): void => undefined;
  const listenFor = (milliseconds: number): void => {
    cancelSilence = timers.after(milliseconds, () => {
      const quiet = timers.elapsed() - last;
      if (quiet >= silence) control.stop("silence", grace);
      else listenFor(silence - quiet);
    });
  };
  const halt = (): void => {
    cancelSilence();
    cancelWallClock();
  };
  const goOn = (): void => {
    since = last = timers.elapsed();
    listenFor(silence);
    cancelWallClock = timers.after(left, () => control.stop("wall_clock", grace));
  };
  goOn();
  return {
    heard: () => {
      last = timers.elapsed();
    },
    heldUp: async (wait) => {
      halt();
      left = Math.max(0, left - (timers.elapsed() - since));
      try {
        return await wait;
      } finally {
        if (!ended) goOn();
      }
    },
    end: () => {
      ended = true;
      halt();
    },
  };
};
