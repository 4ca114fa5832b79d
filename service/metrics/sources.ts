/** What is looked at when somebody asks for the metrics, rather than counted as it happens. */
import type { EngineStatistics } from "../engine/engine.ts";

/** The work that waits, as the database tells it: the same from every process. */
export interface WorkFigures {
  queued: number;
  running: number;
  /** Seconds since the operation that waits longest was accepted; 0 when none waits. */
  oldestQueuedSeconds: number;
  stacksNeedingRecovery: number;
  /** Stacks of which the last look found something otherwise than it was applied. */
  stacksWithDrift: number;
  /** Of each of Identity Center's limits what runs may hold, what they hold, and how many operations wait for more of it. */
  identityCenter: { name: string; budget: number; held: number; waiting: number }[];
}

/** Counts of a connection pool, as `pg.Pool` has them. */
interface PoolCounts {
  totalCount: number;
  idleCount: number;
  /** Callers that wait for a connection. */
  waitingCount: number;
}

export interface MetricSources {
  /** Rejects when the database does not answer. */
  work: () => Promise<WorkFigures>;
  pool: PoolCounts;
  engine: () => EngineStatistics;
}
