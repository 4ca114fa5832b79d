/** One look at the account by the CLI: `pulumi refresh`, and what it found. No program is run. */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import type { Diagnostic, RefreshRun, RunProblem } from "../../engine.ts";
import type { GivenRun } from "../../runner/performed.ts";
import { createRedactor } from "../../pulumi/redaction.ts";
import { createAccountReads, type AccountReads } from "./account-reads.ts";
import { secretsOf } from "../process/cli-environment.ts";
import { CliError, type CliEnd } from "../process/cli-command.ts";
import { problemOfCli } from "../failures/failures.ts";
import { quotedForms } from "../failures/failures-redaction.ts";
import { lostStateProblem, othersStateProblem } from "./lost-state.ts";
import { createRunDiagnostics, isDebug } from "./run-diagnostics.ts";
import { openRunWorkspace, type AutomationOptions } from "./run-workspace.ts";
import type { StackRecord } from "./stack-record.ts";

/** What came of it. */
export interface Look {
  reads: AccountReads;
  diagnostics: Diagnostic[];
  /** Why it did not come to its end; `null` when everything was read. */
  problem: RunProblem | null;
  /** Whether the CLI was ended by a signal, and so in the middle of something. */
  isCut: boolean;
}

interface CliRefresh {
  /** `null` for code 0. */
  end: CliEnd | null;
  events: CliEvent[];
}

async function runCli(
  options: AutomationOptions,
  { run, signal }: GivenRun<RefreshRun>,
  { record, hear }: { record: StackRecord; hear: (event: CliEvent) => void },
): Promise<CliRefresh> {
  const events: CliEvent[] = [];
  const onEvent = (event: CliEvent): void => {
    if (isDebug(event)) return;
    events.push(event);
    hear(event);
  };
  const opened = await openRunWorkspace(options, run, { record, signal });
  const parallel = run.parallelism === null ? {} : { parallel: run.parallelism };
  try {
    await opened.stack.refresh({ onEvent, previewOnly: run.kind === "drift-check", ...parallel });
    return { end: null, events };
  } catch (error) {
    if (error instanceof CliError) return { end: error.end, events };
    throw error;
  } finally {
    await opened.close();
  }
}

/** Why it did not come to its end; `null` when everything was read. */
function problemOf(
  { settings }: AutomationOptions,
  { end, events }: CliRefresh,
  { signaled, isWhole }: { signaled: boolean; isWhole: boolean },
): RunProblem | null {
  // A CLI that was told to stop may say that it succeeded.
  if (signaled && (end !== null || !isWhole))
    return { code: "canceled", detail: "It was canceled before anything was taken over.", urn: null };
  if (end === null) return null;
  return problemOfCli(end, { events, secrets: secretsOf(settings) });
}

interface LookOptions {
  record: StackRecord;
  /** Said before anything is read. */
  warnings: readonly string[];
  /** URNs that an earlier run of the operation found deleted, and may have taken out of the state. */
  gone?: ReadonlySet<string>;
}

/** Has the CLI read every resource of the stack. A `refresh` takes over what it finds, a `drift-check` does not. */
export async function lookAtAccount(
  options: AutomationOptions,
  given: GivenRun<RefreshRun>,
  { record, warnings, gone = new Set() }: LookOptions,
): Promise<Look> {
  const { onEvent, signal } = given;
  const { redact } = createRedactor(quotedForms(secretsOf(options.settings)));
  const diagnostics = createRunDiagnostics({ onEvent, redact });
  for (const message of warnings) diagnostics.diagnose({ urn: null, severity: "warning", message });
  const reads = createAccountReads({ readsOnly: true, onEvent });
  const hear = (event: CliEvent): void => {
    reads.take(event);
    diagnostics.take(event);
  };
  const cli = await runCli(options, given, { record, hear });
  const read = new Set(reads.all().map(({ urn }) => urn));
  const isWhole = record.resources.every(({ urn }) => read.has(urn));
  const expected = record.resources.filter(({ urn }) => !gone.has(urn));
  const problem =
    problemOf(options, cli, { signaled: signal.aborted, isWhole }) ??
    lostStateProblem({ plan: [], reads: reads.all() }, expected) ??
    othersStateProblem({ plan: [], reads: reads.all() }, record);
  return { reads, diagnostics: diagnostics.all(), problem, isCut: cli.end !== null && cli.end.signal !== null };
}
