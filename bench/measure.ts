/** Timings of one thing done many times, in milliseconds. */
export interface Timings {
  median: number;
  p95: number;
  p99: number;
  count: number;
}

const percentile = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export function timingsOf(times: readonly number[]): Timings {
  const sorted = times.toSorted((one, other) => one - other);
  return {
    median: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    count: sorted.length,
  };
}

/** Does all of them in turn, so that a machine whose speed drifts slows all alike; the first rounds are not counted. */
export async function measureInTurn<Name extends string>(
  things: Record<Name, () => Promise<void>>,
  { rounds, warmUp }: { rounds: number; warmUp: number },
): Promise<Record<Name, Timings>> {
  const names = Object.keys(things) as Name[];
  const samples = new Map(names.map((name): [Name, number[]] => [name, []]));
  for (let round = 0; round < warmUp + rounds; round += 1)
    for (const name of names) {
      const started = performance.now();
      await things[name]();
      if (round >= warmUp) samples.get(name)?.push(performance.now() - started);
    }
  return Object.fromEntries([...samples].map(([name, times]) => [name, timingsOf(times)])) as Record<Name, Timings>;
}

/** Does something over and over in so many lanes until the time is over; gives how long each took. */
export async function measureFor(
  seconds: number,
  lanes: number,
  work: (lane: number, number: number) => Promise<void>,
): Promise<number[]> {
  const deadline = performance.now() + seconds * 1000;
  const times: number[] = [];
  const repeat = async (lane: number): Promise<void> => {
    for (let number = 0; performance.now() < deadline; number += 1) {
      const started = performance.now();
      await work(lane, number);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => repeat(lane)));
  return times;
}
