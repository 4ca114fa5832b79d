import { z } from "zod";
import { environmentArguments, foundationArguments } from "./arguments.ts";

/** The environment variable that names the file with the recorded program, for runs by hand. */
export const argumentsVariable = "GATEHOUSE_ARGUMENTS";

const recordedProgram = z.discriminatedUnion("program", [
  z.strictObject({ program: z.literal("environment"), arguments: environmentArguments }),
  z.strictObject({ program: z.literal("foundation"), arguments: foundationArguments }),
]);

/** A program with its arguments, as the service records and exports them: all that a run by hand needs. */
export type RecordedProgram = z.infer<typeof recordedProgram>;

/** What to do, after what is wrong. */
const remedy = "Export the stack's recorded arguments again; docs/break-glass.md says how.";

const parseJson = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON. ${remedy}`, { cause: error });
  }
};

/**
 * Reads a recorded program from the text of its file.
 * @throws Error that names the file, every field that is wrong, and the remedy
 */
export const parseRecordedProgram = (text: string, file: string): RecordedProgram => {
  const parsed = recordedProgram.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} holds no program that can run:\n${z.prettifyError(parsed.error)}\n${remedy}`);
};

/** Pulumi's name of the stack that a recorded program belongs to, as the service names its stacks. */
export const stackOf = (recorded: RecordedProgram): string =>
  recorded.program === "environment"
    ? `environment.${recorded.arguments.name}`
    : `foundation.${recorded.arguments.access.account}.${recorded.arguments.access.region}`;

/**
 * Refuses to run a program on a stack that is not its own: Pulumi would take everything there for left over and delete it.
 * @throws Error that names both stacks
 */
export const checkStack = (recorded: RecordedProgram, selected: string): void => {
  const own = stackOf(recorded);
  if (own === selected) return;
  throw new Error(
    `The arguments are those of stack ${own}, but ${selected} is selected. Run: pulumi stack select ${own}`,
  );
};
