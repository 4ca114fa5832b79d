/**
 * The engine port: what executes an operation. Two adapters stand behind it, the sandbox and the Pulumi Automation API
 * over the real CLI; a run is named by a program and JSON arguments, never by a closure, so it can happen in another process.
 */
import type { Json, JsonObject } from "../domain/json.ts";
import type { FailureClass } from "../domain/failure-classes.ts";

/** What a run does. */
export type RunKind = "preview" | "up" | "destroy" | "refresh" | "drift-check" | "recover";

interface RunOfStack {
  operationId: string;
  /** Rises each time the operation is claimed anew. */
  attempt: number;
  /**
   * Rises over all runs of a stack, whatever operation they belong to; no two runs share one. The engine's state of the stack
   * remembers the highest that began on it and takes writes of that run only, so a run that was stopped and goes on later
   * cannot change anything any more. Previews, which write nothing, need none.
   */
  fence: number;
  /** Pulumi's stack name, such as `environment.production`; see `pulumiStackName`. */
  stack: string;
  /**
   * How many resources may be worked on in the account at once; `null` leaves it to the engine. It is how the run keeps to its
   * share of Identity Center's limits (docs/identity-center-budget.md), so an engine never works on more.
   */
  parallelism: number | null;
}

/**
 * A run of a program. An up or destroy of an operation that began to apply earlier and was interrupted goes on where it
 * stopped: its plan was held to the approved one when it began, and its result covers the whole operation.
 */
export interface ProgramRun extends RunOfStack {
  kind: "preview" | "up" | "destroy";
  /** What a preview shows. Equal to `kind` for the others. */
  of: "up" | "destroy";
  program: "environment" | "foundation";
  arguments: JsonObject;
  /**
   * For up and destroy: the plan digest of the preview that people saw. A run whose plan differs applies nothing and fails
   * with `preview_stale`. `null` applies whatever is planned.
   */
  approvedPlan: string | null;
  /**
   * Whether the run begins by reading every resource of the stack from the account, and plans from what is there: what was
   * changed outside is put back, what is gone is made again. The digest covers what was read. The state takes it over
   * where something is applied; the CLI's does also where an up or destroy comes as far as the gate.
   */
  refresh: boolean;
  /**
   * Of a preview: its up follows at once unless something speaks against it. An engine may keep what it has ready for that; it
   * lets go by itself before long, and at `letGo`. The preview is the same either way. False for the others.
   */
  appliesNext: boolean;
}

/**
 * Compares what the state says with the account, which is only read. Runs no program: what the state knows of a resource is
 * enough to read it. The result's `steps` say of each resource that the account can have (no components, no providers):
 *
 * - `same`: every input that the state records is as it was. Outputs that AWS computes may differ; they are no drift.
 * - `update`: inputs differ, by the provider's own rules; `diff` goes from what is recorded to what the account has.
 * - `delete`: it does not exist any more; `diff` is empty.
 *
 * `refresh` has the state take all of it over, outputs too, and forget what is gone; it needs a fence, and refuses a stack in
 * doubt as an up does. `drift-check` leaves the state untouched, as a preview does. One that does not come to its end has
 * taken nothing over, and has no steps.
 */
export type RefreshRun = RunOfStack & ({ kind: "refresh" } | { kind: "drift-check" });

/**
 * The way out of `needs_recovery`. Nothing in the account is changed.
 *
 * - `refresh` looks up each resource that is in doubt and records what is true of it, then reads every resource of the stack.
 * - `unlock` only takes away what an interrupted run left as a lock; refused while anything is in doubt.
 */
export interface RecoverRun extends RunOfStack {
  kind: "recover";
  resolution: "refresh" | "unlock";
}

/** Whatever an engine can be asked to do on a stack. */
export type Run = ProgramRun | RefreshRun | RecoverRun;

/** What is done to a resource. `replace`: made anew, and the old one deleted; `import`: taken in, and changed where it differs. */
export type StepOp = "create" | "update" | "replace" | "delete" | "import" | "same";

/** One property that a step changes. Secrets are shown as `[secret]`, values not known before apply as `[unknown]`. */
export interface PropertyDiff {
  /** Dotted, as Pulumi writes property paths: `tags.Name`, `statements[0].actions`. */
  path: string;
  from: Json;
  to: Json;
  /** Whether this property forces the replacement. */
  replaces?: true;
}

/** What is planned for a resource, or was done to it. */
export interface Step {
  op: StepOp;
  urn: string;
  /** Type token, such as `aws:ssoadmin/permissionSet:PermissionSet`. */
  type: string;
  /** Logical name. */
  name: string;
  diff: PropertyDiff[];
  /** For a delete that only forgets the resource: it stays in the account (`retainOnDelete`). */
  retain?: true;
}

/** How many steps there are of each kind. */
export type Changes = Record<StepOp, number>;

/** What an engine, a program or AWS says beside the steps; without secrets. */
export interface Diagnostic {
  urn: string | null;
  severity: "info" | "warning" | "error";
  message: string;
}

/** A write to the account that began and whose end nobody knows. */
export interface PendingResource {
  urn: string;
  type: string;
  kind: "creating" | "updating" | "deleting";
}

/** A resource that the stack holds after the run. */
export interface StackResource {
  urn: string;
  type: string;
  name: string;
  id: string;
  /** AWS account (from the provider) and region (`null` where the resource has none). */
  account: string | null;
  region: string | null;
  retainOnDelete: boolean;
}

/** What a run tells while it goes. */
export type EngineEvent =
  | { type: "resource.planned" | "resource.started" | "resource.done"; step: Step }
  | { type: "resource.failed"; step: Step; message: string }
  /** It was read from the account for a refresh or a drift check; the step is as in `RefreshRun`. */
  | { type: "resource.read"; step: Step }
  /** The plan is known: how many steps the apply will take. */
  | { type: "plan.done"; changes: Changes }
  /** From here on resources may have changed. The engine's own state says so durably before any of them does. */
  | { type: "apply.started" }
  | { type: "diagnostic"; diagnostic: Diagnostic };

/** Why a run did not succeed. */
export interface RunProblem {
  /**
   * `preview_stale`, `stack_locked` (a newer run began on the stack), `recovery_required`, `program_failed`, `resource_failed`,
   * `canceled`, `interrupted`, `engine_failed`, or a code of the HTTP contract.
   */
  code: string;
  /** What went wrong and what to do. */
  detail: string;
  urn: string | null;
  /** What cut the run short, in a sentence, where the problem is what that left in doubt. */
  cause?: string;
  /** Which kind of failure it was: `failureClasses` says whether running it again may help. */
  failure?: FailureClass;
}

/**
 * How a run ended.
 *
 * - `succeeded`, `failed`: it came to its end, and the stack's state is true.
 * - `canceled`: it was told to stop, and the stack's state is true; `steps` says what was done.
 * - `interrupted`: its process or its database went away, or a newer run took over, and nothing is in doubt. The same
 *   operation can be run again, under a new fence, and goes on; a caller bounds how often.
 * - `needs_recovery`: writes are in doubt (`pending`). Every further up and destroy of the stack ends so, until a `recover`.
 */
export type RunOutcome = "succeeded" | "failed" | "canceled" | "interrupted" | "needs_recovery";

/** What came of a run. */
export interface RunResult {
  outcome: RunOutcome;
  steps: Step[];
  changes: Changes;
  /** Digest of the planned steps and the state they start from: `sha256:…`. `null` when planning failed. */
  planDigest: string | null;
  /**
   * What the account had otherwise than the state: steps as in `RefreshRun`, without the `same` ones. Of refreshes, drift
   * checks and runs with `refresh: true`; empty for all others.
   */
  drift: Step[];
  /**
   * The state has taken `drift` over although nothing was applied, so that no later look finds it again: Pulumi's does, also
   * for a run that was refused.
   */
  driftKept?: true;
  /** Stack outputs; secrets as `[secret]`. */
  outputs: JsonObject;
  diagnostics: Diagnostic[];
  /** What the stack holds now, after whatever was applied. */
  resources: StackResource[];
  /** What is in doubt. Empty unless the outcome is `needs_recovery`, or a preview looks at such a stack. */
  pending: PendingResource[];
  problem: RunProblem | null;
}

/** Whom a run tells, what stops it, and what may hold it up. */
export interface RunOptions {
  onEvent: (event: EngineEvent) => void;
  /** Aborting lets running steps end and takes no more. */
  signal: AbortSignal;
  /** Aborting ends the run at once: what was being written stays in doubt, and the result says so. */
  kill: AbortSignal;
  /**
   * Asked by an up or destroy whose plan is what was approved, before anything is applied: it goes on once this resolves with
   * true. With false nothing is applied, and the run ends as `canceled`: whoever asked for that knows why. Never rejects. Left
   * out, nothing holds it up.
   */
  mayApply?: () => Promise<boolean>;
}

/**
 * Processes that run programs, by what they do now. Those that wait keep something for an up that follows; those that stop are
 * used up, or had a failure.
 */
export type EngineStatistics = Record<"starting" | "idle" | "busy" | "waiting" | "stopping", number>;

/** What executes operations. */
export interface Engine {
  readonly name: "sandbox" | "automation";
  /**
   * Resolves with a result for everything that happens to the run. Rejects when no result could be true: the engine was closed,
   * or the run was killed, while its database was away. Nothing is known then, and running the operation again tells.
   */
  run(run: Run, options: RunOptions): Promise<RunResult>;
  /**
   * The up that a preview was said to be followed by does not come, or has ended: resolves when nothing is kept for it any
   * more. Most often nothing is.
   *
   * @param preview operation of the preview
   */
  letGo(preview: string): Promise<void>;
  /** Whether a run could start now, and what stands in the way: a sentence for `/readyz`. */
  ready(): { ready: boolean; detail: string };
  /** How many processes of this engine do what, for metrics. */
  statistics(): EngineStatistics;
  close(): Promise<void>;
}

/** No step of any kind. */
export const noChanges = (): Changes => ({ create: 0, update: 0, replace: 0, delete: 0, import: 0, same: 0 });

/** The result of a run that found nothing to do, of a stack that holds nothing. */
export const nothingDone = (): RunResult => ({
  outcome: "succeeded",
  steps: [],
  changes: noChanges(),
  planDigest: null,
  drift: [],
  outputs: {},
  diagnostics: [],
  resources: [],
  pending: [],
  problem: null,
});

/** How many steps there are of each kind. */
export const countChanges = (steps: readonly Step[]): Changes => {
  const changes = noChanges();
  for (const step of steps) changes[step.op] += 1;
  return changes;
};
