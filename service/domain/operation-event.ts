/** What is told of an operation while it goes on: on the event stream now, on webhooks later. */
import { z } from "zod";
import type { json } from "./operation.ts";
import { verificationStep } from "./verification.ts";
import {
  changes,
  diagnostic,
  operationKind,
  operationStatus,
  problemDetails,
  step,
  type OperationKind,
} from "./operation.ts";

const status = z
  .object({
    status: operationStatus,
    /** What was planned or applied; null until the operation has ended. */
    changes: changes.nullable(),
    problem: problemDetails.nullable(),
  })
  .meta({ id: "OperationStatusEvent" });

/** A step without its differences: those are on the operation. */
const shortStep = step.omit({ diff: true });
export type ShortStep = z.infer<typeof shortStep>;

/**
 * What each type of event carries in `data`. `operation.queued` comes again when a worker hands the operation back, and
 * `operation.started` with each attempt.
 */
const dataOfTypes = {
  "operation.queued": status,
  "operation.started": status,
  "operation.succeeded": status,
  "operation.failed": status,
  "operation.canceled": status,
  "operation.needs_recovery": status,
  "resource.planned": z.object({ step: shortStep }),
  "resource.started": z.object({ step: shortStep }),
  "resource.done": z.object({ step: shortStep }),
  "resource.failed": z.object({ step: shortStep, message: z.string() }),
  diagnostic,
  /** A verification has looked at one thing; what it found is in the operation's `verification` too. */
  "verification.step": z.object({ step: verificationStep.omit({ findings: true }) }),
  /** An operation looked, and the account has resources otherwise than they were applied: the first hundred, and how many. */
  "drift.found": z.object({ total: z.int(), resources: z.array(shortStep) }),
  "approval.void": z.object({ supersededBy: z.string().nullable() }),
} as const;

export type OperationEventType = keyof typeof dataOfTypes;

const eventOf = <Type extends OperationEventType>(type: Type) =>
  z.object({
    /** 1, 2, 3 … within the operation. */
    number: z.int(),
    type: z.literal(type),
    /** By the database's clock. */
    at: z.iso.datetime(),
    operation: z.string(),
    stack: z.string(),
    kind: operationKind,
    /** Which claim of the operation this belongs to; 0 before the first. */
    attempt: z.int(),
    data: dataOfTypes[type],
  });

/** One event as callers see it. */
export const operationEvent = z
  .discriminatedUnion("type", [
    eventOf("operation.queued"),
    eventOf("operation.started"),
    eventOf("operation.succeeded"),
    eventOf("operation.failed"),
    eventOf("operation.canceled"),
    eventOf("operation.needs_recovery"),
    eventOf("resource.planned"),
    eventOf("resource.started"),
    eventOf("resource.done"),
    eventOf("resource.failed"),
    eventOf("diagnostic"),
    eventOf("verification.step"),
    eventOf("drift.found"),
    eventOf("approval.void"),
  ])
  .meta({ id: "OperationEvent" });

export type OperationEventData = Record<string, z.infer<typeof json>>;

/** An event to be passed on; its data was written by us and is not looked into again. */
export interface OperationEvent {
  number: number;
  type: OperationEventType;
  at: string;
  operation: string;
  stack: string;
  kind: OperationKind;
  attempt: number;
  data: OperationEventData;
}

/** Events of one operation that follow each other. */
export interface EventPage {
  events: OperationEvent[];
  /** Nothing comes after these: the operation has ended. */
  over: boolean;
}
