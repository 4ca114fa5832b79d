import type { z } from "zod";
import { jsonPointer } from "./json-pointer.ts";
import { documentFaults } from "./text-safety.ts";

/** One bad field of a document. */
export interface FieldError {
  /** JSON Pointer (RFC 6901) into the body. */
  pointer: string;
  /** What is allowed there. */
  message: string;
}

type Parsed<Value> = { ok: true; value: Value } | { ok: false; errors: FieldError[] };

/** More errors than this are not told: the caller mends these first. */
export const mostErrors = 100;

/** Messages for issues of schemas that bring none of their own, by zod's code. */
const fallbacks: Readonly<Record<string, string>> = {
  invalid_type: "must be of another type",
  unrecognized_keys: "is not a field here",
  invalid_key: "is not a key that is allowed here",
  too_big: "is too large",
  too_small: "is too small",
};

/** zod's own English would repeat what was given; ours never does. */
const ownMessage = (issue: z.core.$ZodIssue): string =>
  /^(?:Invalid|Unrecognized|Too |Expected)/.test(issue.message)
    ? (fallbacks[issue.code] ?? "is not valid")
    : issue.message;

const fieldErrors = (issue: z.core.$ZodIssue): FieldError[] => {
  const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({ pointer: jsonPointer(path), message: ownMessage(issue) }));
};

const distinct = (errors: FieldError[]): FieldError[] => [
  ...new Map(errors.map((error) => [`${error.pointer} ${error.message}`, error])).values(),
];

/**
 * Parses a value that came from outside: the schema's output, or every bad field (the first 100). Nothing is thrown, and
 * no message repeats a value.
 */
export const parseDocument = <Schema extends z.ZodType>(schema: Schema, value: unknown): Parsed<z.output<Schema>> => {
  const faults = documentFaults(value, mostErrors).map(({ path, message }) => ({
    pointer: jsonPointer(path),
    message,
  }));
  const result = schema.safeParse(value);
  if (result.success && faults.length === 0) return { ok: true, value: result.data };
  // Where a string is unsafe altogether, what its field asks for adds nothing.
  const told = new Set(faults.map((fault) => fault.pointer));
  const issues = result.success ? [] : result.error.issues.flatMap(fieldErrors);
  const errors = distinct([...faults, ...issues.filter(({ pointer }) => !told.has(pointer))]);
  return { ok: false, errors: errors.slice(0, mostErrors) };
};
