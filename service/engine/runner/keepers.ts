/** Something that a child keeps for the up that follows its preview. */
interface Keeping<Child> {
  child: Child;
  /** Operation of the preview that began it. */
  preview: string;
  released: PromiseWithResolvers<void>;
}

/**
 * Children that keep something for an up, by stack. No other stack's run takes such a child from it: the up comes at once, or what
 * is kept is let go.
 */
interface Keepers<Child> {
  keep(stack: string, child: Child, preview: string): void;
  /** Forgets what a child keeps; false when it keeps nothing. */
  forget(child: Child): boolean;
  /** The child that keeps something on the stack: whatever comes next there is its to do, or it has to let go first. */
  take(stack: string): Child | null;
  /** Who keeps something for the up of a preview, and when that is released; `null`: nobody does. */
  of(preview: string): { child: Child; released: Promise<void> } | null;
}

/** Nobody keeps anything yet. */
export function createKeepers<Child>(): Keepers<Child> {
  const kept = new Map<string, Keeping<Child>>();
  const forget = (child: Child): boolean => {
    for (const [stack, entry] of kept) {
      if (entry.child !== child) continue;
      kept.delete(stack);
      entry.released.resolve();
      return true;
    }
    return false;
  };
  return {
    keep: (stack, child, preview) => void kept.set(stack, { child, preview, released: Promise.withResolvers() }),
    forget,
    take: (stack) => {
      const { child } = kept.get(stack) ?? { child: null };
      if (child !== null) forget(child);
      return child;
    },
    of: (preview) => {
      const entry = [...kept.values()].find((each) => each.preview === preview);
      return entry === undefined ? null : { child: entry.child, released: entry.released.promise };
    },
  };
}
