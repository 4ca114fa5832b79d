/** The arguments of a stack's last run, typed again after their time in the database; `null` when there was none. */
import type { StackRow } from "../../store/stacks.ts";
import {
  environmentArguments,
  foundationArguments,
  type EnvironmentArguments,
  type FoundationArguments,
} from "../../../stacks/arguments.ts";

export const lastEnvironmentArguments = (stack: StackRow): EnvironmentArguments | null =>
  stack.arguments === null ? null : environmentArguments.parse(stack.arguments);

export const lastFoundationArguments = (stack: StackRow): FoundationArguments | null =>
  stack.arguments === null ? null : foundationArguments.parse(stack.arguments);
