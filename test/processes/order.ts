/** Whether the operations of each stack ran one at a time and in the order in which they were accepted. */
import type pg from "pg";

interface Ran {
  id: string;
  stack: string;
  kind: string;
  startedAt: Date;
  finishedAt: Date;
}

/** Sentences for each two operations of a stack that overlapped or overtook each other. Those canceled before they began ran never. */
export async function outOfOrder(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Ran>(
    `select id, stack, kind, started_at as "startedAt", finished_at as "finishedAt"
     from gatehouse.operations
     where started_at is not null and finished_at is not null
     order by stack, sequence`,
  );
  return rows.flatMap((operation, index) => {
    const before = rows[index - 1];
    if (before?.stack !== operation.stack || operation.startedAt >= before.finishedAt) return [];
    return [
      `${operation.stack}: ${operation.kind} ${operation.id} began at ${operation.startedAt.toISOString()}, and ` +
        `${before.kind} ${before.id}, accepted before it, ended at ${before.finishedAt.toISOString()}`,
    ];
  });
}

/** How many operations ended in which way, by kind. */
export async function outcomes(
  client: pg.Client,
): Promise<{ kind: string; status: string; code: string; count: number }[]> {
  const { rows } = await client.query<{ kind: string; status: string; code: string; count: number }>(
    `select kind, status, coalesce(problem ->> 'code', '') as code, count(*)::integer as count
     from gatehouse.operations group by 1, 2, 3 order by 1, 2, 3`,
  );
  return rows;
}
