/** Time that passes, as a port: leases and watchdogs are tested without waiting. */
export interface Timers {
  /** Milliseconds of a clock that only goes forward. It may stand still while the process is stopped, or not. */
  elapsed(): number;
  /** Calls back once after so many milliseconds, unless the function that it gives is called before. */
  after(milliseconds: number, callBack: () => void): () => void;
}

/** Node's own. A timer keeps no process alive: the work that it watches does. */
export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after: (milliseconds, callBack) => {
    const timer = setTimeout(callBack, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
