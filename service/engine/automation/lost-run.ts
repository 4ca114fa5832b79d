/** What came of a run whose child gave no result: its CLI is ended first, so that nothing of it goes on. */
import type { PendingResource, Run, RunResult } from "../engine.ts";
import type { Loss } from "../runner/pool.ts";
import { wholeOperation } from "../sandbox/resumption.ts";
import { loadBegunWrites } from "./begun-writes.ts";
import { doneSteps, findMarker } from "./fence.ts";
import { endLeftProcesses } from "./leftovers.ts";
import { pendingDetail, stepsOf } from "./run-result.ts";
import { findStackRecord, type Connection } from "./stack-record.ts";

/** Tells it. @throws Error when the database is away, or the CLI cannot be ended */
export const lostRunTeller =
  (connection: Connection, now: () => Date) =>
  async (run: Run, loss: Loss): Promise<RunResult> => {
    const { stack, operationId, fence } = run;
    await endLeftProcesses({ connection, stack, upToFence: fence, now, graceMilliseconds: 0 });
    const record = await findStackRecord(connection, stack);
    const pending: PendingResource[] = (await loadBegunWrites(connection, stack)).map(({ urn, type, kind }) => ({
      urn,
      type,
      kind,
    }));
    const marker = run.kind === "preview" ? null : await findMarker(connection, stack, operationId);
    const earlier = marker === null ? [] : await doneSteps(connection, stack, operationId);
    const held = new Set((record?.resources ?? []).map(({ urn }) => urn));
    const inDoubt = run.kind !== "preview" && pending.length > 0;
    const done = marker === null ? "Nothing was applied." : "What was applied is recorded.";
    return {
      outcome: inDoubt ? "needs_recovery" : loss.outcome,
      ...stepsOf(marker === null ? [] : wholeOperation({ planned: marker.planned, earlier, now: [], held })),
      planDigest: null,
      drift: [],
      outputs: record?.outputs ?? {},
      diagnostics: loss.diagnostics,
      resources: record?.resources ?? [],
      pending,
      problem: {
        code: inDoubt ? "recovery_required" : loss.outcome,
        detail: `${loss.reason} ${inDoubt ? pendingDetail(pending) : done}`,
        urn: null,
      },
    };
  };
