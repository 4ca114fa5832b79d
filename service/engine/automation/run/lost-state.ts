/**
 * A state that is not the one of our last run. The CLI takes an empty checkpoint, or one of another backend, for a stack that was
 * never brought up: it would make everything a second time, and a destroy would say that it is done. A state that another
 * service left under the same name it changes to what this one wants. What the stack held after its last run is kept
 * (`stack-record.ts`), and compared. Pure.
 */
import { failureClasses } from "../../../domain/failure-classes.ts";
import type { RunProblem, StackResource } from "../../engine.ts";
import { isInAccount, type Read } from "./account-reads.ts";
import type { StackRecord } from "./stack-record.ts";
import type { ToldStep } from "./told-steps.ts";

/** What the CLI told of a stack's state: by a plan, and by reading the account for it. */
interface ToldStack {
  plan: readonly ToldStep[];
  reads: readonly Read[];
}

/** URNs of what the state has. An import is followed by an update, which tells the resource as if it had been there. */
function heldIn({ plan, reads }: ToldStack): Set<string> {
  const imported = new Set(plan.filter(({ op }) => op.startsWith("import")).map(({ urn }) => urn));
  const held = [...plan, ...reads].filter((step) => isInAccount(step) && !imported.has(step.urn));
  return new Set(held.map(({ urn }) => urn));
}

/** URNs that were there after the last run, and are not in the state. */
export function missingFrom(told: ToldStack, known: readonly StackResource[]): string[] {
  const held = heldIn(told);
  return known.map(({ urn }) => urn).filter((urn) => !held.has(urn));
}

/** Everything is gone that was there; what a part of it means only people can tell. `null`: the state has some of it, or had nothing. */
export function lostStateProblem(told: ToldStack, known: readonly StackResource[]): RunProblem | null {
  if (known.length === 0 || missingFrom(told, known).length < known.length) return null;
  const detail = `The backend has nothing of this stack, which held ${known.length} resources after its last run. ${failureClasses.checkpoint_lost.advice}`;
  return { code: failureClasses.checkpoint_lost.code, failure: "checkpoint_lost", detail, urn: null };
}

/** The state holds something, and this service has never applied anything. `null`: it holds nothing, or it may be ours. */
export function othersStateProblem(
  told: ToldStack,
  { resources, appliedArguments }: Pick<StackRecord, "resources" | "appliedArguments">,
): RunProblem | null {
  const held = heldIn(told).size;
  if (held === 0 || resources.length > 0 || appliedArguments !== null) return null;
  const detail = `The backend holds ${held} resources of this stack, which this service has never brought up. ${failureClasses.checkpoint_of_others.advice}`;
  return { code: failureClasses.checkpoint_of_others.code, failure: "checkpoint_of_others", detail, urn: null };
}

/** What to say of a plan on a state that has lost a part; `null` where it has everything. */
export function missingWarning(told: ToldStack, known: readonly StackResource[]): string | null {
  const missing = missingFrom(told, known);
  if (missing.length === 0) return null;
  return `The state has not what was there after the last run: ${missing.join("; ")}. Unless somebody took it away by hand, the state is an older one: put the newest back before anything is applied, since what is planned as new may exist.`;
}
