/**
 * Keeps what a run tells in the database, one after the other, while the run goes on and waits for none of it. What could not be
 * kept, as while the database is away, is tried again with what comes next and at the end: a CLI works on meanwhile, and what it
 * does after an outage has to be known like what it did before.
 */

export interface KeptInOrder<Item> {
  add(item: Item): void;
  /** Resolves when everything is kept. @throws Error of the database, where it is still away */
  settled(): Promise<void>;
}

/** @param keep May be done twice for an item: an answer may have been lost. */
export function keptInOrder<Item>(keep: (item: Item) => Promise<unknown>): KeptInOrder<Item> {
  const waiting = new Set<{ item: Item }>();
  let isKeeping = false;
  /** The newest pass: it never rejects, since nobody may wait for it yet, and gives why it ended early. */
  let pass: Promise<{ error: unknown } | null> = Promise.resolve(null);

  const keepWaiting = async (): Promise<{ error: unknown } | null> => {
    isKeeping = true;
    try {
      // What comes meanwhile is among them.
      for (const entry of waiting) {
        await keep(entry.item);
        waiting.delete(entry);
      }
      return null;
    } catch (error) {
      return { error };
    } finally {
      isKeeping = false;
    }
  };

  return {
    add: (item) => {
      waiting.add({ item });
      if (!isKeeping) pass = keepWaiting();
    },
    settled: async () => {
      while (isKeeping) await pass;
      pass = keepWaiting();
      const failure = await pass;
      if (failure !== null) throw failure.error;
    },
  };
}
