/** Pulumi's state of the stack of a run, and what earlier runs left of theirs: with a workspace only where the CLI is needed. */
import { failureClasses } from "../../../domain/failure-classes.ts";
import { pulumiProject } from "../../../domain/stacks.ts";
import type { Run, RunProblem } from "../../engine.ts";
import { secretsOf } from "../process/cli-environment.ts";
import type { AutomationSettings } from "../settings.ts";
import { problemOfCli } from "../failures/failures.ts";
import { CliError, type CliCommand } from "../process/cli-command.ts";
import { SessionAliveError } from "../process/process-session.ts";
import { LockHeldError } from "./leftovers-locks.ts";
import { ProcessElsewhereError } from "./leftovers.ts";
import { settleLeftovers, type Settled } from "./recover.ts";
import { StateDamagedError } from "./recover-deployment.ts";
import { openStackState, type StackState, type StateCommands } from "./recover-state.ts";
import { OvertakenError } from "../process/run-records.ts";
import type { CliMeans } from "../run/run-workspace.ts";
import type { StackRecord } from "../run/stack-record.ts";
import type { OpenWorkspace } from "../run/workspace.ts";

const isCommand = (command: object): command is CliCommand => "run" in command;

const commandsOf = ({ workspace }: OpenWorkspace): StateCommands => {
  const { workDir, envVars, pulumiCommand } = workspace;
  if (!isCommand(pulumiCommand)) throw new Error("The workspace has no command that runs.");
  return { directory: workDir, run: (given) => pulumiCommand.run(given, workDir, envVars) };
};

/** Gives the state of the run's stack to the work, and takes the workspace away after it, if it took one. */
export async function withStackState<Result>(
  means: CliMeans,
  run: Run,
  { record, signal }: { record: StackRecord; signal: AbortSignal },
  work: (state: StackState) => Promise<Result>,
): Promise<Result> {
  const workspace: { opened: Promise<OpenWorkspace> | null } = { opened: null };
  const open = async (): Promise<OpenWorkspace> => {
    // The SDK takes its time and memory; a service that only looks at a file needs none of it.
    const { openRunWorkspace } = await import("../run/run-workspace.ts");
    return openRunWorkspace(means, run, { record, signal });
  };
  const state = openStackState({
    connection: means.connection,
    backendUrl: means.settings.backend.url,
    project: pulumiProject,
    stack: run.stack,
    commands: async () => commandsOf(await (workspace.opened ??= open())),
  });
  try {
    return await work(state);
  } finally {
    await (await workspace.opened)?.close();
  }
}

interface Settling {
  record: StackRecord;
  signal: AbortSignal;
  /** Runs up to this fence are over. */
  upToFence: number;
  /** Whether the state is looked at also where our own records tell of nothing. */
  look: boolean;
}

/** How long the CLI of an earlier run may take to end its running steps, before it is killed. */
const leftGraceMilliseconds = 5_000;

/** Clears away what earlier runs of the stack left; see `settleLeftovers`. */
export const settleBefore = (means: CliMeans, run: Run, { upToFence, look, ...given }: Settling): Promise<Settled> => {
  const { connection, now } = means;
  const ending = { connection, stack: run.stack, upToFence, now, graceMilliseconds: leftGraceMilliseconds };
  return withStackState(means, run, given, (state) => settleLeftovers({ ...ending, state, look }));
};

/**
 * What an error of looking at a stack's state, of clearing leftovers away, or of coming too late means for the run; `null` for
 * any other error.
 *
 * @param signaled whether the CLI was told to stop
 */
export function leftoverProblem(
  error: unknown,
  settings: Pick<AutomationSettings, "backend" | "plugin">,
  signaled = false,
): RunProblem | null {
  if (
    error instanceof LockHeldError ||
    error instanceof ProcessElsewhereError ||
    error instanceof SessionAliveError ||
    error instanceof OvertakenError
  )
    return { code: "stack_locked", detail: error.message, urn: null };
  if (error instanceof StateDamagedError) {
    const { code, advice } = failureClasses.checkpoint_damaged;
    return { code, failure: "checkpoint_damaged", detail: `${error.message} ${advice}`, urn: null };
  }
  if (!(error instanceof CliError)) return null;
  return problemOfCli(error.end, { signaled, secrets: secretsOf(settings) });
}
