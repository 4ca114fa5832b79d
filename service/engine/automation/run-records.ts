/** CLI processes and begun writes, noted in PostgreSQL before they happen (`0013-automation.sql`). */
import type { PendingResource, Run } from "../engine.ts";
import type { SessionIdentity } from "./process-session.ts";
import type { Connection } from "./stack-record.ts";
import type { ToldStep } from "./told-steps.ts";

/** A CLI process of a run that was not seen to end. */
export interface RecordedProcess extends SessionIdentity {
  id: string;
  fence: number;
  operationId: string;
  kind: Run["kind"];
  workDirectory: string;
}

/** Notes a CLI process; nothing of it runs before this has resolved. */
export async function recordProcess(
  connection: Connection,
  process: RecordedProcess & { stack: string; startedAt: Date },
): Promise<void> {
  const { id, stack, fence, operationId, kind, host, bootId, pid, startTime, session, workDirectory, startedAt } =
    process;
  await connection.query(
    `insert into automation.processes
       (id, stack, fence, operation_id, kind, host, boot_id, pid, start_time, session, work_directory, started_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [id, stack, fence, operationId, kind, host, bootId, pid, startTime, session, workDirectory, startedAt],
  );
}

/** The whole session was seen to be gone. */
export async function recordProcessEnd(connection: Connection, id: string, endedAt: Date): Promise<void> {
  await connection.query("update automation.processes set ended_at = $2 where id = $1 and ended_at is null", [
    id,
    endedAt,
  ]);
}

/** CLI processes of a stack that nobody saw end, oldest first. */
export async function livingProcesses(connection: Connection, stack: string): Promise<RecordedProcess[]> {
  const { rows } = await connection.query<RecordedProcess>(
    `select id, fence::int as fence, operation_id as "operationId", kind, host, boot_id as "bootId", pid,
       start_time as "startTime", session, work_directory as "workDirectory"
     from automation.processes where stack = $1 and ended_at is null order by started_at`,
    [stack],
  );
  return rows;
}

const kinds: Readonly<Record<string, PendingResource["kind"]>> = {
  create: "creating",
  "create-replacement": "creating",
  import: "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
};

export const pendingKind = ({ op }: Pick<ToldStep, "op">): PendingResource["kind"] => kinds[op] ?? "updating";

export interface BegunWrite extends PendingResource {
  id: string | null;
  /** The step as the CLI told it. */
  draft: ToldStep | null;
  startedAt: Date;
}

/** Writes of a stack whose end nobody knows. */
export async function begunWrites(connection: Connection, stack: string): Promise<BegunWrite[]> {
  const { rows } = await connection.query<BegunWrite>(
    `select urn, type, kind, id, draft, started_at as "startedAt" from automation.begun_writes
     where stack = $1 order by started_at, urn`,
    [stack],
  );
  return rows;
}

export interface WriteLog {
  begun(step: ToldStep): void;
  ended(step: ToldStep): void;
  /** Resolves when everything is kept. @throws what the database said */
  settled(): Promise<void>;
}

/** Keeps begun writes while the CLI tells of them, one after the other. */
export function createWriteLog(connection: Connection, run: Run, now: () => Date): WriteLog {
  let last: Promise<unknown> = Promise.resolve();
  const then = (work: () => Promise<unknown>): void => {
    last = last.then(work);
    // `settled` tells.
    last.catch(() => undefined);
  };
  const { stack, operationId, fence } = run;
  return {
    begun: (step) => {
      const values = [step.urn, operationId, fence, step.type, pendingKind(step), step.old?.id ?? null];
      const startedAt = now();
      then(() =>
        connection.query(
          `insert into automation.begun_writes (stack, urn, operation_id, fence, type, kind, id, draft, started_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (stack, urn, kind) do update set
             operation_id = excluded.operation_id, fence = excluded.fence, draft = excluded.draft,
             id = excluded.id, started_at = excluded.started_at`,
          [stack, ...values, JSON.stringify(step), startedAt],
        ),
      );
    },
    ended: (step) =>
      then(() =>
        connection.query(
          "delete from automation.begun_writes where stack = $1 and urn = $2 and kind = $3 and fence = $4",
          [stack, step.urn, pendingKind(step), fence],
        ),
      ),
    settled: async () => void (await last),
  };
}
