import type { z } from "zod";

/** Something wrong with a document that concerns more than one field. */
export interface Finding {
  path: (string | number)[];
  message: string;
}

/**
 * Such checks look at the document even where other fields are bad, so that a caller sees all errors at once. Hence they
 * read it through these functions, which give `undefined` for whatever is not as it should be (and has its own error).
 */

/** What lies at a path of own properties, or `undefined`. */
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined,
    value,
  );

/** The value by the schema, or `undefined`. */
export const valid = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined => {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
};

/** The items of a list by the schema, each `undefined` where it is not valid; empty when it is no list. */
export const validItems = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): (z.output<Schema> | undefined)[] => (Array.isArray(value) ? value.map((item: unknown) => valid(schema, item)) : []);

/** Items that an earlier item equals, by their keys (`undefined` equals nothing). */
const repeated = (keys: readonly (string | undefined)[]): { index: number; first: number }[] => {
  const seen = new Map<string, number>();
  return keys.flatMap((key, index) => {
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first !== undefined) return [{ index, first }];
    seen.set(key, index);
    return [];
  });
};

/** One finding for each item of a list that was given before. */
export const noRepeats = (path: string[], keys: readonly (string | undefined)[], what: string): Finding[] =>
  repeated(keys).map(({ index, first }) => ({
    path: [...path, index],
    message: `names ${what} that item ${first} of the list names already: give each once`,
  }));

/** The checks as a refinement of zod; give it `{ when: () => true }`, else it is skipped as soon as a field is bad. */
export const reportAll =
  (checks: readonly ((document: unknown) => Finding[])[]) =>
  (
    document: unknown,
    context: { addIssue(issue: { code: "custom"; path: (string | number)[]; message: string }): void },
  ) => {
    for (const check of checks) {
      for (const { path, message } of check(document)) context.addIssue({ code: "custom", path, message });
    }
  };
