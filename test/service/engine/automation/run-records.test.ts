/** CLI processes are noted before they run, and not at all where a newer run has begun. */
import { randomUUID } from "node:crypto";
import { beginRun } from "../../../../service/engine/automation/run/fence.ts";
import { OvertakenError, recordProcess } from "../../../../service/engine/automation/process/run-records.ts";
import type { RunKind } from "../../../../service/engine/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { until } from "../../../support/until.ts";

describe("the note of a CLI process", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const record = (stack: string, fence: number, kind: RunKind): Promise<void> =>
    recordProcess(database.pool, {
      ...{ id: randomUUID(), stack, fence, kind, operationId: "operation", workDirectory: "/runs/a" },
      ...{ host: "host", bootId: "boot", pid: 1, startTime: "1", session: 1, startedAt: new Date() },
    });

  it("is refused to a run that was overtaken, unless it writes nothing", async () => {
    await beginRun(database.pool, { stack: "a", number: 5 }, "newer");
    for (const kind of ["up", "destroy", "refresh", "recover"] as const)
      await expect(record("a", 4, kind)).rejects.toThrow(OvertakenError);
    for (const kind of ["preview", "drift-check"] as const) await expect(record("a", 4, kind)).resolves.toBeUndefined();
    await expect(record("a", 5, "refresh")).resolves.toBeUndefined();
    await expect(record("never-begun", 1, "up")).resolves.toBeUndefined();
  });

  it("waits for a newer run that is about to begin, which may have looked already for what is left", async () => {
    await beginRun(database.pool, { stack: "b", number: 1 }, "older");
    const newer = await database.pool.connect();
    try {
      await newer.query("begin");
      await beginRun(newer, { stack: "b", number: 2 }, "newer");
      const late = record("b", 1, "refresh").catch((error: unknown) => error);
      const waiting =
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1";
      await until(async () => (await database.pool.query(waiting)).rows.length > 0);
      await newer.query("commit");
      expect(await late).toBeInstanceOf(OvertakenError);
    } finally {
      newer.release();
    }
  });
});
