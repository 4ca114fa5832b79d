/** What a runner child has for its runs by the CLI, and a workspace whose CLI processes are noted as one run's. */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { pulumiProject } from "../../../domain/stacks.ts";
import type { Run } from "../../engine.ts";
import type { Program, RunMeans } from "../../runner/performed.ts";
import type { ResourceProvider } from "../../../cloud/provider.ts";
import { cliEnvironment, inheritedEnvironment } from "../process/cli-environment.ts";
import type { AutomationSettings } from "../settings.ts";
import { createCliCommand } from "../process/cli-command.ts";
import { recordProcess, recordProcessEnd } from "../process/run-records.ts";
import type { StackRecord } from "./stack-record.ts";
import { removeBrokenAttributes } from "../recovery/leftovers-attributes.ts";
import { openWorkspace, type OpenWorkspace } from "./workspace.ts";

/** What the CLI's engine has for its runs. */
export interface AutomationOptions extends RunMeans {
  connection: pg.Pool;
  settings: AutomationSettings;
  /** Looks up what is in doubt. */
  provider: Pick<ResourceProvider, "findCreated">;
}

/** What it takes to run the CLI for a run, whatever that does. */
export type CliMeans = Pick<AutomationOptions, "connection" | "settings" | "now">;

/** How the CLI is run for a run. */
interface RunOfCli {
  /** `null` for a stack that is still to be made. */
  record: StackRecord | null;
  /** Left out where nothing asks a program what there should be. */
  program?: Program;
  /** Aborting sends one SIGINT. */
  signal: AbortSignal;
  /** Whether the CLI goes on from its plan to the apply; left out, it does not. */
  applies?: boolean;
}

const noProgram: Program = () => Promise.resolve({});

/** Opens a workspace whose CLI processes are noted as this run's. */
export const openRunWorkspace = async (
  { connection, settings, now }: CliMeans,
  run: Run,
  { record, program = noProgram, signal, applies = false }: RunOfCli,
): Promise<OpenWorkspace> => {
  const { stack, fence, operationId, kind } = run;
  await removeBrokenAttributes(settings.backend.url, pulumiProject, stack);
  return openWorkspace({
    runs: settings.runs,
    stack,
    settings: record?.settings ?? null,
    secretsProvider: settings.backend.secretsProvider,
    program,
    plugin: settings.plugin,
    version: settings.cli.version,
    environment: (directory) => ({ ...cliEnvironment(settings, directory), ...settings.plugin.environment }),
    command: (workDirectory) =>
      createCliCommand({
        path: settings.cli.path,
        environment: inheritedEnvironment(process.env),
        previewFirst: applies,
        signal,
        record: async (identity) => {
          const id = randomUUID();
          const startedAt = now();
          await recordProcess(connection, {
            ...identity,
            id,
            stack,
            fence,
            operationId,
            kind,
            workDirectory,
            startedAt,
          });
          return () => recordProcessEnd(connection, id, now());
        },
      }),
  });
};
