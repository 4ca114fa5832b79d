/** The arguments of a stack's last run, typed again after their time in the database; `null` when there was none. */
import type { StackRow } from "../../store/stacks.ts";
import {
  environmentArguments,
  foundationArguments,
  type EnvironmentArguments,
  type FoundationArguments,
} from "../../../stacks/arguments.ts";

/** Of an environment. @throws ZodError where what is stored is none of ours */
export const lastEnvironmentArguments = (stack: StackRow): EnvironmentArguments | null =>
  stack.arguments === null ? null : environmentArguments.parse(stack.arguments);

/** Of a foundation, likewise. */
export const lastFoundationArguments = (stack: StackRow): FoundationArguments | null =>
  stack.arguments === null ? null : foundationArguments.parse(stack.arguments);
