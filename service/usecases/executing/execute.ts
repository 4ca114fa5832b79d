import { DomainError } from "../../domain/errors.ts";
import { EngineUnavailable } from "../../engine/engine-unavailable.ts";
import { faultPoint } from "../../fault-points.ts";
import type { OperationRow } from "../../store/operations.ts";
import { pauseAfterLoss, type Attempt } from "../operations/attempt.ts";
import type { Dependencies } from "../dependencies.ts";
import { executeApply } from "./execute-apply.ts";
import { executePreview } from "./execute-preview.ts";
import { executeVerification } from "../verifying/verification-run.ts";
import { executeRecover } from "./execute-recover.ts";
import { executeRefresh } from "./execute-refresh.ts";
import { keepNothing, takeFollowing, type Following } from "./following.ts";
import { giveUp } from "./give-up.ts";
import { keepLease, type Claimed } from "./lease.ts";
import { logFailure } from "../log-failure.ts";
import { canceled, problemOf } from "../operations/outcome.ts";
import { createStopControl, type StopControl } from "../stop-control.ts";
import { isWornOut } from "../operations/worn-out.ts";

/** How a worker that goes tells the operations that it carries out: that none follows, to stop and go back, and then at once. */
interface Draining {
  stopping: AbortSignal;
  drain: AbortSignal;
  kill: AbortSignal;
}

/** What a worker does with an operation that it has taken. Whatever comes of it, this resolves: the row tells. */
type Execute = (claimed: Claimed, draining: Draining) => Promise<void>;

/** Carries an operation to its end, or back into the queue; and after a preview the up that it makes, where that can be had. */
export const createExecute =
  (dependencies: Dependencies): Execute =>
  async (claimed, draining) => {
    const following = await execute(dependencies, claimed, draining);
    if (following === null) return;
    const up = await takeFollowing(dependencies, following, draining.stopping.aborted);
    if (up === null) return;
    await execute(dependencies, up, draining);
    await keepNothing(dependencies, following.preview);
  };

/** Gives the up that an operation has made and that is to follow it. */
const execute = async (dependencies: Dependencies, claimed: Claimed, draining: Draining): Promise<Following | null> => {
  const { timers, metrics, logger } = dependencies;
  const { operation } = claimed;
  const made: { up: OperationRow | null } = { up: null };
  faultPoint("operation-claimed");
  logger.info(logFields(operation), "operation started");
  if (operation.attempt === 1)
    metrics.started(operation.kind, secondsBetween(operation.createdAt, operation.startedAt));
  else metrics.ranAgain(operation.kind);

  const control = createStopControl(timers);
  const lease = keepLease(dependencies, claimed, control);
  const forget = heed(draining, control);
  try {
    made.up = await carryOut(dependencies, { operation, control });
  } catch (error) {
    await breakOff(dependencies, { operation, control }, error);
  } finally {
    forget();
    control.end();
    await lease.end();
  }
  if (control.reason() === "lease_lost") metrics.leaseLost();

  await tellEnd(dependencies, operation);
  return made.up && { preview: operation, up: made.up };
};

/** What became of it, for the log and the metrics. */
const tellEnd = async (dependencies: Dependencies, operation: OperationRow): Promise<void> => {
  const { store, metrics, logger } = dependencies;
  const log = logFields(operation);
  try {
    const ended = await store.operations.find(operation.id);
    if (ended?.attempt !== operation.attempt || ended.status === "running") {
      logger.warn(log, "operation left to whoever takes it next");
    } else if (ended.finishedAt === null) {
      logger.info(log, "operation handed back");
    } else {
      metrics.ended(ended.kind, ended.status, secondsBetween(ended.startedAt, ended.finishedAt));
      const { status, problem } = ended;
      const told = { ...log, status, code: problem?.code, detail: problem?.detail };
      // What a person has to see to, or whoever runs the service may have to.
      if (status === "needs_recovery" || (problem?.status ?? 0) >= 500) logger.warn(told, "operation ended");
      else logger.info(told, "operation ended");
    }
  } catch (error) {
    logFailure(dependencies, "warn", log, error, "what became of the operation could not be read");
  }
};

const logFields = ({ id, stack, kind, attempt, requestId }: OperationRow) => ({
  operation: id,
  stack,
  kind,
  attempt,
  requestId,
});

const secondsBetween = (from: Date | null, to: Date | null): number =>
  from === null || to === null ? 0 : (to.getTime() - from.getTime()) / 1000;

/** Listens to a worker that goes; gives what ends the listening. */
const heed = ({ drain, kill }: Draining, control: StopControl): (() => void) => {
  const gently = (): void => control.stop("drain", null);
  const atOnce = (): void => control.stopNow("drain");
  if (drain.aborted) gently();
  drain.addEventListener("abort", gently);
  kill.addEventListener("abort", atOnce);
  return () => {
    drain.removeEventListener("abort", gently);
    kill.removeEventListener("abort", atOnce);
  };
};

/** Gives the up that a preview has made. */
const carryOut = async (dependencies: Dependencies, attempt: Attempt): Promise<OperationRow | null> => {
  const { operation, control } = attempt;
  const isBegun = operation.stackBefore !== null;
  const isCanceled = operation.cancelRequestedAt !== null;
  if (isWornOut(operation)) await giveUp(dependencies, operation);
  else if (isCanceled && !isBegun) await endCanceled(dependencies, operation);
  else if (operation.kind === "preview") return executePreview(dependencies, attempt);
  else {
    // Its apply has begun: the engine tells what was done, and does no more.
    if (isCanceled) control.stop("cancel", null);
    await executorOf(operation)(dependencies, attempt);
  }
  return null;
};

const executorOf = ({ kind, recovers }: OperationRow): ((...given: [Dependencies, Attempt]) => Promise<void>) => {
  if (kind === "verification") return executeVerification;
  if (recovers !== null) return executeRecover;
  return kind === "refresh" || kind === "drift_check" ? executeRefresh : executeApply;
};

const endCanceled = async ({ store, now }: Dependencies, operation: OperationRow): Promise<void> => {
  await store.operations.change(operation.id, operation.attempt, {
    status: "canceled",
    problem: problemOf(operation, canceled({ steps: [] })),
    finishedAt: now(),
  });
};

/**
 * It could not be carried to its end here. A refusal is the operation's end. Where the database went away, or an apply has
 * begun, another attempt finds out what is true; anything else would come out the same again.
 */
const breakOff = async (dependencies: Dependencies, { operation, control }: Attempt, error: unknown): Promise<void> => {
  const { store, now } = dependencies;
  const log = logFields(operation);
  const reason = control.reason();
  if (reason === "lease_lost") return;
  const refusal = error instanceof DomainError ? error : null;
  if (refusal === null) logFailure(dependencies, "error", log, error, "operation failed unexpectedly");
  try {
    const row = await store.operations.find(operation.id);
    const begun = row !== null && row.stackBefore !== null;
    if (refusal === null && (begun || reason === "drain" || isAway(dependencies, error))) {
      const lost = reason !== "drain";
      const seconds = lost ? pauseAfterLoss(operation) : 0;
      await store.leases.handBack(operation, { seconds, lost, why: whyBroken(dependencies, error), begun });
      return;
    }
    await store.operations.change(operation.id, operation.attempt, {
      status: "failed",
      problem: problemOf(operation, refusal ?? unexpected(operation)),
      finishedAt: now(),
    });
  } catch (second) {
    const message = "the operation could not be given back: it is taken again when its lease is over";
    logFailure(dependencies, "warn", log, second, message);
  }
};

/** Without its database or a runner nothing can be said of an operation; the next attempt may have both. */
const isAway = ({ isUnavailable }: Dependencies, error: unknown): boolean =>
  isUnavailable(error) || error instanceof EngineUnavailable;

/** In a sentence, for whoever waits: errors that nobody expected are for the log. */
const whyBroken = ({ isUnavailable }: Dependencies, error: unknown): string => {
  if (error instanceof EngineUnavailable) return error.message;
  return isUnavailable(error) ? "The database did not answer." : "Gatehouse failed in a way that its log has.";
};

const unexpected = ({ id }: OperationRow): DomainError =>
  new DomainError(
    "internal_error",
    `Gatehouse failed while it carried this out; its log says more under operation ${id}. Nothing was applied: post the request again.`,
  );
