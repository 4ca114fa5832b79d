/**
 * The tables, for typed queries. The SQL that makes them, with checks and indexes, is in `migrations/`; a test holds the
 * two together.
 */
import {
  bigint,
  bigserial,
  boolean,
  integer,
  json,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { JsonObject } from "../domain/json.ts";
import type { Diagnostic, PendingResource, StackResource, Step, Changes } from "../engine/engine.ts";
import type { StackDrift } from "../domain/drift.ts";
import type { OperationAccess } from "../domain/access.ts";
import type {
  ApprovalState,
  Cost,
  Operation,
  OperationKind,
  OperationStatus,
  ProblemDetails,
  Progress,
  StackStatus,
  Warning,
} from "../domain/operation.ts";
import type { OperationEventData, OperationEventType } from "../domain/operation-event.ts";
import type { IdentityCenterDemand, IdentityCenterShare } from "../domain/identity-center-share.ts";
import type { StackKind } from "../domain/stacks.ts";
import type { Verification } from "../domain/verification.ts";

export const gatehouse = pgSchema("gatehouse");
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row per environment or foundation, made by the first request that names it. */
export const stacks = gatehouse.table("stacks", {
  name: text("name").primaryKey(),
  /** Order of arrival, for cursors. */
  sequence: bigserial("sequence", { mode: "number" }).notNull(),
  kind: text("kind").$type<StackKind>().notNull(),
  team: text("team").notNull(),
  status: text("status").$type<StackStatus>().notNull(),
  /** Rises with each successful up. */
  revision: integer("revision").notNull().default(0),
  /** The document last applied with success. */
  spec: jsonb("spec").$type<JsonObject>(),
  /** The arguments of the last run that may have applied something, whatever came of it. */
  arguments: jsonb("arguments").$type<JsonObject>(),
  outputs: jsonb("outputs").$type<JsonObject>().notNull().default({}),
  /** What the stack held after its last run. */
  resources: jsonb("resources").$type<StackResource[]>().notNull().default([]),
  /** An environment whose foundation changed since its last up. */
  outdated: boolean("outdated").notNull().default(false),
  /** What the last look at the account found otherwise than it was applied; null: nobody has looked. */
  drift: jsonb("drift").$type<StackDrift>(),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
});
export type StackRow = typeof stacks.$inferSelect;

/** What an apply changes of its stack when it begins, as it was. */
export interface StackBefore {
  status: StackStatus;
  arguments: JsonObject | null;
}

export const operations = gatehouse.table("operations", {
  id: uuid("id").primaryKey(),
  /** Order of arrival, for cursors and for what came before. */
  sequence: bigserial("sequence", { mode: "number" }).notNull(),
  kind: text("kind").$type<OperationKind>().notNull(),
  previewOf: text("preview_of").$type<"up" | "destroy">(),
  /** What the caller asked for: a preview of an `up` request goes on by itself. */
  action: text("action").$type<"preview" | "up">().notNull(),
  stack: text("stack").notNull(),
  team: text("team").notNull(),
  status: text("status").$type<OperationStatus>().notNull(),
  requestedBy: text("requested_by").notNull(),
  onBehalfOf: text("on_behalf_of"),
  /** Whether it begins by reading every resource of its stack from the account. */
  refresh: boolean("refresh").notNull().default(false),
  /** Of the call that made it, or that made the preview which it continues: for logs. */
  requestId: text("request_id"),
  /** The request document; the applied one for a destroy. */
  spec: jsonb("spec").$type<JsonObject>().notNull(),
  /** Resolved when a preview runs; its up takes the same. */
  arguments: jsonb("arguments").$type<JsonObject>(),
  /** What the engine's plan came to, and what people approve: that and everything it rests on. */
  planDigest: text("plan_digest"),
  digest: text("digest"),
  changes: jsonb("changes").$type<Changes>(),
  steps: jsonb("steps").$type<Step[]>().notNull().default([]),
  /** Who gains and who loses access; null before the preview has run, and for foundations. */
  access: jsonb("access").$type<OperationAccess>(),
  /** Of a verification that has ended: what it found. */
  verification: jsonb("verification").$type<Verification>(),
  warnings: jsonb("warnings").$type<Warning[]>().notNull().default([]),
  diagnostics: jsonb("diagnostics").$type<Diagnostic[]>().notNull().default([]),
  cost: jsonb("cost").$type<Cost>(),
  outputs: jsonb("outputs").$type<JsonObject>().notNull().default({}),
  problem: jsonb("problem").$type<ProblemDetails>(),
  progress: jsonb("progress").$type<Progress>(),
  /** Previews only. */
  approvalState: text("approval_state").$type<ApprovalState>(),
  approvalsRequired: integer("approvals_required").notNull().default(0),
  supersededBy: uuid("superseded_by"),
  continues: uuid("continues"),
  continuedBy: uuid("continued_by"),
  engine: text("engine").notNull(),
  cloud: text("cloud").notNull(),
  /** Rises with each claim; a write names the attempt it belongs to. */
  attempt: integer("attempt").notNull().default(0),
  /** Number of its newest event. */
  lastEvent: integer("last_event").notNull().default(1),
  /** The revision that the caller worked from; null: whichever there is. */
  expectedRevision: integer("expected_revision"),
  /** Rises over all claims of all operations. */
  fence: bigint("fence", { mode: "number" }).notNull().default(0),
  /** Which worker holds it, and until when by the database's clock. */
  leaseOwner: text("lease_owner"),
  leaseUntil: instant("lease_until"),
  /** How often it was lost while it ran: its worker died or was cut off. */
  lostLeases: integer("lost_leases").notNull().default(0),
  /** Why it was given up the last time that somebody said so, and what `lostLeases` was then. */
  lastLoss: jsonb("last_loss").$type<{ why: string; losses: number }>(),
  /** Handed back: not to be taken before this, by the database's clock. */
  availableAt: instant("available_at"),
  /** Foundations that an environment's apply stands on. */
  foundations: text("foundations").array().notNull().default([]),
  /** The stack that it waits for, `recovery`, or `identity-center`: a share of its limits. */
  waitingFor: text("waiting_for"),
  /** The stack's state before this operation began to apply; null: it has not begun. */
  stackBefore: jsonb("stack_before").$type<StackBefore>(),
  /** Resource writes whose outcome is not known. */
  pending: jsonb("pending").$type<PendingResource[]>().notNull().default([]),
  cancelRequestedAt: instant("cancel_requested_at"),
  killRequestedAt: instant("kill_requested_at"),
  /** Of a recovery: the operation whose stack it brings home, and how. */
  recovers: uuid("recovers"),
  resolution: text("resolution").$type<"refresh" | "unlock">(),
  /** What its run asks of Identity Center (0014-identity-center-budget.sql); null: nothing that counts. */
  identityCenterDemand: jsonb("identity_center_demand").$type<IdentityCenterDemand>(),
  /** What it will hold once it has passed the gate (0020-share-at-the-gate.sql); null: nothing, or it holds it from its claim on. */
  identityCenterWish: jsonb("identity_center_wish").$type<IdentityCenterShare>(),
  /** Its place among those that wait at the gate; null: it is not there, or it has passed. */
  identityCenterTurn: bigint("identity_center_turn", { mode: "number" }),
  /** What it holds of Identity Center's limits, while it runs under a lease. */
  identityCenterShare: jsonb("identity_center_share").$type<IdentityCenterShare>(),
  /** The first of those that wait for a share. */
  identityCenterNext: boolean("identity_center_next").notNull().default(false),
  /** How often it ran into a limit of AWS and was run again. */
  throttled: integer("throttled").notNull().default(0),
  /** From here on resources may have changed. */
  applyStartedAt: instant("apply_started_at"),
  createdAt: instant("created_at").notNull(),
  startedAt: instant("started_at"),
  finishedAt: instant("finished_at"),
});
export type OperationRow = typeof operations.$inferSelect;
export type NewOperation = typeof operations.$inferInsert;

/** What happened to an operation, in order. State changes are written by triggers (0004-events.sql), the rest by its worker. */
export const events = gatehouse.table(
  "events",
  {
    operationId: uuid("operation_id").notNull(),
    /** 1, 2, 3 … within the operation. */
    number: integer("number").notNull(),
    type: text("type").$type<OperationEventType>().notNull(),
    attempt: integer("attempt").notNull(),
    at: instant("at").notNull().defaultNow(),
    data: jsonb("data").$type<OperationEventData>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.operationId, table.number] })],
);

/** People that Gatehouse made. The owner is the environment whose stack holds the user; null once it let go and they stayed. */
export const people = gatehouse.table("people", {
  userName: text("user_name").primaryKey(),
  ownerStack: text("owner_stack"),
});

/** Nodes that carried an environment's tag when it was last verified. */
export const knownNodes = gatehouse.table(
  "known_nodes",
  {
    stack: text("stack").notNull(),
    account: text("account").notNull(),
    region: text("region").notNull(),
    node: text("node").notNull(),
    name: text("name"),
    seenAt: instant("seen_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.stack, table.account, table.region, table.node] })],
);

/** What a stack left in the account when it let go of it: taken back without asking when the stack returns. */
export const retainedResources = gatehouse.table(
  "retained_resources",
  {
    account: text("account").notNull(),
    region: text("region").notNull(),
    type: text("type").notNull(),
    id: text("id").notNull(),
    stack: text("stack").notNull(),
    retainedAt: instant("retained_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.region, table.type, table.id] })],
);

/** First answers to calls with an `Idempotency-Key`; of the key only a hash is kept. */
export const idempotencyKeys = gatehouse.table(
  "idempotency_keys",
  {
    principal: text("principal").notNull(),
    keyHash: text("key_hash").notNull(),
    requestDigest: text("request_digest").notNull(),
    operationId: uuid("operation_id").notNull(),
    answer: json("answer").$type<Operation>().notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.principal, table.keyHash] })],
);

/** Keys of callers; only a hash is kept. */
export const apiKeys = gatehouse.table("api_keys", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  role: text("role").$type<"viewer" | "requester" | "approver" | "admin">().notNull(),
  keyHash: text("key_hash").notNull(),
  createdAt: instant("created_at").notNull(),
});

/** When each team was last served: the fence of its newest claim. */
export const teamTurns = gatehouse.table("team_turns", {
  team: text("team").primaryKey(),
  turn: bigint("turn", { mode: "number" }).notNull(),
});

/** Keys that the service makes for itself and all its processes share. */
export const serviceKeys = gatehouse.table("service_keys", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
