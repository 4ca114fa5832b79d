/** What a process of ours is asked to let the real CLI do, and what the CLI then tells. Plain data: it goes between processes. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { TestArguments } from "../test-programs.ts";

export interface CliAttempt {
  verb: "preview" | "up" | "destroy" | "refresh";
  /** Makes the stack first, with the plain Automation API. Otherwise one CLI process does all, and must find its stack. */
  makeStack: boolean;
  stack: string;
  arguments: TestArguments;
  /** Work directory: settings of the stack are here. */
  workDirectory: string;
  /** A directory of the CLI's own. */
  home: string;
  secretsProvider: string | null;
  /** Directory with the `aws` plugin; `null` registers none. */
  plugin: string | null;
  /** On top of what the process has; `null` takes a variable away. */
  environment: Record<string, string | null>;
  /** The CLI with what goes before it, such as a shell that sets limits. */
  command: string[];
  /** Added to the CLI's own arguments. */
  options: string[];
  /** Sent to the CLI as soon as the first write to a resource of this name begins. */
  interrupt: { resource: string; signals: NodeJS.Signals[] } | null;
  /** What the program ends with for real, such as the refusal of a gate; after its preview succeeded. */
  refuse: string | null;
}

/** How the CLI ended, and all that it said. */
export interface Told {
  /** `null` when it did not start. */
  exit: { code: number | null; signal: NodeJS.Signals | null } | null;
  stdout: string;
  stderr: string;
  /** What the Automation API made of it, or why it did not start. */
  thrown: string | null;
  events: EngineEvent[];
}
