/** CLI processes, noted in PostgreSQL before they run anything (`0013-automation.sql`). */
import type { Run } from "../../engine.ts";
import type { SessionIdentity } from "./process-session.ts";
import type { Connection } from "../../connection.ts";

/** A CLI process of a run. */
export interface RecordedProcess extends SessionIdentity {
  id: string;
  fence: number;
  operationId: string;
  kind: Run["kind"];
  workDirectory: string;
  startedAt: Date;
}

/** A newer run has begun on the stack: this one may start nothing that changes it. */
export class OvertakenError extends Error {
  constructor(stack: string) {
    super(`A newer run has begun on ${stack}, so this one may not change it.`);
    this.name = "OvertakenError";
  }
}

/** Whether a run of this kind changes nothing, whatever it starts. */
const isHarmless = (kind: Run["kind"]): boolean => kind === "preview" || kind === "drift-check";

// The lock makes a newer run's begin wait: either it finds this process and ends it, or this process is not started.
const recordQuery = `
  with held as (select fence from automation.fences where stack = $2 for share)
  insert into automation.processes
    (id, stack, fence, operation_id, kind, host, boot_id, pid, start_time, session, work_directory, started_at)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
  where $13 or coalesce((select max(fence) from held), 0) <= $3
  returning id`;

/**
 * Notes a CLI process; nothing of it runs before this has resolved.
 *
 * @throws OvertakenError for one that would change a stack on which a newer run has begun
 */
export async function recordProcess(
  connection: Connection,
  process: RecordedProcess & { stack: string },
): Promise<void> {
  const { id, stack, fence, operationId, kind, host, bootId, pid, startTime, session, workDirectory, startedAt } =
    process;
  const parameters = [
    id,
    stack,
    fence,
    operationId,
    kind,
    host,
    bootId,
    pid,
    startTime,
    session,
    workDirectory,
    startedAt,
  ];
  const { rows } = await connection.query(recordQuery, [...parameters, isHarmless(kind)]);
  if (rows.length === 0) throw new OvertakenError(stack);
}

const leftQuery = `
  select id, fence::float8 as fence, operation_id as "operationId", kind, host, boot_id as "bootId", pid,
    start_time as "startTime", session, work_directory as "workDirectory", started_at as "startedAt"
  from automation.processes where stack = $1 and fence <= $2 and ended_at is null order by started_at`;

/** Processes of a stack's runs up to a fence that were not seen to be gone, oldest first. */
export async function leftProcesses(
  connection: Connection,
  stack: string,
  upToFence: number,
): Promise<RecordedProcess[]> {
  return (await connection.query<RecordedProcess>(leftQuery, [stack, upToFence])).rows;
}

/**
 * When the last operation of a stack that may write began, in the first of its runs; `null` when none is known of. Later runs of
 * it may only have looked at what the first one left.
 */
export async function lastWritingOperation(connection: Connection, stack: string): Promise<Date | null> {
  const { rows } = await connection.query<{ startedAt: Date | null }>(
    `select min(started_at) as "startedAt" from automation.processes
     where stack = $1 and operation_id = (
       select operation_id from automation.processes where stack = $1 and kind in ('up', 'destroy')
       order by started_at desc limit 1)`,
    [stack],
  );
  return rows[0]?.startedAt ?? null;
}

/** The whole session was seen to be gone. */
export async function recordProcessEnd(connection: Connection, id: string, endedAt: Date): Promise<void> {
  await connection.query("update automation.processes set ended_at = $2 where id = $1 and ended_at is null", [
    id,
    endedAt,
  ]);
}

/** A process of one run is another's from now on: whoever ends what earlier runs left does not mean it. */
export async function handOverProcess(
  connection: Connection,
  { stack, fence: from }: Pick<Run, "stack" | "fence">,
  { fence, operationId, kind }: Pick<Run, "fence" | "operationId" | "kind">,
): Promise<void> {
  await connection.query(
    `update automation.processes set fence = $3, operation_id = $4, kind = $5
     where stack = $1 and fence = $2 and ended_at is null`,
    [stack, from, fence, operationId, kind],
  );
}
