/** How often an operation is tried again that came to no end. */
import type { OperationRow } from "../../store/operations.ts";

/** How often an operation's worker may be lost: after that, the operation is what kills them. */
export const mostLosses = 10;

type Losses = Pick<OperationRow, "lostLeases">;

/** Whether an operation has taken too many workers with it to be tried once more. */
export const isWornOut = ({ lostLeases }: Losses): boolean => lostLeases >= mostLosses;

/** What is known of the last time that an operation's worker was lost: what it said, or that it went without a word. */
export const whyLost = ({ lastLoss, lostLeases }: Pick<OperationRow, "lastLoss" | "lostLeases">): string =>
  lastLoss?.losses === lostLeases
    ? `The last time: ${lastLoss.why}`
    : "The last time its worker went without a word: its process ended or was cut off from the database; a want of memory does that.";

/** Whether an operation that comes back once more is given up. */
export const isLastTry = ({ lostLeases }: Losses): boolean => isWornOut({ lostLeases: lostLeases + 1 });
