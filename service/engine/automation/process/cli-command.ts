/**
 * The CLI as the Automation API calls it: in a session of its own, with its output in files, so that it outlives whoever started
 * it and is always found again. Stands in for the SDK's `PulumiCommand`.
 */
import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { startSession, endSession, type SessionIdentity } from "./process-session.ts";

/** How a CLI process ended. */
export interface CliEnd {
  /** `null` when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** It ended with another code than 0. The message has nothing of its output, which may hold secrets. */
export class CliError extends Error {
  readonly end: CliEnd;
  constructor(end: CliEnd) {
    super(`The Pulumi CLI ended with ${end.signal ?? `code ${end.code ?? "?"}`}.`);
    this.name = "CliError";
    this.end = end;
  }
}

interface CliCommandOptions {
  /** Of the CLI that was found. */
  path: string;
  /** Variables beside those of the workspace: all that the CLI and its plugins inherit. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Whether an up or destroy begins with a preview, which the SDK leaves out: for the gate. */
  previewFirst: boolean;
  /** Notes a process durably; nothing of it runs before. Gives what notes its end. */
  record: (identity: SessionIdentity, directory: string) => Promise<() => Promise<void>>;
  /** Aborting sends one SIGINT: running steps end, nothing new begins. */
  signal: AbortSignal;
}

/** More of an output than this is left out: nothing looks for an error in the middle of megabytes. */
const outputLimit = 1_000_000;

async function tailOf(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const length = Math.min(size, outputLimit);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}

/** Verbs that run the engine, and take its flags. */
const engineVerbs: ReadonlySet<string> = new Set(["preview", "up", "destroy", "refresh"]);

const argumentsFor = (given: readonly string[], previewFirst: boolean): string[] => {
  const kept = previewFirst ? given.filter((each) => each !== "--skip-preview") : [...given];
  // What people would read is read by nobody here: the events tell.
  const quiet = engineVerbs.has(given[0] ?? "") ? ["--suppress-progress", "--suppress-outputs"] : [];
  return [...kept, ...quiet, "--non-interactive", "--color", "never"];
};

/** What the SDK calls of its command; its declared type leaves the call out. */
export interface CliCommand extends Pick<PulumiCommand, "command" | "version"> {
  run(
    given: readonly string[],
    directory: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<{ stdout: string; stderr: string; code: number }>;
}

/** What the SDK needs of a command is what it calls; its class can be made by nobody else. */
const servesSdk = (command: object): command is CliCommand & PulumiCommand => "command" in command && "run" in command;

/** Makes the command for one run. */
export function createCliCommand(options: CliCommandOptions): CliCommand & PulumiCommand {
  const command: object = commandOf(options);
  if (!servesSdk(command)) throw new Error("The command lacks what the SDK calls.");
  return command;
}

function commandOf(options: CliCommandOptions): CliCommand {
  const { path, environment, previewFirst, record, signal } = options;
  return {
    command: path,
    // The workspace knows it: the SDK has no other way to this than a CLI process that is asked.
    version: null,
    run: async (given, cwd, additional) => {
      const id = randomUUID();
      const [stdout, stderr] = [join(cwd, `${id}.stdout`), join(cwd, `${id}.stderr`)];
      let noteEnd: () => Promise<void> = () => Promise.resolve();
      const session = await startSession(
        {
          command: path,
          arguments: argumentsFor(given, previewFirst),
          directory: cwd,
          environment: { ...environment, ...additional, PULUMI_AUTOMATION_API: "true" },
          stdout,
          stderr,
        },
        async (identity) => void (noteEnd = await record(identity, cwd)),
      );
      const interrupt = (): void => void session.signal("SIGINT");
      if (signal.aborted) interrupt();
      signal.addEventListener("abort", interrupt, { once: true });
      const { code, signal: ended } = await session.ended;
      signal.removeEventListener("abort", interrupt);
      // Plugins end with a CLI that ends in order; after anything else somebody looks.
      if (code !== 0) await endSession(session.identity);
      await noteEnd();
      const end: CliEnd = { code, signal: ended, stdout: await tailOf(stdout), stderr: await tailOf(stderr) };
      if (code !== 0) throw new CliError(end);
      return { stdout: end.stdout, stderr: end.stderr, code: 0 };
    },
  };
}
