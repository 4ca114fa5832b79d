/** The process in which one attempt is made: the Pulumi SDK keeps the state of a run in its process. */
import { spawn, type ChildProcess } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";
import { pinnedVersion } from "../../../service/engine/automation/cli/cli-version.ts";
import { pluginRegistration } from "../../../service/engine/automation/plugin/environment.ts";
import { runProgram } from "../test-programs.ts";
import type { CliAttempt, Told } from "./attempt.ts";

/** Stands in for the SDK's command object, so that nothing of what the CLI says is lost. */
const recordingCommand = (attempt: CliAttempt) => {
  const [file = "", ...before] = attempt.command;
  const told: Pick<Told, "exit" | "stdout" | "stderr"> = { exit: null, stdout: "", stderr: "" };
  let running: ChildProcess | null = null;
  const run = (
    args: string[],
    cwd: string,
    env: Record<string, string>,
    onOutput?: (text: string) => void,
  ): Promise<{ stdout: string; stderr: string; code: number; err: undefined; toString: () => string }> => {
    const inherited: Record<string, string | null | undefined> = {
      ...process.env,
      ...env,
      ...attempt.environment,
      PULUMI_AUTOMATION_API: "true",
    };
    const kept = Object.entries(inherited).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    const child = spawn(file, [...before, ...args, "--non-interactive", ...attempt.options], {
      cwd,
      env: Object.fromEntries(kept),
      // As the product does: a terminal's Ctrl-C does not reach it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running = child;
    told.exit = null;
    told.stdout = "";
    told.stderr = "";
    child.stdout.on("data", (data: Buffer) => {
      told.stdout += data.toString();
      onOutput?.(data.toString());
    });
    child.stderr.on("data", (data: Buffer) => (told.stderr += data.toString()));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        told.exit = { code, signal };
        const { stdout, stderr } = told;
        if (code === 0) resolve({ stdout, stderr, code, err: undefined, toString: () => stdout });
        else reject(new Error(`code: ${code ?? signal ?? "?"}\nstdout: ${stdout}\nstderr: ${stderr}`));
      });
    });
  };
  return { command: { command: file, version: new SemVer(pinnedVersion), run }, told, running: () => running };
};

type Listener = (event: EngineEvent) => void;

const verbs: Record<CliAttempt["verb"], (stack: Stack, onEvent: Listener) => Promise<unknown>> = {
  preview: (stack, onEvent) => stack.preview({ onEvent }),
  up: (stack, onEvent) => stack.up({ onEvent }),
  destroy: (stack, onEvent) => stack.destroy({ onEvent }),
  refresh: (stack, onEvent) => stack.refresh({ onEvent }),
};

async function attemptOnce(attempt: CliAttempt): Promise<Told> {
  const { command, told, running } = recordingCommand(attempt);
  const program = (): Promise<Record<string, unknown>> => {
    if (attempt.refuse !== null) throw new pulumi.RunError(attempt.refuse);
    return runProgram("environment", attempt.arguments);
  };
  const projectSettings = {
    name: "gatehouse",
    runtime: "nodejs" as const,
    ...(attempt.plugin === null ? {} : { plugins: { providers: [{ ...pluginRegistration, path: attempt.plugin }] } }),
  };
  const environment = Object.entries(attempt.environment).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const options = {
    workDir: attempt.workDirectory,
    pulumiHome: attempt.home,
    program,
    pulumiCommand: command,
    projectSettings,
    envVars: Object.fromEntries(environment),
    ...(attempt.secretsProvider === null ? {} : { secretsProvider: attempt.secretsProvider }),
  };
  const events: EngineEvent[] = [];
  let interrupted = false;
  const interrupt = async (signals: NodeJS.Signals[]): Promise<void> => {
    for (const signal of signals) {
      running()?.kill(signal);
      // The CLI takes a second signal for a second one only after it has answered the first.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  const onEvent = (event: EngineEvent): void => {
    events.push(event);
    const { metadata, planning } = event.resourcePreEvent ?? {};
    if (attempt.interrupt === null || interrupted || planning === true) return;
    if (metadata?.op === "same" || metadata?.urn.endsWith(`::${attempt.interrupt.resource}`) !== true) return;
    interrupted = true;
    void interrupt(attempt.interrupt.signals);
  };
  try {
    const workspace = await LocalWorkspace.create(options);
    // A stack that is known to exist needs no process that selects it; events tell what its outputs would.
    if (!attempt.makeStack) workspace.selectStack = () => Promise.resolve();
    workspace.stackOutputs = () => Promise.resolve({});
    const stack = await (attempt.makeStack ? Stack.create : Stack.select)(attempt.stack, workspace);
    stack.history = () => Promise.resolve([]);
    await verbs[attempt.verb](stack, onEvent);
    return { ...told, thrown: null, events };
  } catch (error) {
    return { ...told, thrown: error instanceof Error ? error.message : String(error), events };
  }
}

process.once("message", (message) => {
  void attemptOnce(message as CliAttempt).then((told) => process.send?.(told, () => process.exit()));
});
