import { approvalStates, operationStatuses } from "../../../service/domain/operation.ts";
import {
  approvalTransitions,
  canMove,
  operationTransitions,
  statesBefore,
  statesOf,
} from "../../../service/domain/transitions.ts";

const moves = <State extends string>(
  transitions: Parameters<typeof canMove<State>>[0],
  states: readonly State[],
): string[] =>
  states.flatMap((from) => states.filter((to) => canMove(transitions, from, to)).map((to) => `${from} → ${to}`));

describe("what the engine did", () => {
  it("has these moves and no others", () => {
    expect(moves(operationTransitions, operationStatuses)).toEqual([
      "queued → running",
      "queued → failed",
      "queued → canceled",
      "running → queued",
      "running → succeeded",
      "running → failed",
      "running → canceled",
      "running → needs_recovery",
    ]);
  });

  it("ends where no move leads on", () => {
    expect(operationStatuses.filter((status) => operationTransitions[status].length === 0)).toEqual([
      "succeeded",
      "failed",
      "canceled",
      "needs_recovery",
    ]);
  });

  it("tells which states can become another", () => {
    expect(statesBefore(operationTransitions, "succeeded")).toEqual(["running"]);
    expect(statesBefore(operationTransitions, "canceled")).toEqual(["queued", "running"]);
  });
});

describe("what people decided", () => {
  it("has these moves and no others", () => {
    expect(moves(approvalTransitions, approvalStates)).toEqual([
      "not_required → void",
      "pending → approved",
      "pending → rejected",
      "pending → void",
      "approved → void",
    ]);
  });

  it("covers every state of the contract", () => {
    expect(statesOf(approvalTransitions)).toEqual([...approvalStates]);
    expect(statesOf(operationTransitions)).toEqual([...operationStatuses]);
  });
});
