/** Timers that a test moves forward. */
import type { Timers } from "../../service/usecases/timers.ts";

export interface FakeTimers extends Timers {
  /** Lets so many milliseconds pass, with every callback that falls due on the way, each after what it waits for. */
  pass(milliseconds: number): Promise<void>;
  /** How many callbacks wait. */
  waiting(): number;
}

export const createFakeTimers = (): FakeTimers => {
  let time = 0;
  const due = new Map<() => void, number>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    elapsed: () => time,
    after: (milliseconds, callBack) => {
      const entry = () => callBack();
      due.set(entry, time + milliseconds);
      return () => void due.delete(entry);
    },
    pass: async (milliseconds) => {
      const end = time + milliseconds;
      for (;;) {
        const [next] = [...due].filter(([, at]) => at <= end).sort(([, one], [, other]) => one - other);
        if (next === undefined) break;
        const [entry, at] = next;
        time = Math.max(time, at);
        due.delete(entry);
        entry();
        await settle();
      }
      time = end;
      await settle();
    },
    waiting: () => due.size,
  };
};
