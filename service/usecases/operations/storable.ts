/** What PostgreSQL cannot keep in JSON, taken out: one odd byte of a tool's message must not lose an operation's result. */
import type { Json, JsonObject } from "../../domain/json.ts";
import type { RunProblem, RunResult, Step } from "../../engine/engine.ts";

/**
 * A text without U+0000, and with halves of surrogate pairs replaced: `jsonb` takes neither
 * (https://www.postgresql.org/docs/18/datatype-json.html).
 */
export const storableText = (text: string): string => text.replaceAll("\0", "").toWellFormed();

const storableJson = (value: Json): Json => {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  return value !== null && typeof value === "object" ? storableObject(value) : value;
};

const storableObject = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([name, part]) => [storableText(name), storableJson(part)]));

const storableStep = (step: Step): Step => ({
  ...step,
  diff: step.diff.map(({ path, from, to, ...change }) => ({
    ...change,
    path: storableText(path),
    from: storableJson(from),
    to: storableJson(to),
  })),
});

const storableProblem = ({ cause, ...problem }: RunProblem): RunProblem => ({
  ...problem,
  detail: storableText(problem.detail),
  ...(cause === undefined ? {} : { cause: storableText(cause) }),
});

/** A result whose texts from programs, tools and AWS can be kept. */
export const storableResult = (result: RunResult): RunResult => ({
  ...result,
  steps: result.steps.map(storableStep),
  drift: result.drift.map(storableStep),
  outputs: storableObject(result.outputs),
  diagnostics: result.diagnostics.map((diagnostic) => ({ ...diagnostic, message: storableText(diagnostic.message) })),
  problem: result.problem && storableProblem(result.problem),
});
