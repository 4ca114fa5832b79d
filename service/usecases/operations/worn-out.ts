/** How often an operation is tried again that came to no end. */
import type { OperationRow } from "../../store/operations.ts";

/** How often an operation's worker may be lost: after that, the operation is what kills them. */
export const mostLosses = 10;

type Losses = Pick<OperationRow, "lostLeases">;

/** Whether an operation has taken too many workers with it to be tried once more. */
export const isWornOut = ({ lostLeases }: Losses): boolean => lostLeases >= mostLosses;

/** Whether an operation that comes back once more is given up. */
export const isLastTry = ({ lostLeases }: Losses): boolean => isWornOut({ lostLeases: lostLeases + 1 });
