/**
 * Keeps what a run tells in the database, one after the other, while the run goes on and waits for none of it. What could not be
 * kept, as while the database is away, is tried again before the next and at the end: a CLI works on meanwhile, and what it does
 * after an outage has to be known like what it did before.
 */

export interface KeptInOrder<Item> {
  add(item: Item): void;
  /** Resolves when everything is kept. @throws Error of the database, where it is still away */
  settled(): Promise<void>;
}

/** @param keep May be done twice for an item: an answer may have been lost. */
export function keptInOrder<Item>(keep: (item: Item) => Promise<unknown>): KeptInOrder<Item> {
  const waiting: Item[] = [];
  let keeping: Promise<void> = Promise.resolve();

  const keepAll = async (): Promise<void> => {
    for (const item of [...waiting]) {
      await keep(item);
      waiting.shift();
    }
  };
  const goOn = (): Promise<void> => {
    // Also after a failure: what it left is still waiting.
    keeping = keeping.then(keepAll, keepAll);
    return keeping;
  };

  return {
    add: (item) => {
      waiting.push(item);
      // Told by `settled`; a rejection that nobody waits for yet would end the process.
      goOn().catch(() => undefined);
    },
    settled: goOn,
  };
}
