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
    status: operationStatus.describe("Status of the operation from here on."),
    changes: changes.nullable().describe("What was planned or applied; null until the operation has ended."),
    problem: problemDetails.nullable().describe("Why it did not succeed."),
  })
  .meta({ id: "OperationStatusEvent", description: "The operation has another status." });

/** A step without its differences: those are on the operation. */
const shortStep = step.omit({ diff: true }).describe("The step, without its differences.");

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
  "resource.failed": z.object({ step: shortStep, message: z.string().describe("Why it failed.") }),
  diagnostic,
  "verification.step": z.object({
    step: verificationStep
      .omit({ findings: true })
      .describe("What was looked at; what it found is in the operation's `verification`."),
  }),
  "drift.found": z.object({
    total: z.int().describe("How many resources the account has otherwise than they were applied."),
    resources: z.array(shortStep).describe("The first hundred of them."),
  }),
  "approval.void": z.object({
    supersededBy: z.string().nullable().describe("Id of the operation that made the preview void."),
  }),
} as const;

export type OperationEventType = keyof typeof dataOfTypes;

const eventOf = <Type extends OperationEventType>(type: Type) =>
  z.object({
    number: z.int().describe("1, 2, 3 … within the operation."),
    type: z.literal(type).describe("What happened."),
    at: z.iso.datetime().describe("When, by the database's clock."),
    operation: z.string().describe("Id of the operation."),
    stack: z.string().describe("Its stack."),
    kind: operationKind.describe("What the operation does."),
    attempt: z.int().describe("Which claim of the operation this belongs to; 0 before the first."),
    data: dataOfTypes[type].describe("What there is to tell of it."),
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
  .meta({ id: "OperationEvent", description: "One event of an operation, in order; `data` is by `type`." });

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
