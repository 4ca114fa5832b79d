/** The same programs by the Automation API as its documentation shows it: what Gatehouse's engine is measured against. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { LocalWorkspace, PulumiCommand, type LocalWorkspaceOptions } from "@pulumi/pulumi/automation/index.js";
import { findPulumi } from "../service/engine/automation/cli/cli.ts";
import { pluginEnvironment, pluginRegistration } from "../service/engine/automation/plugin/environment.ts";
import type { JsonObject } from "../service/domain/json.ts";
import { runProgram, type ProgramName } from "../stacks/programs.ts";

export interface PlainStack {
  name: string;
  program: ProgramName;
  arguments: JsonObject;
}

export interface PlainAutomation {
  /** `createOrSelectStack`, `preview` and `up`, one after the other. */
  deploy(stack: PlainStack): Promise<void>;
  /** A preview of a stack that is there; gives what the CLI's own process took, in milliseconds. */
  previewOwnTime(stack: PlainStack): Promise<number>;
}

/** What the SDK calls of its command, and leaves out of the type that it declares. */
interface Runs {
  run(given: string[], directory: string, environment: Record<string, string>): Promise<{ stdout: string }>;
}
const runs = (command: object): command is PulumiCommand & Runs => "run" in command;

/** Where Identity Center lives on both sides. */
export const identityCenter = { account: "444455556666", region: "us-east-1" };

/** @param databaseUrl of the simulated account, migrated and its own */
export async function plainAutomation(directory: string, databaseUrl: string): Promise<PlainAutomation> {
  const { path } = await findPulumi();
  const [home, state] = [join(directory, "plain-home"), join(directory, "plain-state")];
  for (const each of [home, state]) mkdirSync(each, { recursive: true });
  // The SDK looks below the root for bin/pulumi.
  const command = await PulumiCommand.get({ root: dirname(dirname(path)) });
  const took = { milliseconds: 0 };
  if (!runs(command)) throw new Error("the SDK's command does not run");
  const timed: object = {
    command: command.command,
    version: command.version,
    run: async (...given: Parameters<Runs["run"]>) => {
      const started = performance.now();
      const result = await command.run(...given);
      took.milliseconds = performance.now() - started;
      return result;
    },
  };
  if (!runs(timed)) throw new Error("no command was made");
  const projectSettings = {
    name: "plain",
    runtime: "nodejs" as const,
    backend: { url: `file://${state}` },
    plugins: { providers: [pluginRegistration] },
  };
  const options: LocalWorkspaceOptions = {
    projectSettings,
    pulumiCommand: timed,
    pulumiHome: home,
    envVars: {
      ...pluginEnvironment({ databaseUrl, home: identityCenter }),
      PULUMI_CONFIG_PASSPHRASE: "plain",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  };
  const select = ({ name, program, arguments: json }: PlainStack) =>
    LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "plain", program: () => runProgram(program, json) },
      options,
    );
  return {
    deploy: async (given) => {
      const stack = await select(given);
      await stack.preview();
      await stack.up();
    },
    previewOwnTime: async (given) => {
      const stack = await select(given);
      await stack.preview();
      return took.milliseconds;
    },
  };
}
