/**
 * What the port says of a recorded run: the translation that docs/pulumi-cli.md lists, written down a second time, from the
 * recording's side. Both engines are held to it.
 */
import type { Json } from "../../../../service/domain/json.ts";
import type { Changes, PropertyDiff, RunResult, Step, StepOp } from "../../../../service/engine/engine.ts";
import type { RunAct } from "./life.ts";
import {
  cleaned,
  resourceOf,
  type RecordedDiff,
  type RecordedRead,
  type RecordedRun,
  type RecordedStep,
} from "./recording.ts";

/** A step of the port without what names the stack. */
export interface PortStep {
  op: StepOp;
  resource: string;
  diff: PropertyDiff[];
  retain?: true;
}

/** What a run is held to, apart from what it did to the account. */
export interface PortWords {
  outcome: "succeeded" | "failed";
  steps: PortStep[];
  changes: Partial<Changes>;
  drift: PortStep[];
  holds: string[];
  warnings: string[];
}

/** A value that is secret on one side is shown on neither. */
const masked = ({ path, kind, from, to }: RecordedDiff): PropertyDiff => {
  const secret = from === "[secret]" || to === "[secret]";
  const mask = (value: Json): Json => (secret && value !== null ? "[secret]" : value);
  return { path, from: mask(from), to: mask(to), ...(kind?.endsWith("-replace") ? { replaces: true as const } : {}) };
};

const byPath = (diff: readonly PropertyDiff[]): PropertyDiff[] =>
  [...diff].sort((left, right) => left.path.localeCompare(right.path));

/** Pulumi writes a provider's version among its inputs; the sandbox has none, and it is no input of the program's. */
const isVersion = (resource: string, path: string): boolean =>
  resource.startsWith("pulumi:providers:") && path === "version";

const withoutVersion = (step: PortStep): PortStep => ({
  ...step,
  diff: step.diff.filter(({ path }) => !isVersion(step.resource, path)),
});

const created = ({ inputs }: RecordedStep): PropertyDiff[] =>
  Object.entries(inputs ?? {}).map(([path, to]) => ({ path, from: null, to }));

const diffOf = (step: RecordedStep | undefined): PropertyDiff[] => byPath((step?.diff ?? []).map(masked));

const plainOps = ["create", "update", "delete", "same"] as const;

/** One step for all that the CLI did with a resource; `null` for what is no step, and for what came to no good end. */
function stepOfParts(resource: string, parts: readonly RecordedStep[]): PortStep[] {
  const part = (op: string): RecordedStep | undefined => parts.find((step) => step.op === op && !step.failed);
  const made = part("create-replacement");
  if (made !== undefined) return [{ op: "replace", resource, diff: diffOf(parts.find(({ op }) => op === "replace")) }];
  if (part("import") !== undefined) return [{ op: "import", resource, diff: diffOf(part("update")) }];
  return plainOps.flatMap((op) => {
    const step = part(op);
    if (step === undefined) return [];
    const diff = op === "create" ? byPath(created(step)) : op === "delete" ? [] : diffOf(step);
    return [{ op, resource, diff, ...(step.retained ? { retain: true as const } : {}) }];
  });
}

function portSteps({ steps, failed, run }: RecordedRun): PortStep[] {
  // Of a run that fails while it plans the port tells no steps: nothing was done.
  if (failed === "planning") return [];
  const resources = [...new Set(steps.map(({ resource }) => resource))];
  const all = resources.flatMap((resource) =>
    stepOfParts(
      resource,
      steps.filter((step) => step.resource === resource),
    ),
  );
  return run.endsWith("destroy") ? all.filter(({ op }) => op === "delete") : all;
}

const readStep = ({ found, resource, diff }: RecordedRead): PortStep => ({
  op: found,
  resource,
  diff: byPath(diff.map(masked).map(({ path, from, to }) => ({ path, from, to }))),
});

const countsOf = (steps: readonly PortStep[]): Partial<Changes> =>
  Object.fromEntries(
    [...new Set(steps.map(({ op }) => op))].sort().map((op) => [op, steps.filter((step) => step.op === op).length]),
  );

const sorted = (steps: readonly PortStep[]): PortStep[] =>
  [...steps].sort((left, right) => `${left.resource} ${left.op}`.localeCompare(`${right.resource} ${right.op}`));

const warning = "warning: ";

/** What the port says of what was recorded. */
export function expectedWords(run: RecordedRun): PortWords {
  const readsOnly = run.run === "refresh" || run.run === "drift-check";
  const reads = run.reads.map(readStep);
  const steps = readsOnly ? reads : portSteps(run);
  return {
    outcome: run.failed === null ? "succeeded" : "failed",
    steps: sorted(steps.map(withoutVersion)),
    changes: countsOf(steps),
    drift: sorted(reads.filter(({ op }) => op !== "same")),
    holds: run.holds,
    warnings: run.diagnostics.filter((text) => text.startsWith(warning)).map((text) => text.slice(warning.length)),
  };
}

const toldStep = ({ op, urn, diff, retain }: Step): PortStep => ({
  op,
  resource: resourceOf(urn),
  diff: byPath(diff),
  ...(retain ? { retain } : {}),
});

/** What an engine said. */
export function toldWords(result: RunResult): PortWords {
  const { outcome, steps, changes, drift, resources, diagnostics } = result;
  if (outcome !== "succeeded" && outcome !== "failed")
    throw new Error(`the run ended as ${outcome}: ${result.problem?.detail ?? ""}`);
  return cleaned({
    outcome,
    steps: sorted(steps.map(toldStep).map(withoutVersion)),
    changes: Object.fromEntries(
      Object.entries(changes)
        .filter(([, count]) => count > 0)
        .sort(),
    ),
    drift: sorted(drift.map(toldStep)),
    holds: resources.map(({ type, name, id }) => `${type} ${name} ${id}`).sort(),
    warnings: diagnostics
      .filter(({ severity }) => severity === "warning")
      .map(({ message }) => message)
      .sort(),
  });
}

/** Steps of the resources that a behaviour is about. */
export const about = (steps: readonly PortStep[], pattern: RegExp): PortStep[] =>
  steps.filter(({ resource }) => pattern.test(resource));

/** Whether the CLI tells outputs of such a run. */
export const tellsOutputs = ({ run }: Pick<RunAct, "run">): boolean => run === "up";
