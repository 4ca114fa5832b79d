import type { OperationKind } from "../domain/operation.ts";

/** What the use cases count. Counting never fails, and nothing that is decided depends on it. */
export interface OperationMetrics {
  /** A worker took an operation for the first time, this many seconds after it was accepted. */
  started(kind: OperationKind, waitedSeconds: number): void;
  /** An operation came to its end in this process, this many seconds after it was first taken. */
  ended(kind: OperationKind, outcome: string, ranSeconds: number): void;
  /** An operation was taken once more: its worker died, lost it or handed it back. */
  ranAgain(kind: OperationKind): void;
  /** This worker found that an operation which it was carrying out is not its own any more. */
  leaseLost(): void;
}
