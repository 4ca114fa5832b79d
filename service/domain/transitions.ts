import type { ApprovalState, OperationStatus } from "./operation.ts";

/**
 * The two state machines of an operation, kept apart: what the engine did, and what people decided about a preview. A move
 * that is not in a table does not exist.
 */
type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/**
 * What the engine did. A queued operation may fail before it runs, when what it rests on has gone. A running one goes back
 * to the queue when its worker was lost before anything was applied. `needs_recovery` is an end: the way out is an operation
 * of its own.
 */
export const operationTransitions: Transitions<OperationStatus> = {
  queued: ["running", "failed", "canceled"],
  running: ["queued", "succeeded", "failed", "canceled", "needs_recovery"],
  succeeded: [],
  failed: [],
  canceled: [],
  needs_recovery: [],
};

/** What people decided about a preview. Anything that can still be applied becomes `void` once something newer stands. */
export const approvalTransitions: Transitions<ApprovalState> = {
  not_required: ["void"],
  pending: ["approved", "rejected", "void"],
  approved: ["void"],
  rejected: [],
  void: [],
};

/** Whether a table has the move. Staying is no move. */
export const canMove = <State extends string>(transitions: Transitions<State>, from: State, to: State): boolean =>
  transitions[from].includes(to);

/** The states that can become another: for the `where` of an update, so that a late write changes nothing. */
export const statesBefore = <State extends string>(transitions: Transitions<State>, to: State): State[] =>
  statesOf(transitions).filter((from) => canMove(transitions, from, to));

/** Every state of a table. */
export const statesOf = <State extends string>(transitions: Transitions<State>): State[] =>
  Object.keys(transitions).filter((state): state is State => Object.hasOwn(transitions, state));
