/** Runs that wait for a free child, in the order in which they came. */
interface WaitingRuns<Child> {
  /** Resolves with the child that a run is handed; with `null` when it is called off first. @throws Error when it is given up */
  wait(calledOff: AbortSignal): Promise<Child | null>;
  /** Hands a child to the run that came first; false when none waits. */
  hand(child: Child): boolean;
  /** No child will come: every run that waits is told. */
  giveUp(error: Error): void;
}

interface Waiting<Child> {
  take: (child: Child) => void;
  giveUp: (error: Error) => void;
}

/** A queue without anybody in it. */
export function createWaitingRuns<Child>(): WaitingRuns<Child> {
  const waiting: Waiting<Child>[] = [];
  return {
    wait: (calledOff) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(null);
        };
        const stay = (): void => calledOff.removeEventListener("abort", leave);
        const entry: Waiting<Child> = {
          take: (child) => {
            stay();
            resolve(child);
          },
          giveUp: (error) => {
            stay();
            reject(error);
          },
        };
        waiting.push(entry);
        calledOff.addEventListener("abort", leave, { once: true });
      }),
    hand: (child) => {
      const next = waiting.shift();
      next?.take(child);
      return next !== undefined;
    },
    giveUp: (error) => {
      for (const { giveUp } of waiting.splice(0)) giveUp(error);
    },
  };
}
