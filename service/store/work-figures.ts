import { sql } from "drizzle-orm";
import { operations, stacks } from "../db/schema.ts";
import type { Queryable } from "./queryable.ts";

/** One of Identity Center's limits over all runs: docs/identity-center-budget.md. */
interface LimitFigures {
  name: "requests" | "assignments" | "provisionings" | "store_requests";
  /** What runs may hold of it at once. */
  budget: number;
  held: number;
  /** Operations that wait, and need more of it than is free. */
  waiting: number;
}

/** How much work there is: for metrics. */
interface WorkFigures {
  queued: number;
  running: number;
  /** When the operation that waits longest was accepted; null when none waits. */
  oldestQueuedAt: Date | null;
  stacksNeedingRecovery: number;
  /** Stacks of which the last look found something otherwise than it was applied. */
  stacksWithDrift: number;
  identityCenter: LimitFigures[];
}

/** Looks at what is not over only, over partial indexes: the history's length does not matter. */
export const readWorkFigures = async (database: Queryable): Promise<WorkFigures> => {
  const count = sql<number>`count(*)::integer`;
  const { rows } = await database.execute<{
    queued: number;
    running: number;
    oldest: number | null;
    recovery: number;
    drift: number;
  }>(sql`
    select
      (select ${count} from ${operations} where status = 'queued') as queued,
      (select ${count} from ${operations} where status = 'running') as running,
      (select extract(epoch from min(created_at))::float8 from ${operations} where status = 'queued') as oldest,
      (select ${count} from ${stacks} where status = 'needs_recovery') as recovery,
      (select ${count} from ${stacks} where (drift #> '{resources,0}') is not null) as drift`);
  const limits = await database.execute<Record<string, unknown> & LimitFigures>(
    sql`select name, budget, held, waiting from gatehouse.identity_center_figures`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("a select without a table gave no row");
  return {
    queued: row.queued,
    running: row.running,
    oldestQueuedAt: row.oldest === null ? null : new Date(row.oldest * 1000),
    stacksNeedingRecovery: row.recovery,
    stacksWithDrift: row.drift,
    identityCenter: limits.rows,
  };
};
