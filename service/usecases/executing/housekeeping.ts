/** Takes away what nobody needs any more: expired idempotency keys, and operations past retention with their events. */
import { isPastRetention, removableOperations } from "../../domain/retention.ts";
import type { Tables } from "../../store/store.ts";
import type { Dependencies } from "../dependencies.ts";

interface HousekeepingSettings {
  /** How long finished operations and their events are kept. */
  retentionDays: number;
  /** Rows of one transaction at most: few enough that nobody waits for it. */
  batch: number;
}

/** How many were removed. */
interface Removed {
  keys: number;
  operations: number;
}

type Needs = Pick<Dependencies, "store" | "now" | "logger" | "timers" | "isUnavailable">;

const day = 24 * 3600 * 1000;
const hour = 3600 * 1000;

/** Another process does it: this one need not. */
class NotOurTurn extends Error {}

/**
 * Goes through all that is past its time once, in short transactions. Of several processes one does it; the others stop at
 * once.
 *
 * @param signal aborts between two transactions: the next round goes on where this one ended.
 */
export const keepHouse = async (
  { store, now, logger }: Pick<Needs, "store" | "now" | "logger">,
  { retentionDays, batch }: HousekeepingSettings,
  signal: AbortSignal,
): Promise<Removed> => {
  const removed: Removed = { keys: 0, operations: 0 };
  const before = new Date(now().getTime() - retentionDays * day);
  const inTurn = <Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> =>
    store.transaction(async (tables) => {
      if (!(await tables.retention.takeTurn())) throw new NotOurTurn();
      return work(tables);
    });

  const removeKeys = async (): Promise<void> => {
    for (let count = batch; count === batch && !signal.aborted; removed.keys += count)
      count = await inTurn((tables) => tables.retention.removeExpiredKeys(now(), batch));
  };

  const removeHistory = async (stack: string): Promise<void> => {
    let more = true;
    while (more && !signal.aborted)
      more = await inTurn(async ({ retention }) => {
        const { history, locked } = await retention.lockHistory(stack, before, batch);
        const ids = removableOperations(
          history,
          (operation) => locked.has(operation.id) && isPastRetention(operation, before),
        );
        await retention.removeOperations(ids);
        removed.operations += ids.length;
        // What was locked was not all, and what stands in front of the rest went.
        return locked.size === batch && ids.length > 0;
      });
  };

  try {
    await removeKeys();
    for (let stacks = [""]; stacks.length > 0 && !signal.aborted;) {
      stacks = await store.retention.stacksWithHistory(before, stacks.at(-1) ?? "", batch);
      for (const stack of stacks) await removeHistory(stack);
    }
  } catch (error) {
    if (!(error instanceof NotOurTurn)) throw error;
  }
  if (removed.keys + removed.operations > 0) logger.info(removed, "housekeeping removed what was past its time");
  return removed;
};

interface Housekeeping {
  /** Lets the transaction under way end, and begins no other. */
  stop(): Promise<void>;
}

/** Keeps house now, and an hour after each time that it did. A round that fails is told, and made up for by the next. */
export const startHousekeeping = (dependencies: Needs, settings: HousekeepingSettings): Housekeeping => {
  const { timers, logger, isUnavailable } = dependencies;
  const stopping = new AbortController();
  let cancelNext = (): void => undefined;

  const round = async (): Promise<void> => {
    try {
      await keepHouse(dependencies, settings, stopping.signal);
    } catch (error) {
      if (!isUnavailable(error)) logger.error({ error }, "housekeeping failed; it is tried again in an hour");
    }
    if (stopping.signal.aborted) return;
    cancelNext = timers.after(hour, () => {
      running = round();
    });
  };

  let running = round();
  return {
    stop: async () => {
      stopping.abort();
      cancelNext();
      await running;
    },
  };
};
