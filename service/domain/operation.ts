import { z } from "zod";
import { operationAccess } from "./access.ts";
import { verification } from "./verification.ts";
import { stackDrift } from "./drift.ts";

/** The answers of the contract about operations; request documents are in `environment-document.ts` and `foundation-document.ts`. */

export const operationKinds = ["preview", "up", "destroy", "refresh", "drift_check", "verification"] as const;
export const operationKind = z.enum(operationKinds);
export type OperationKind = z.infer<typeof operationKind>;

export const operationStatuses = ["queued", "running", "succeeded", "failed", "canceled", "needs_recovery"] as const;
export const operationStatus = z.enum(operationStatuses);
export type OperationStatus = z.infer<typeof operationStatus>;

export const approvalStates = ["not_required", "pending", "approved", "rejected", "void"] as const;
export const approvalState = z.enum(approvalStates);
export type ApprovalState = z.infer<typeof approvalState>;

/** Any JSON value. */
export const json = z.json().meta({ id: "Json" });

export const problemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().optional(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  requestId: z.string().optional(),
});
export type ProblemDetails = z.infer<typeof problemDetails>;

/** Stable; each has a section in docs/warnings.md, which a test holds. */
export const warningCodes = [
  "access_not_read",
  "console_needs_document",
  "drift_changes_access",
  "drift_found",
  "import_changes_resource",
  "node_in_two_environments",
  "node_outside_logging_role",
  "open_sessions",
  "protection_not_enforced",
  "sessions_without_content_logs",
  "tag_writers_not_held",
  "tags_replace_activation",
  "tier_retired",
  "whitepaper_grants_no_document",
] as const;

export const warning = z.object({ code: z.enum(warningCodes), message: z.string() });
export type Warning = z.infer<typeof warning>;

export const step = z.object({
  op: z.enum(["create", "update", "replace", "delete", "import", "same"]),
  urn: z.string(),
  type: z.string(),
  name: z.string(),
  diff: z.array(z.object({ path: z.string(), from: json, to: json, replaces: z.literal(true).optional() })),
  retain: z.literal(true).optional(),
});

export const changes = z.object({
  create: z.int(),
  update: z.int(),
  replace: z.int(),
  delete: z.int(),
  import: z.int(),
  same: z.int(),
});

export const diagnostic = z.object({
  urn: z.string().nullable(),
  severity: z.enum(["info", "warning", "error"]),
  message: z.string(),
});

export const cost = z.object({
  /** US dollars a month that this operation adds (or, negative, takes away), as far as it is known. */
  monthlyUsd: z.number(),
  items: z.array(z.object({ what: z.string(), monthlyUsd: z.number(), source: z.string(), asOf: z.string() })),
  /** What it also costs, without a figure that we have a source for, and the page to look at. */
  unknown: z.array(z.string()),
});
export type Cost = z.infer<typeof cost>;

export const approval = z.object({
  state: approvalState,
  required: z.int(),
  decisions: z.array(z.json()),
  supersededBy: z.string().nullable(),
});

export const pendingResource = z.object({
  urn: z.string(),
  type: z.string(),
  kind: z.enum(["creating", "updating", "deleting"]),
});

/** Where a running operation stands: steps done of steps planned, and what is being worked on. */
export const progress = z.object({ done: z.int(), total: z.int(), current: z.string().nullable() });
export type Progress = z.infer<typeof progress>;

export const operation = z
  .object({
    id: z.uuidv7(),
    kind: operationKind,
    stack: z.string(),
    status: operationStatus,
    requestedBy: z.string(),
    onBehalfOf: z.string().nullable(),
    /** Whether it begins by reading every resource of its stack from the account. */
    refresh: z.boolean(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    attempt: z.int(),
    engine: z.string(),
    cloud: z.string(),
    /**
     * The stack whose apply it waits for; `recovery`: its own stack has to be recovered first; `identity-center`: others use
     * what AWS allows of Identity Center at once.
     */
    waitingFor: z.string().nullable(),
    progress: progress.nullable(),
    spec: z.record(z.string(), json),
    digest: z.string().nullable(),
    changes: changes.nullable(),
    steps: z.array(step),
    /** Null until its preview has run, and for foundations. */
    access: operationAccess.nullable(),
    /** Of a verification that has ended. */
    verification: verification.nullable(),
    warnings: z.array(warning),
    diagnostics: z.array(diagnostic),
    cost: cost.nullable(),
    approval: approval.nullable(),
    previewOf: z.enum(["up", "destroy"]).nullable(),
    continues: z.string().nullable(),
    continuedBy: z.string().nullable(),
    /** Of a recovery: the operation whose stack it brings home. */
    recovers: z.string().nullable(),
    /** Resource writes that began and whose end nobody knows; why it is in `needs_recovery`. */
    pending: z.array(pendingResource),
    outputs: z.record(z.string(), json),
    problem: problemDetails.nullable(),
  })
  .meta({ id: "Operation" });
export type Operation = z.infer<typeof operation>;

/** Operations that are not over. */
export const unfinishedStatuses: readonly OperationStatus[] = ["queued", "running"];
export const isFinished = (status: OperationStatus): boolean => !unfinishedStatuses.includes(status);

export const stackStatuses = [
  "pending",
  "active",
  "changing",
  "failed",
  "needs_recovery",
  "destroying",
  "destroyed",
] as const;
export const stackStatus = z.enum(stackStatuses);
export type StackStatus = z.infer<typeof stackStatus>;

const stackFields = {
  revision: z.int(),
  status: stackStatus,
  spec: z.record(z.string(), json).nullable(),
  outputs: z.record(z.string(), json),
  lastOperation: z.string().nullable(),
  pendingOperation: z.string().nullable(),
  /** Null: nobody has looked since the stack was made. */
  drift: stackDrift.nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};

export const environment = z
  .object({ name: z.string(), team: z.string(), ...stackFields, outdated: z.boolean() })
  .meta({ id: "Environment" });
export type Environment = z.infer<typeof environment>;

export const foundation = z
  .object({ account: z.string(), region: z.string(), ...stackFields })
  .meta({ id: "Foundation" });
export type Foundation = z.infer<typeof foundation>;

/** One page of a list; `nextCursor` is null on the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
