import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import { environmentArguments, foundationArguments } from "./arguments.ts";

/**
 * The programs by name. Nothing of the Pulumi SDK is loaded until a program is: the service reads names, schemas and the
 * version from here, and a runner child loads the programs ahead of its first run.
 */

/** Raised when a program's meaning changes: part of a preview's digest, so nothing approved before is applied after. */
export const programVersion = "1";

/** What a program returns: each output may still be on its way. */
export type ProgramOutputs = Record<string, Input<unknown>>;

interface Program<Arguments> {
  /** Shape of the arguments; the parsed value is what runs. */
  schema: z.ZodType<Arguments>;
  /** Loads the program and the SDK that it needs. */
  load: () => Promise<(program: Arguments) => Promise<ProgramOutputs>>;
}

const define = <Arguments>({ schema, load }: Program<Arguments>) => ({
  schema,
  load,
  /**
   * Parses the arguments and registers the resources with the Pulumi runtime of this process.
   * @throws Error naming every argument that is wrong
   */
  run: async (json: unknown): Promise<ProgramOutputs> => {
    const parsed = schema.safeParse(json);
    if (!parsed.success) throw new Error(`The program's arguments are not valid:\n${z.prettifyError(parsed.error)}`);
    const program = await load();
    return program(parsed.data);
  },
});

export const programs = {
  environment: define({
    schema: environmentArguments,
    load: async () => {
      const { environment } = await import("./environment/program.ts");
      return async (program) => ({ ...(await environment(program)) });
    },
  }),
  foundation: define({
    schema: foundationArguments,
    load: async () => {
      const { foundation } = await import("./foundation/program.ts");
      return async (program) => ({ ...(await foundation(program)) });
    },
  }),
} as const;

export type ProgramName = keyof typeof programs;

/** Runs the named program with JSON arguments; gives its outputs. @throws Error when the arguments are not valid */
export const runProgram = (name: ProgramName, json: unknown): Promise<ProgramOutputs> => programs[name].run(json);

/** Loads all programs and their SDK (about a second), so that the first run does not pay for it. */
export const loadPrograms = async (): Promise<void> => {
  await Promise.all(Object.values(programs).map((program) => program.load()));
};
