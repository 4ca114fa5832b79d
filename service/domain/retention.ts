/** Which finished operations may go. An operation that stays keeps those that it names. */
import type { OperationKind, OperationStatus } from "./operation.ts";

/** An operation as far as retention looks at it. */
export interface HistoryEntry {
  id: string;
  kind: OperationKind;
  status: OperationStatus;
  finishedAt: Date | null;
  /** The preview that it applies, the operation that applies it, the request that took its place. */
  continues: string | null;
  continuedBy: string | null;
  supersededBy: string | null;
}

/** Whether retention is over for an operation itself. One that needed recovery stays: somebody may have to explain it. */
export const isPastRetention = ({ status, finishedAt }: HistoryEntry, before: Date): boolean =>
  finishedAt !== null && finishedAt < before && status !== "needs_recovery";

/** What the account was last brought to: by the newest up or destroy that succeeded. */
const isInForce = ({ kind, status }: HistoryEntry): boolean =>
  (kind === "up" || kind === "destroy") && status === "succeeded";

/**
 * The operations of one stack that may be removed: those that may go by themselves, but not the stack's newest (its row
 * shows it), not the one that is in force (drift and access are told against it, and somebody approved it), and not what one
 * that stays names: the preview of an up that stays, the up of a preview that stays, the request that took a preview's place.
 *
 * @param history all of the stack's operations, oldest first.
 * @returns their ids: nothing that is left names one of them.
 */
export const removableOperations = (
  history: readonly HistoryEntry[],
  mayGo: (entry: HistoryEntry) => boolean,
): string[] => {
  const shown = [history.at(-1)?.id, history.findLast(isInForce)?.id];
  const kept = reached(
    history,
    history.filter((entry) => shown.includes(entry.id) || !mayGo(entry)),
  );
  return history.map(({ id }) => id).filter((id) => !kept.has(id));
};

/** What can be come to from some operations by what they name, themselves among it. */
const reached = (history: readonly HistoryEntry[], from: readonly HistoryEntry[]): Set<string> => {
  const byId = new Map(history.map((entry) => [entry.id, entry]));
  const found = new Set<string>();
  const open = from.map(({ id }) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const entry = byId.get(id);
    if (entry === undefined || found.has(id)) continue;
    found.add(id);
    open.push(...[entry.continues, entry.continuedBy, entry.supersededBy].filter((named) => named !== null));
  }
  return found;
};
