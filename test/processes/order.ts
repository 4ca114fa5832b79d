/** Whether the operations of each stack ran one at a time and in the order in which they were accepted. */
import type pg from "pg";

interface Ran {
  id: string;
  stack: string;
  kind: string;
  /** A recovery goes before what waits. */
  recovery: boolean;
  startedAt: Date;
  finishedAt: Date;
}

const shown = ({ kind, id, startedAt, finishedAt }: Ran): string =>
  `${kind} ${id} (${startedAt.toISOString()} to ${finishedAt.toISOString()})`;

/** Sentences for each two operations of a stack that overlapped or overtook each other. One canceled before it began never ran. */
export async function outOfOrder(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Ran>(
    `select id, stack, kind, recovers is not null as recovery, started_at as "startedAt", finished_at as "finishedAt"
     from gatehouse.operations
     where started_at is not null and finished_at is not null
     order by stack, sequence`,
  );
  const accepted = rows.filter(({ recovery }) => !recovery);
  const begun = rows.toSorted((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
  return [
    ...pairs(accepted)
      .filter(([before, after]) => after.startedAt < before.startedAt)
      .map(([before, after]) => `${before.stack}: ${shown(after)} overtook ${shown(before)}`),
    ...pairs(begun)
      .filter(([before, after]) => after.startedAt < before.finishedAt)
      .map(([before, after]) => `${before.stack}: ${shown(before)} and ${shown(after)} ran at once`),
  ];
}

/** Each operation with the next one of its stack, in the order given. */
const pairs = (operations: readonly Ran[]): [Ran, Ran][] =>
  [...Map.groupBy(operations, ({ stack }) => stack).values()].flatMap((ofStack) =>
    ofStack.slice(1).map((after, index): [Ran, Ran] => [ofStack[index] ?? after, after]),
  );

/** How many operations ended in which way, by kind; with the code and the beginning of what their problem says. */
export async function outcomes(
  client: pg.Client,
): Promise<{ kind: string; status: string; code: string; count: number }[]> {
  const { rows } = await client.query<{ kind: string; status: string; code: string; count: number }>(
    `select kind, status, coalesce((problem ->> 'code') || ': ' || left(problem ->> 'detail', 80), '') as code, count(*)::integer as count
     from gatehouse.operations group by 1, 2, 3 order by 1, 2, 3`,
  );
  return rows;
}
