/**
 * The gate between the plan and the apply of one CLI process. The CLI has locked the stack, planned, and asks the program again
 * for the real run; there the program waits, and when the plan is not what was approved it throws, so that nothing is applied.
 */
import { RunError } from "@pulumi/pulumi/errors.js";
import type { EngineEvent, ProgramRun } from "../../engine.ts";
import { isDatabaseUnavailable } from "../../../database-unavailable.ts";
import { beyondPlan } from "../../resumption.ts";
import { markApply, type Marker } from "./fence.ts";
import type { RunEvents } from "./run-events.ts";
import { lockedProblem, staleDetail } from "../../run-result.ts";
import { driftedDetail, turnedBack, type GateRefusal } from "./run-result.ts";
import type { Connection } from "../../connection.ts";
import { importConflict } from "./told-steps.ts";

interface GateOptions {
  connection: Connection;
  run: ProgramRun;
  /** How far the operation came earlier; `null` when it has not applied anything. */
  marker: Marker | null;
  events: RunEvents;
  /** Digest of the plan that was told. */
  digest: () => string;
  /** Seal of what is applied; `null` for a destroy. */
  sealedArguments: string | null;
  onEvent: (event: EngineEvent) => void;
  /** Resolves when the run may apply what is approved; with false when it may not. */
  mayApply: () => Promise<boolean>;
}

/** What stands between a plan and its apply. */
export interface Gate {
  /** Resolves when the program may run for real. @throws RunError: then nothing is applied */
  pass: () => Promise<void>;
  /** Why nothing was let through; `null` when it was, or nobody asked. */
  refusal(): GateRefusal | null;
  applying(): boolean;
}

/** Whether the plan is what people approved. An operation that began to apply earlier passed then; what is left is a part of it. */
const isStale = ({ run, marker, events, digest }: GateOptions): boolean =>
  marker === null
    ? run.approvedPlan !== null && run.approvedPlan !== digest()
    : beyondPlan(marker.planned, events.planned()).length > 0;

/** Whether the operation set out to delete it, in a run that was interrupted: then it may be gone. */
const goesAway = (marker: Marker | null, urn: string): boolean =>
  marker?.planned.some((step) => step.urn === urn && step.op === "delete") ?? false;

async function decide(options: GateOptions): Promise<GateRefusal | null> {
  const { connection, run, marker, events, sealedArguments } = options;
  const planned = events.planned();
  if (isStale(options)) return { code: "preview_stale", detail: staleDetail(planned), urn: null };
  const lost = events.stateProblem(({ urn }) => !goesAway(marker, urn));
  if (lost !== null) return { ...lost, code: "engine_failed" };
  const drifted = await events.driftSincePlan();
  if (drifted.length > 0) return { code: "preview_stale", detail: driftedDetail(drifted), urn: null };
  const conflict = importConflict(events.told());
  if (conflict !== null) return { code: "adoption_differs", failure: "import_differs", ...conflict };
  const isNewest = await markApply(connection, { stack: run.stack, number: run.fence }, planned, sealedArguments);
  return isNewest ? null : { code: "stack_locked", detail: lockedProblem(run.stack).detail, urn: null };
}

/** Without the database nobody knows whether the run may go on; nothing is applied then, and its operation runs again. */
const decideOrBreakOff = async (options: GateOptions): Promise<GateRefusal | null> => {
  try {
    return await decide(options);
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    return { code: "interrupted", detail: "The database went away before anything was applied.", urn: null };
  }
};

/** A gate that nobody has come to yet. */
export function createGate(options: GateOptions): Gate {
  const passage: { refusal: GateRefusal | null; applying: boolean } = { refusal: null, applying: false };
  return {
    pass: async () => {
      await options.events.planTold;
      const stale = isStale(options);
      // Also where the CLI was told to stop meanwhile: the program must not go on beside it.
      passage.refusal = stale || (await options.mayApply()) ? await decideOrBreakOff(options) : turnedBack;
      // The CLI hears of a program that failed, and ends in order.
      if (passage.refusal !== null) throw new RunError(passage.refusal.code);
      passage.applying = true;
      options.onEvent({ type: "apply.started" });
    },
    refusal: () => passage.refusal,
    applying: () => passage.applying,
  };
}
