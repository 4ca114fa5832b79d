/**
 * Reads that many want at once. Two hundred readers of one operation hear of its change in the same moment: most of them get
 * one query between them, and reads of this kind take a few of the pool's connections, whatever number of readers there are.
 *
 * @param atOnce how many reads run side by side at most; the others wait in their order.
 * @returns asks for the value by this name. Reads that wait are shared with whoever asks by the same name; one that has
 * begun is not, so an answer is never older than its question.
 */
export const shareReads = <Value>(atOnce: number): ((name: string, read: () => Promise<Value>) => Promise<Value>) => {
  const waiting = new Map<string, Promise<Value>>();
  const turns: (() => void)[] = [];
  let free = atOnce;

  const turn = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((begin) => turns.push(begin));
  };
  const begin = async (name: string, read: () => Promise<Value>): Promise<Value> => {
    await turn();
    waiting.delete(name);
    try {
      return await read();
    } finally {
      const next = turns.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };

  return (name, read) => {
    const shared = waiting.get(name);
    if (shared !== undefined) return shared;
    const next = begin(name, read);
    waiting.set(name, next);
    return next;
  };
};
