/**
 * The engine port: what executes an operation. Two adapters stand behind it, the sandbox and (later) the Pulumi Automation
 * API; a run is named by a program and JSON arguments, never by a closure, so it can happen in another process.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type RunKind = "preview" | "up" | "destroy";

export interface Run {
  operationId: string;
  /** Rises each time the operation is claimed anew. */
  attempt: number;
  kind: RunKind;
  /** What a preview shows. Equal to `kind` for the others. */
  of: "up" | "destroy";
  /** Pulumi's stack name, such as `environment.production`; see `pulumiStackName`. */
  stack: string;
  program: "environment" | "foundation";
  arguments: JsonObject;
  /**
   * For up and destroy: the plan digest of the preview that people saw. A run whose plan differs applies nothing and fails
   * with `preview_stale`. `null` applies whatever is planned.
   */
  approvedPlan: string | null;
}

export const stepOps = ["create", "update", "replace", "delete", "import", "same"] as const;
export type StepOp = (typeof stepOps)[number];

/** One property that a step changes. Secrets are shown as `[secret]`, values not known before apply as `[unknown]`. */
export interface PropertyDiff {
  /** Dotted, as Pulumi writes property paths: `tags.Name`, `statements[0].actions`. */
  path: string;
  from: Json;
  to: Json;
  /** Whether this property forces the replacement. */
  replaces?: true;
}

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

export type Changes = Record<StepOp, number>;

export interface Diagnostic {
  urn: string | null;
  severity: "info" | "warning" | "error";
  message: string;
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

export type EngineEvent =
  | { type: "resource.planned" | "resource.started" | "resource.done"; step: Step }
  | { type: "resource.failed"; step: Step; message: string }
  /** The plan is known: how many steps the apply will take. */
  | { type: "plan.done"; changes: Changes }
  /** From here on resources may have changed: a crash after it must not run again blindly. */
  | { type: "apply.started" }
  | { type: "diagnostic"; diagnostic: Diagnostic };

export interface RunProblem {
  /** `preview_stale`, `stack_locked`, `program_failed`, `resource_failed`, `canceled`, `engine_failed` or a code of the contract. */
  code: string;
  /** What went wrong and what to do. */
  detail: string;
  urn: string | null;
}

export interface RunResult {
  outcome: "succeeded" | "failed" | "canceled" | "needs_recovery";
  steps: Step[];
  changes: Changes;
  /** Digest of the planned steps and the state they start from: `sha256:…`. `null` when planning failed. */
  planDigest: string | null;
  /** Stack outputs; secrets as `[secret]`. */
  outputs: JsonObject;
  diagnostics: Diagnostic[];
  /** What the stack holds now, after whatever was applied. */
  resources: StackResource[];
  problem: RunProblem | null;
}

export interface RunOptions {
  onEvent: (event: EngineEvent) => void;
  /** Aborting lets running steps end and takes no more. */
  signal: AbortSignal;
}

export interface Engine {
  readonly name: "sandbox" | "automation";
  /** Resolves with a result for everything that happens to the run; rejects only when the engine itself is broken. */
  run(run: Run, options: RunOptions): Promise<RunResult>;
  /** Whether a run could start now, and what stands in the way: a sentence for `/readyz`. */
  ready(): { ready: boolean; detail: string };
  close(): Promise<void>;
}

export const noChanges = (): Changes => ({ create: 0, update: 0, replace: 0, delete: 0, import: 0, same: 0 });
