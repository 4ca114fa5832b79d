/** What a runner child has for its runs by the CLI, and a workspace whose CLI processes are noted as one run's. */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { pulumiProject } from "../../../domain/stacks.ts";
import type { ProgramRun, Run } from "../../engine.ts";
import type { ResourceProvider, Scope } from "../../../cloud/provider.ts";
import { cliEnvironment, inheritedEnvironment, type AutomationSettings } from "../backend.ts";
import { createCliCommand } from "../process/cli-command.ts";
import { recordProcess, recordProcessEnd } from "../process/run-records.ts";
import type { StackRecord } from "./stack-record.ts";
import type { Program } from "./watched-program.ts";
import { removeBrokenAttributes } from "../recovery/leftovers-attributes.ts";
import { openWorkspace, type OpenWorkspace } from "./workspace.ts";

export interface AutomationOptions {
  connection: pg.Pool;
  settings: AutomationSettings;
  program: (run: ProgramRun) => Program;
  project: string;
  /** Looks up what is in doubt. */
  provider: Pick<ResourceProvider, "findCreated">;
  /** Account and region of a provider that names none. */
  home: Scope;
  /** Keys the digests of secrets. */
  digestKey: string;
  now: () => Date;
}

/** What it takes to run the CLI for a run, whatever that does. */
export type CliMeans = Pick<AutomationOptions, "connection" | "settings" | "now">;

export interface RunOfCli {
  record: StackRecord | null;
  program: Program;
  /** Aborting sends one SIGINT. */
  signal: AbortSignal;
  /** Whether the CLI goes on from its plan to the apply; left out, it does not. */
  applies?: boolean;
}

/** Opens a workspace whose CLI processes are noted as this run's. */
export const openRunWorkspace = async (
  { connection, settings, now }: CliMeans,
  run: Run,
  { record, program, signal, applies = false }: RunOfCli,
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
