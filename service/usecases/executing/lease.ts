/** Keeps an operation this worker's own while it runs, and hears what people ask of it meanwhile. */
import type { OperationRow } from "../../store/operations.ts";
import type { LeaseStore, StopRequests } from "../../store/leases.ts";
import type { Dependencies } from "../dependencies.ts";
import { logFailure } from "../log-failure.ts";
import type { StopControl } from "../stop-control.ts";
import type { RunLimits } from "../watchdog.ts";

/** An operation that a worker has taken. */
export interface Claimed {
  operation: OperationRow;
  /** On the timers' clock, before it was asked for: the lease is over no earlier than its length after that. */
  since: number;
}

interface LeaseKeeper {
  /** Stops renewing. Resolves when nothing of it is under way. */
  end(): Promise<void>;
}

/** What keeping a lease takes. */
interface LeaseParts extends Pick<Dependencies, "timers" | "lease" | "feed" | "logger" | "isUnavailable"> {
  store: { leases: Pick<LeaseStore, "renew" | "stopRequests"> };
  limits: Pick<RunLimits, "graceSeconds">;
}

/** Takes what is due next for this worker; null when nothing is. */
export const claimNext = async ({ store, timers, lease, now }: Dependencies): Promise<Claimed | null> => {
  const since = timers.elapsed();
  const operation = await store.leases.claim(lease.worker, lease.seconds, now(), lease.places);
  return operation === null ? null : { operation, since };
};

/** Takes this operation, if it can be had now. */
export const claimOne = async ({ store, timers, lease, now }: Dependencies, id: string): Promise<Claimed | null> => {
  const since = timers.elapsed();
  const operation = await store.leases.claimOne(id, lease.worker, lease.seconds, now(), lease.places);
  return operation === null ? null : { operation, since };
};

/**
 * Renews a lease each third of its length. A renewal that finds the operation not ours any more, or a lease that is over
 * because no renewal came through, stops the run: whoever took it over may be at work by then.
 */
export const keepLease = (parts: LeaseParts, { operation, since }: Claimed, control: StopControl): LeaseKeeper => {
  const { store, timers, lease, limits, feed, logger } = parts;
  const length = lease.seconds * 1000;
  const over = new AbortController();
  const under = { way: Promise.resolve() };
  const log = { operation: operation.id, attempt: operation.attempt };
  let cancelDeadline = (): void => undefined;
  let cancelRenewal = (): void => undefined;

  const lost = (message: string): void => {
    if (over.signal.aborted) return;
    logger.warn(log, message);
    control.stop("lease_lost", limits.graceSeconds * 1000);
  };
  const obey = (requests: StopRequests | null): void => {
    if (over.signal.aborted) return;
    if (requests === null) lost("the operation is not this worker's any more");
    else if (requests.kill) control.stopNow("cancel");
    else if (requests.cancel) control.stop("cancel", null);
  };
  const heldFrom = (asked: number): void => {
    cancelDeadline();
    if (!over.signal.aborted)
      cancelDeadline = timers.after(length - (timers.elapsed() - asked), () => lost("the lease could not be renewed"));
  };
  const renew = async (): Promise<void> => {
    const asked = timers.elapsed();
    try {
      const requests = await store.leases.renew(operation, lease.seconds);
      if (requests !== null) heldFrom(asked);
      obey(requests);
    } catch (error) {
      logFailure(parts, "warn", log, error, "the lease was not renewed; it is tried again until the lease is over");
    }
    renewLater();
  };
  const renewLater = (): void => {
    if (over.signal.aborted || control.reason() === "lease_lost") return;
    cancelRenewal = timers.after(length / 3, () => {
      under.way = renew();
    });
  };
  /** Requests are heard at the latest with a renewal; the feed only makes it sooner. */
  const listen = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const heard = feed.next(`cancel:${operation.id}`, over.signal).then(
        () => true,
        (error: unknown) => {
          if (over.signal.aborted) return false;
          throw error;
        },
      );
      if (!(await heard)) return;
      await store.leases.stopRequests(operation).then(obey, (error: unknown) => {
        const message = "what was asked of the operation was not read; the next renewal brings it";
        logFailure(parts, "warn", log, error, message);
      });
    }
  };

  heldFrom(since);
  renewLater();
  const listening = listen();
  return {
    end: async () => {
      over.abort();
      cancelDeadline();
      cancelRenewal();
      await Promise.all([listening, under.way]);
    },
  };
};
