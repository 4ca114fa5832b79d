import type { ResourceProvider } from "../../cloud/provider.ts";

/** Lets so many callers in at once; the others wait in the order in which they came. */
const turnstile = (places: number): (<Result>(work: () => Promise<Result>) => Promise<Result>) => {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes just now gets in front.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};

/**
 * A provider of which so many calls are under way at once at most, as Pulumi's `--parallel` bounds the resources that it works
 * on. `null` bounds nothing.
 */
export const boundedProvider = (provider: ResourceProvider, parallelism: number | null): ResourceProvider => {
  if (parallelism === null) return provider;
  const bounded = turnstile(parallelism);
  return {
    check: provider.check,
    diff: provider.diff,
    findCreated: (...given) => bounded(() => provider.findCreated(...given)),
    create: (...given) => bounded(() => provider.create(...given)),
    read: (...given) => bounded(() => provider.read(...given)),
    update: (...given) => bounded(() => provider.update(...given)),
    delete: (...given) => bounded(() => provider.delete(...given)),
    invoke: (...given) => bounded(() => provider.invoke(...given)),
  };
};
