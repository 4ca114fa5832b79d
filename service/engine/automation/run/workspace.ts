/** A workspace for one run: a fresh directory, and of the CLI one process only. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  LocalWorkspace,
  Stack,
  type LocalWorkspaceOptions,
  type PulumiCommand,
  type StackSettings,
} from "@pulumi/pulumi/automation/index.js";
import { pulumiProject } from "../../../domain/stacks.ts";
import type { Program } from "../../runner/performed.ts";
import type { CloudPlugin } from "../settings.ts";
import type { CliCommand } from "../process/cli-command.ts";

/** A resource that names no provider would land wherever the process's credentials lead. */
const explicitProviders = { "pulumi:disable-default-providers": ["*"] };

interface WorkspaceOptions {
  /** Directory that the run's own is made in. */
  runs: string;
  stack: string;
  /** `null` for a stack that is still to be made. */
  settings: StackSettings | null;
  secretsProvider: string;
  plugin: Pick<CloudPlugin, "path" | "version">;
  /** The CLI's: the SDK calls newer ones in other ways. */
  version: string;
  /** By the directory of the run. */
  command: (directory: string) => CliCommand & PulumiCommand;
  environment: (directory: string) => Record<string, string>;
  program: Program;
}

/** A workspace, and what takes its directory away. */
export interface OpenWorkspace {
  workspace: LocalWorkspace;
  stack: Stack;
  close(): Promise<void>;
}

/**
 * Opens one. The backend is named by the environment (`PULUMI_BACKEND_URL`): a connection string has a password, and the
 * project's file would keep it.
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<OpenWorkspace> {
  const { runs, stack: name, settings, secretsProvider, plugin, version, command, environment, program } = options;
  const directory = await mkdtemp(join(runs, "run-"));
  const cli = command(directory);
  const close = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    // The declared type leaves out `plugins`, which the CLI reads from the project's file.
    const projectSettings = {
      name: pulumiProject,
      runtime: "nodejs" as const,
      plugins: { providers: [{ name: "aws", path: plugin.path, version: plugin.version }] },
    };
    const given: LocalWorkspaceOptions = {
      workDir: directory,
      pulumiCommand: cli,
      projectSettings,
      stackSettings: settings === null ? {} : { [name]: { ...settings, config: explicitProviders } },
      secretsProvider,
      envVars: environment(directory),
      program,
    };
    const workspace = await LocalWorkspace.create(given);
    // The SDK would ask the CLI, by a process of its own.
    Object.defineProperty(workspace, "pulumiVersion", { value: version });
    // The SDK selects a stack before each run and asks for outputs and history after it, each by a CLI process of its own.
    // This stack is known to be there, and events tell the rest.
    workspace.selectStack = () => Promise.resolve();
    workspace.stackOutputs = () => Promise.resolve({});
    // Selecting it, as the SDK has it, would keep the backend's address, with its password, in a file of Pulumi's home.
    workspace.createStack = async (made) => {
      const init = ["stack", "init", made, "--no-select", "--secrets-provider", secretsProvider];
      await cli.run(init, directory, workspace.envVars);
    };
    const stack = await Stack.select(name, workspace);
    stack.history = () => Promise.resolve([]);
    return { workspace, stack, close };
  } catch (error) {
    await close();
    throw error;
  }
}
