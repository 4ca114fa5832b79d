/**
 * An operation whose apply was interrupted and goes on. Its plan was held to the approved one when it began; the plan that is
 * made anew covers what is left, and may not go beyond the first. What is told at the end is the whole operation. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json } from "../domain/json.ts";
import type { PropertyDiff, Step, StepOp } from "./engine.ts";

/** What may be left to do of a planned step. A replacement or an import that was interrupted half way goes on as less. */
const leftOf: Record<StepOp, readonly StepOp[]> = {
  create: ["create", "same"],
  update: ["update", "same"],
  replace: ["replace", "create", "update", "delete", "same"],
  import: ["import", "update", "same"],
  delete: ["delete"],
  same: ["same"],
};

const ofUrn = (steps: readonly Step[], urn: string): Step[] => steps.filter((step) => step.urn === urn);

/** Values that the plan did not show, or did not know yet: whatever stands there now may be what was meant. */
const hidden: readonly Json[] = ["[unknown]", "[secret]"];

const isHidden = (value: Json): boolean => hidden.includes(value);

/** Whether a value is the planned one, as far as the plan could tell. */
function isAsPlanned(planned: Json, now: Json): boolean {
  if (isHidden(planned) || isHidden(now)) return true;
  if (Array.isArray(planned) && Array.isArray(now))
    return planned.length === now.length && planned.every((child, index) => isAsPlanned(child, now[index] ?? null));
  if (!isObject(planned) || !isObject(now)) return isDeepStrictEqual(planned, now);
  return [...new Set([...Object.keys(planned), ...Object.keys(now)])].every((key) =>
    isAsPlanned(planned[key] ?? null, now[key] ?? null),
  );
}

const isWithin = (inner: string, outer: string): boolean => [".", "["].some((next) => inner.startsWith(outer + next));

/**
 * Whether a change is one of those planned. One that the provider now tells by a part of the value, or by the whole of it, can
 * only be known by its place.
 */
const isPlannedChange = (planned: readonly PropertyDiff[], { path, to }: PropertyDiff): boolean =>
  planned.some((change) =>
    change.path === path ? isAsPlanned(change.to, to) : isWithin(path, change.path) || isWithin(change.path, path),
  );

/**
 * Whether a step sets what the planned one set. What a replacement or an import is about is told by their differences alone, so
 * a create that is left of one is compared where those are.
 */
const setsAsPlanned = (planned: Step, now: Step): boolean => {
  const isPart = now.op === "create" && planned.op !== "create";
  const told = isPart ? now.diff.filter(({ path }) => planned.diff.some((change) => change.path === path)) : now.diff;
  return told.every((change) => isPlannedChange(planned.diff, change));
};

/**
 * Steps of the new plan that the first one did not have, or that set something else. Empty unless something outside changed
 * meanwhile, or the program is another by now.
 */
export const beyondPlan = (planned: readonly Step[], now: readonly Step[]): Step[] =>
  now.filter(
    (step) =>
      step.op !== "same" &&
      !ofUrn(planned, step.urn).some((first) => leftOf[first.op].includes(step.op) && setsAsPlanned(first, step)),
  );

/** The planned step that a step was a part of; `null` for a part that needs no telling. */
const asIntended = (planned: readonly Step[], step: Step): Step | null => {
  const intentions = ofUrn(planned, step.urn);
  if (step.op === "same" || intentions.some(({ op }) => op === step.op)) return step;
  const whole = intentions.find(({ op }) => op === "replace" || op === "import");
  if (whole === undefined) return step;
  return step.op === "delete" ? null : whole;
};

/** Steps of the first plan that a new one finds done: what they were about is as it was to be. */
export const doneBefore = (planned: readonly Step[], now: readonly Step[]): Step[] =>
  planned.filter(
    ({ urn, op }) => op !== "same" && op !== "delete" && ofUrn(now, urn).some((step) => step.op === "same"),
  );

interface Attempts {
  /** What the operation set out to do. */
  planned: readonly Step[];
  /** What its earlier runs did. */
  earlier: readonly Step[];
  /** What this run did. */
  now: readonly Step[];
  /** URNs that the stack holds. */
  held: ReadonlySet<string>;
}

/** What the operation did in all its runs: each step once, and as `same` only what none of them changed. */
export function wholeOperation({ planned, earlier, now, held }: Attempts): Step[] {
  const steps = [...earlier, ...now].flatMap((step) => asIntended(planned, step) ?? []);
  // Deleted to make room for a replacement that then was not made: nothing else tells of it.
  const vanished = planned.filter(({ op, urn }) => op === "delete" && !held.has(urn));
  const changed = [...steps.filter(({ op }) => op !== "same"), ...vanished].filter(
    ({ urn, op }, index, all) => all.findIndex((other) => other.urn === urn && other.op === op) === index,
  );
  const urns = new Set(changed.map(({ urn }) => urn));
  return [...changed, ...steps.filter(({ op, urn }) => op === "same" && !urns.has(urn))];
}
