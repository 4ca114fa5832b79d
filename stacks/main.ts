import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { runProgram } from "./programs.ts";
import type { ProgramOutputs } from "./programs.ts";
import { argumentsVariable, checkStack, parseRecordedProgram } from "./recorded-program.ts";

/**
 * Entry of `Pulumi.yaml`: runs a recorded program with the `pulumi` command line while the service is down. Pulumi calls
 * the default export and takes what it gives for the stack's outputs. docs/break-glass.md is the manual.
 * @throws Error when no arguments are named, or they cannot be read, are not valid, or are another stack's
 */
export default async (): Promise<ProgramOutputs> => {
  const file = process.env[argumentsVariable];
  if (file === undefined || file === "") {
    throw new Error(
      `${argumentsVariable} names no file. Set it to the stack's recorded arguments; see docs/break-glass.md.`,
    );
  }
  // Pulumi runs the entry in its own folder; people name the file from where Pulumi.yaml is.
  const path = resolve(pulumi.getRootDirectory(), file);
  const recorded = parseRecordedProgram(await readFile(path, "utf8"), path);
  checkStack(recorded, pulumi.getStack());
  return runProgram(recorded.program, recorded.arguments);
};
