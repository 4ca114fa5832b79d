/**
 * The process in which `startCliWorld` runs programs: the plain Automation API, as anybody would use it. The Pulumi SDK keeps
 * the state of a run in its process and module realm, so this is no place within a test runner.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation/index.js";
import { pluginRegistration } from "../../service/engine/automation/plugin/environment.ts";
import type { Json, JsonObject } from "../../service/domain/json.ts";

export interface CliRun {
  kind: "preview" | "up" | "preview-destroy" | "destroy" | "refresh" | "drift-check";
  stack: string;
  /** URL of a module that exports `runProgram(name, arguments)`; the product's programs, or a test's. */
  programs: string;
  program: "environment" | "foundation";
  arguments: JsonObject;
  /** `--refresh`, of a preview, up or destroy. */
  refresh?: boolean;
  /** Whether to say what the stack holds afterwards, which takes a CLI process more. */
  holds?: boolean;
}

/** A step as the CLI tells it. */
export interface CliStep {
  op: string;
  urn: string;
  type: string;
  /** Property paths that differ, with their kind: `update`, `add-replace`, … */
  diff: Record<string, string>;
  /** Inputs after the step; `null` for a delete. */
  inputs: JsonObject | null;
}

export interface CliTold {
  /** What went wrong, in the SDK's words; `null` when nothing did. */
  error: string | null;
  /** Errors and warnings that the CLI tells of. */
  diagnostics: string[];
  /** Counts by operation, as the summary has them. */
  changes: Record<string, number>;
  steps: CliStep[];
  /** Of an up. */
  outputs: JsonObject;
  /** What happened to resources, as the CLI tells it. */
  events: Pick<EngineEvent, "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent">[];
  /** Resources that the stack holds, as `type name id`: no components, no providers. Empty when nobody asked. */
  holds: string[];
  milliseconds: number;
}

const directory = process.argv[2] ?? "";
const state = join(directory, "state");
mkdirSync(state, { recursive: true });

const stepOf = ({ resourcePreEvent }: EngineEvent): CliStep[] => {
  if (resourcePreEvent === undefined) return [];
  const { op, urn, type, detailedDiff, ...states } = resourcePreEvent.metadata;
  const kinds = Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) => [path, diffKind] as const);
  // The declared types leave out that a delete has no new state.
  const after: { inputs?: JsonObject } | null | undefined = states.new;
  return [{ op, urn, type, diff: Object.fromEntries(kinds), inputs: after?.inputs ?? null }];
};

const shown = (outputs: OutputMap): JsonObject =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? "[secret]" : (value as Json)] as const),
  );

/** The declared type of the settings leaves out `plugins`, which the CLI reads from the project's file. */
const projectSettings = {
  name: "gatehouse",
  runtime: "nodejs" as const,
  backend: { url: `file://${state}` },
  plugins: { providers: [pluginRegistration] },
};

const open = async (stackName: string): Promise<Stack> => {
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName, projectName: "gatehouse", program: () => Promise.resolve() },
    {
      pulumiCommand: await PulumiCommand.get(),
      pulumiHome: join(directory, "home"),
      projectSettings,
      envVars: {
        PULUMI_CONFIG_PASSPHRASE: "passphrase-of-a-test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      },
    },
  );
  // Asked for after each up and destroy by a CLI process of its own; events tell the same.
  stack.history = () => Promise.resolve([]);
  return stack;
};

interface Settings {
  onEvent: (event: EngineEvent) => void;
  refresh: boolean;
}
const nothing = (): OutputMap => ({});

const verbs: Record<CliRun["kind"], (stack: Stack, settings: Settings) => Promise<OutputMap>> = {
  preview: (stack, settings) => stack.preview(settings).then(nothing),
  up: (stack, settings) => stack.up(settings).then(({ outputs }) => outputs),
  "preview-destroy": (stack, settings) => stack.previewDestroy(settings).then(nothing),
  destroy: (stack, settings) => stack.destroy(settings).then(nothing),
  refresh: (stack, { onEvent }) => stack.refresh({ onEvent }).then(nothing),
  "drift-check": (stack, { onEvent }) => stack.previewRefresh({ onEvent }).then(nothing),
};

interface HeldResource {
  type: string;
  urn: string;
  custom?: boolean;
  id?: string;
}

const holdsOf = async (stack: Stack): Promise<string[]> => {
  const { deployment } = await stack.exportStack();
  const { resources = [] } = deployment as { resources?: HeldResource[] };
  return resources
    .filter(({ type, custom }) => custom === true && !type.startsWith("pulumi:providers:"))
    .map(({ type, urn, id }) => `${type} ${urn.split("::").at(-1) ?? ""} ${id ?? ""}`);
};

const opened = new Map<string, Promise<Stack>>();

async function run(wanted: CliRun): Promise<CliTold> {
  const { runProgram } = (await import(wanted.programs)) as {
    runProgram: (name: string, json: unknown) => Promise<Record<string, unknown>>;
  };
  const opening = opened.get(wanted.stack) ?? open(wanted.stack);
  opened.set(wanted.stack, opening);
  const stack = await opening;
  stack.workspace.program = () => runProgram(wanted.program, wanted.arguments);
  const events: EngineEvent[] = [];
  const started = performance.now();
  let error: string | null = null;
  const outputs = await verbs[wanted.kind](stack, {
    onEvent: (event) => void events.push(event),
    refresh: wanted.refresh ?? false,
  }).catch((problem: unknown) => {
    error = problem instanceof Error ? problem.message : String(problem);
    return {};
  });
  return {
    error,
    diagnostics: events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent !== undefined && ["error", "warning"].includes(diagnosticEvent.severity)
        ? [`${diagnosticEvent.severity}: ${diagnosticEvent.message.trim()}`]
        : [],
    ),
    changes: events.flatMap(({ summaryEvent }) => (summaryEvent ? [summaryEvent.resourceChanges] : [])).at(-1) ?? {},
    steps: events.flatMap(stepOf),
    outputs: shown(outputs),
    events: events.flatMap(({ resourcePreEvent, resOutputsEvent, resOpFailedEvent }) =>
      resourcePreEvent === undefined && resOutputsEvent === undefined && resOpFailedEvent === undefined
        ? []
        : [
            {
              ...(resourcePreEvent && { resourcePreEvent }),
              ...(resOutputsEvent && { resOutputsEvent }),
              ...(resOpFailedEvent && { resOpFailedEvent }),
            },
          ],
    ),
    holds: wanted.holds === true ? await holdsOf(stack) : [],
    milliseconds: Math.round(performance.now() - started),
  };
}

process.on("message", (message) => void run(message as CliRun).then((told) => process.send?.(told)));
process.on("disconnect", () => process.exit());
