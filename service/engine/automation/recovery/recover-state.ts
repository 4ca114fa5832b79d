/**
 * Pulumi's state of one stack, read and written whole, as recovery needs it. Secrets in it stay encrypted: `stack export`
 * gives the state as the backend has it, and `import` takes it so. (The SDK's `exportStack` and `importStack` decrypt it, into
 * a file that everybody on the machine may read.)
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { errorCode } from "../../../error-code.ts";
import type { Connection } from "../../connection.ts";
import { CliError } from "../process/cli-command.ts";
import { breakDeadLocks, fileBackend, lockDirectory, locksIn, readLocks, removeLockFiles } from "./leftovers-locks.ts";
import { parseState, StateDamagedError, type ExportedState } from "./recover-deployment.ts";

/** Runs the CLI in a directory that has the stack's project and settings. @throws CliError */
export interface StateCommands {
  /** Nobody else may read it. */
  directory: string;
  run(given: readonly string[]): Promise<{ stdout: string }>;
}

/** The state of one stack in its backend. */
export interface StackState {
  /** `null` when nothing was ever recorded. @throws Error when it cannot be read */
  read(): Promise<ExportedState | null>;
  /** Puts a state in place of the one that is there. Pending operations in it are dropped by the CLI: settle them before. */
  replace(state: ExportedState): Promise<void>;
  /** Reads every resource of the stack from the account. */
  refresh(): Promise<void>;
  /** Breaks locks of dead runs of ours, and looks that no others are there. @throws LockHeldError */
  unlock(): Promise<void>;
  /** Whether reading it costs no process. */
  cheap: boolean;
}

interface StackStateOptions {
  connection: Connection;
  backendUrl: string;
  project: string;
  stack: string;
  /** Asked for when a CLI process is needed, and used for all of them. */
  commands: () => Promise<StateCommands>;
}

/** A checkpoint file of a self-managed backend (`apitype.VersionedCheckpoint`). */
const checkpointFile = z.looseObject({
  version: z.number(),
  checkpoint: z.looseObject({ latest: z.looseObject({}).nullish() }),
});

async function readCheckpointFile(path: string): Promise<ExportedState | null> {
  try {
    const parsed = checkpointFile.safeParse(JSON.parse(await readFile(path, "utf8")));
    // The CLI takes `{}` for a stack that holds nothing.
    if (!parsed.success) throw new StateDamagedError("it has no checkpoint of a stack in it");
    const { version, checkpoint } = parsed.data;
    return parseState(JSON.stringify({ version, deployment: checkpoint.latest ?? {} }));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    // The parser quotes what it read.
    if (error instanceof SyntaxError) throw new StateDamagedError("it is no JSON");
    throw error;
  }
}

/** The state of a stack, by the CLI; in a `file://` backend it is read from its file. */
export function openStackState({ connection, backendUrl, project, stack, commands }: StackStateOptions): StackState {
  const locks = lockDirectory(backendUrl, project, stack);
  const backend = fileBackend(backendUrl);
  const file = backend === null ? null : join(backend, "stacks", project, `${stack}.json`);

  /** Runs the CLI with a private file that goes with the call. */
  async function withFile<Result>(work: (path: string, cli: StateCommands) => Promise<Result>): Promise<Result> {
    const cli = await commands();
    const path = join(cli.directory, `${randomUUID()}.json`);
    try {
      await writeFile(path, "", { mode: 0o600, flag: "wx" });
      return await work(path, cli);
    } finally {
      await rm(path, { force: true });
    }
  }

  const readByCli = (): Promise<ExportedState> =>
    withFile(async (path, cli) => {
      await cli.run(["stack", "export", "--stack", stack, "--file", path]);
      return parseState(await readFile(path, "utf8"));
    });

  /** Takes the CLI's lock; where a dead run of ours holds one, that is broken, and the command runs again. */
  async function underLock(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const held = locksIn(`${error.end.stderr}\n${error.end.stdout}`);
      if (held.length === 0) throw error;
      const cancel = async (): Promise<void> => {
        const cli = await commands();
        await cli.run(["cancel", "--yes", "--stack", stack]);
      };
      await breakDeadLocks({ connection, stack, locks: held, remove: cancel });
      await work();
    }
  }

  const replace = (state: ExportedState): Promise<void> =>
    underLock(() =>
      withFile(async (path, cli) => {
        await writeFile(path, JSON.stringify(state), { mode: 0o600 });
        await cli.run(["stack", "import", "--stack", stack, "--file", path]);
      }),
    );

  return {
    cheap: file !== null,
    read: () => (file === null ? readByCli() : readCheckpointFile(file)),
    replace,
    refresh: () =>
      underLock(async () => {
        const cli = await commands();
        await cli.run(["refresh", "--yes", "--skip-preview", "--stack", stack]);
      }),
    unlock: async () => {
      if (locks !== null)
        return breakDeadLocks({ connection, stack, locks: await readLocks(locks), remove: removeLockFiles });
      // Only a command that takes the lock tells of others; this one changes nothing else.
      await replace(await readByCli());
    },
  };
}
