/** Runs of the product's programs by the real Pulumi CLI, in a process of their own, against a simulated account. */
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findPulumi, PulumiCliError, type PulumiCli } from "../../service/engine/automation/cli/cli.ts";
import { pluginEnvironment, type PluginSettings } from "../../service/engine/automation/plugin/environment.ts";
import type { CliRun, CliTold } from "./pulumi-cli-child.ts";

/** The CLI, `null` where there is none that serves. */
export const findTestCli = async (): Promise<PulumiCli | null> => {
  try {
    return await findPulumi();
  } catch (error) {
    if (error instanceof PulumiCliError) return null;
    throw error;
  }
};

export interface CliWorld {
  /** One run; several of them must not go at once. */
  run(run: CliRun): Promise<CliTold>;
  /** Process id of what runs the programs; the CLI is its child. */
  processId: number;
  close(): Promise<void>;
}

/** A state backend of its own in a temporary directory. */
export async function startCliWorld(cli: PulumiCli, settings: PluginSettings): Promise<CliWorld> {
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-cli-"));
  const child = fork(new URL("./pulumi-cli-child.ts", import.meta.url), [directory], {
    execArgv: [],
    env: {
      ...process.env,
      ...pluginEnvironment(settings),
      // The SDK leaves its work directories behind.
      TMPDIR: directory,
      PATH: [dirname(cli.path), process.env["PATH"] ?? ""].join(delimiter),
    },
  });
  const gone = new Promise<never>((_resolve, reject) => {
    child.once("exit", (code, signal) => reject(new Error(`The programs' process ended: ${signal ?? code ?? "?"}`)));
  });
  gone.catch(() => undefined);
  return {
    processId: child.pid ?? 0,
    run: (run) => {
      const told = new Promise<CliTold>(
        (resolve) => void child.once("message", (message) => resolve(message as CliTold)),
      );
      child.send(run);
      return Promise.race([told, gone]);
    },
    close: async () => {
      if (child.connected) child.disconnect();
      await gone.catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
