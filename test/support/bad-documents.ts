import type { z } from "zod";
import { parseDocument } from "../../service/domain/parse.ts";

/** A bad document: what is changed in a good one, and each pointer below the document with what its message says. */
export type BadDocument = [title: string, changes: Record<string, unknown>, errors: Record<string, RegExp>];

/** Parsed from JSON, so that `__proto__` is a key of its own as it is in a body. */
export const fromJson = (text: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
};

/** Holds the errors of a request to those expected: exactly these pointers, each with its message. */
export const expectErrors = (
  schema: z.ZodType,
  document: "environment" | "foundation",
  content: Record<string, unknown>,
  errors: BadDocument[2],
): void => {
  const result = parseDocument(schema, { [document]: content });
  const given = result.ok ? [] : result.errors;
  expect(given.map(({ pointer }) => pointer).sort()).toEqual(
    Object.keys(errors)
      .map((pointer) => `/${document}${pointer}`)
      .sort(),
  );
  for (const [pointer, message] of Object.entries(errors)) {
    expect(given.find((error) => error.pointer === `/${document}${pointer}`)?.message).toMatch(message);
  }
};
