/** Timings of one thing done many times in a row, in milliseconds. */
export interface Timings {
  median: number;
  p95: number;
  count: number;
}

const percentile = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Does both in turn, so that a machine whose speed drifts slows both alike; the first rounds are not counted. */
export const measureInTurn = async (
  things: Record<string, () => Promise<void>>,
  { rounds, warmUp }: { rounds: number; warmUp: number },
): Promise<Record<string, Timings>> => {
  const samples = new Map<string, number[]>(Object.keys(things).map((name) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round += 1)
    for (const [name, work] of Object.entries(things)) {
      const started = performance.now();
      await work();
      if (round >= warmUp) samples.get(name)?.push(performance.now() - started);
    }
  return Object.fromEntries(
    [...samples].map(([name, times]) => {
      const sorted = times.toSorted((one, other) => one - other);
      return [name, { median: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), count: sorted.length }];
    }),
  );
};
