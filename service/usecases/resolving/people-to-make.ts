import { environmentArguments } from "../../../stacks/arguments.ts";
import { stackKind } from "../../domain/stacks.ts";
import type { OperationRow } from "../../store/operations.ts";

/** User names of the people that this operation's stack holds itself. */
export const peopleToMake = (operation: Pick<OperationRow, "kind" | "stack" | "arguments">): string[] => {
  if (operation.kind === "destroy" || stackKind(operation.stack) === "foundation" || operation.arguments === null)
    return [];
  const { members } = environmentArguments.parse(operation.arguments);
  return members.filter(({ user }) => user !== null).map(({ userName }) => userName);
};
