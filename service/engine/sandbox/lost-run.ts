/** What came of a run that gave no result: told by the checkpoint that it left, never by hope. */
import { setTimeout as delay } from "node:timers/promises";
import { isDatabaseUnavailable } from "../../database-unavailable.ts";
import type { Run, RunResult } from "../engine.ts";
import type { Loss } from "../runner/pool.ts";
import { loadCheckpoint, type CheckpointStore } from "./checkpoint.ts";
import { cutOff, doneSteps, findMarker } from "./fence.ts";
import { shownProperties } from "../pulumi/properties.ts";
import { wholeOperation } from "../resumption.ts";
import { pendingDetail, pendingResources, stepsOf } from "../run-result.ts";
import { stackResources } from "./stack-resources.ts";

/** How long to wait before a database that is away is asked again. */
const askAgainMilliseconds = 250;

/** Asks until the database answers. @throws Error when it is given up first */
async function persistently<Answer>(ask: () => Promise<Answer>, giveUp: AbortSignal): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      if (giveUp.aborted)
        throw new Error("What came of the run is not known: the database is away. Run the operation again.", {
          cause: error,
        });
      await delay(askAgainMilliseconds, undefined, { ref: false });
    }
  }
}

/** Previews and drift checks write nothing, and so hold nothing. */
const mayWrite = ({ kind }: Run): boolean => kind !== "preview" && kind !== "drift-check";

/**
 * Ends the run's hold of the stack, so that nothing of it that is still on its way gets through, and tells what it left.
 *
 * @throws Error when `giveUp` is aborted while the database is away
 */
export const lostRunTeller =
  (connection: CheckpointStore) =>
  (run: Run, loss: Loss, giveUp: AbortSignal): Promise<RunResult> =>
    persistently(async () => {
      const { stack, operationId } = run;
      if (mayWrite(run)) await cutOff(connection, { stack, number: run.fence });
      const checkpoint = await loadCheckpoint(connection, stack);
      const { resources, outputs, pending } = checkpoint;
      const marker = mayWrite(run) ? await findMarker(connection, stack, operationId) : null;
      const earlier = marker === null ? [] : await doneSteps(connection, stack, operationId);
      const held = new Set(resources.map(({ urn }) => urn));
      const inDoubt = mayWrite(run) && pending.length > 0;
      const done = marker === null ? "Nothing was applied." : "What was applied is recorded.";
      return {
        outcome: inDoubt ? "needs_recovery" : loss.outcome,
        ...stepsOf(marker === null ? [] : wholeOperation({ planned: marker.planned, earlier, now: [], held })),
        planDigest: null,
        drift: [],
        outputs: shownProperties(outputs),
        diagnostics: loss.diagnostics,
        resources: stackResources(resources),
        pending: pendingResources(pending),
        problem: {
          code: inDoubt ? "recovery_required" : loss.outcome,
          detail: `${loss.reason} ${inDoubt ? pendingDetail(pending) : done}`,
          urn: null,
          ...(inDoubt ? { cause: loss.reason } : {}),
        },
      };
    }, giveUp);
