/** Rules for values, put together in the tables of types. Each says in a sentence what AWS allows. */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import type { Rule } from "./resource-type.ts";

/** All of several rules; the first broken one speaks. */
export const all =
  (...rules: Rule[]): Rule =>
  (value) => {
    for (const rule of rules) {
      const reason = rule(value);
      if (reason !== null) return reason;
    }
    return null;
  };

/** A text of so many characters, and of a pattern where one is given (with what it allows, in words). */
export const textOf =
  (minimum: number, maximum: number, pattern?: { matches: RegExp; allows: string }): Rule =>
  (value) => {
    if (typeof value !== "string") return "must be a text";
    if (value.length < minimum || value.length > maximum) {
      return `must have ${minimum} to ${maximum} characters, and has ${value.length}`;
    }
    return pattern === undefined || pattern.matches.test(value) ? null : `must be ${pattern.allows}`;
  };

/** One of these values. */
export const oneOf =
  (...allowed: Json[]): Rule =>
  (value) =>
    allowed.includes(value) ? null : `must be one of ${allowed.map((one) => JSON.stringify(one)).join(", ")}`;

/** A whole number within bounds. */
export const integer =
  (minimum: number, maximum: number): Rule =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum
      ? null
      : `must be a whole number from ${minimum} to ${maximum}`;

/** True or false. */
export const flag: Rule = (value) => (typeof value === "boolean" ? null : "must be true or false");

/** A list of anything. */
export const list: Rule = (value) => (Array.isArray(value) ? null : "must be a list");

/** An object of anything. */
export const object: Rule = (value) => (isObject(value) ? null : "must be an object");

/** An ARN of one of the named services; of any without names. */
export const arn =
  (...services: string[]): Rule =>
  (value) => {
    const parts =
      typeof value === "string" ? /^arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:(\d{12}|aws)?:.+$/.exec(value) : null;
    if (parts === null) return "must be an ARN";
    return services.length === 0 || services.includes(parts[1] ?? "")
      ? null
      : `must be an ARN of ${services.join(" or ")}`;
  };

/** An AWS account id. */
export const account: Rule = textOf(12, 12, { matches: /^\d{12}$/, allows: "an account id of 12 digits" });

/** A text that is a JSON object. */
export const jsonObject: Rule = (value) =>
  typeof value === "string" && parsedObject(value) !== null ? null : "must be a JSON object, written as text";

/** The object that a text holds; `null` when it holds none. */
export const parsedObject = (value: string): JsonObject | null => {
  try {
    const parsed = JSON.parse(value) as Json;
    return isObject(parsed) ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Tags: keys of 1 to 128 characters, values of up to 256, of letters, digits, spaces and `_.:/=+-@`, no key that begins
 * with `aws:` (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html).
 */
export const tags =
  (maximum = 50): Rule =>
  (value) => {
    if (!isObject(value)) return "must be an object of tags";
    const entries = Object.entries(value);
    if (entries.length > maximum) return `must have at most ${maximum} tags, and has ${entries.length}`;
    for (const [key, tag] of entries) {
      if (key.length < 1 || key.length > 128 || !tagCharacters.test(key)) {
        return "must have keys of 1 to 128 letters, digits, spaces or _.:/=+-@";
      }
      if (key.toLowerCase().startsWith("aws:"))
        return "must have no key that begins with aws:, which AWS keeps for itself";
      if (typeof tag !== "string" || tag.length > 256 || !tagCharacters.test(tag)) {
        return "must have values of up to 256 letters, digits, spaces or _.:/=+-@";
      }
    }
    return null;
  };

/** A time in RFC 3339. */
export const instant: Rule = (value) =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
  !Number.isNaN(Date.parse(value))
    ? null
    : "must be a time in RFC 3339, such as 2027-01-31T12:00:00Z";
