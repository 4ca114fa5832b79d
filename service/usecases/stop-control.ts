import type { Timers } from "./timers.ts";

/**
 * Why a run is stopped, from the weakest to the strongest reason; a stronger one takes the place of a weaker.
 *
 * - `drain`: the worker goes; the operation goes on with another.
 * - `wall_clock`, `silence`: it took too long, or nothing was heard of it for too long.
 * - `cancel`: people asked for it.
 * - `lease_lost`: the operation is not this worker's any more, which must not write a thing.
 */
const stopReasons = ["drain", "silence", "wall_clock", "cancel", "lease_lost"] as const;
/** One of them. */
export type StopReason = (typeof stopReasons)[number];

/** How a run is told to stop: gracefully by one signal, at once by the other. */
export interface StopControl {
  readonly signal: AbortSignal;
  readonly kill: AbortSignal;
  reason(): StopReason | null;
  /** Lets running steps end; with a grace (milliseconds), ends at once after it. */
  stop(reason: StopReason, grace: number | null): void;
  /** Ends at once. */
  stopNow(reason: StopReason): void;
  /** The run is over: no timer is left. */
  end(): void;
}

/** The control of a run that nobody has stopped. */
export const createStopControl = (timers: Timers): StopControl => {
  const gentle = new AbortController();
  const hard = new AbortController();
  const killTimers: (() => void)[] = [];
  let strongest: StopReason | null = null;

  const note = (reason: StopReason): void => {
    if (strongest === null || stopReasons.indexOf(reason) > stopReasons.indexOf(strongest)) strongest = reason;
    gentle.abort();
  };
  return {
    signal: gentle.signal,
    kill: hard.signal,
    reason: () => strongest,
    stop: (reason, grace) => {
      note(reason);
      if (grace !== null) killTimers.push(timers.after(grace, () => hard.abort()));
    },
    stopNow: (reason) => {
      note(reason);
      hard.abort();
    },
    end: () => {
      for (const cancel of killTimers.splice(0)) cancel();
    },
  };
};
