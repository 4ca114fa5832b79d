/** Property paths of the `ignoreChanges` and `replaceOnChanges` options: `tags.Name`, `rules[0].port`, `rules[*].port`, `*`. */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";

const token = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.[\]]+)/g;

/** The keys of a path; `*` stands for any key or index. */
export const parsePropertyPath = (text: string): string[] =>
  [...text.matchAll(token)].map(([, quoted, index, plain]) => quoted?.replaceAll('\\"', '"') ?? index ?? plain ?? "");

/** Whether a changed path lies at or under a pattern, or holds what the pattern names. */
export const matchesPattern = (changed: string, pattern: string): boolean => {
  const path = parsePropertyPath(changed);
  const wanted = parsePropertyPath(pattern);
  const shared = Math.min(path.length, wanted.length);
  return wanted.slice(0, shared).every((key, index) => key === "*" || key === path[index]);
};

const keysOf = (value: Json | undefined): string[] =>
  Array.isArray(value) || isObject(value) ? Object.keys(value) : [];

/** What stands under a key of an object, or at a place of a list. */
export const childOf = (value: Json | undefined, key: string): Json | undefined => {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
};

function keepOld(before: Json | undefined, after: Json | undefined, path: readonly string[]): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return before;
  const keys = key === "*" ? [...new Set([...keysOf(before), ...keysOf(after)])] : [key];
  return keys.reduce<Json | undefined>((current, each) => {
    const kept = keepOld(childOf(before, each), childOf(current, each), rest);
    if (Array.isArray(current)) {
      const index = Number(each);
      // A list keeps its new length: an ignored element that only the old one had stays away.
      return kept === undefined || index >= current.length ? current : current.with(index, kept);
    }
    const object = isObject(current) ? current : undefined;
    if (kept !== undefined) return current === undefined || object ? { ...object, [each]: kept } : current;
    return object && Object.fromEntries(Object.entries(object).filter(([name]) => name !== each));
  }, after);
}

/** New inputs, with the old values at the paths whose changes are ignored. */
export const withIgnoredChanges = (before: JsonObject, after: JsonObject, ignored: readonly string[]): JsonObject =>
  ignored.reduce<JsonObject>((inputs, pattern) => {
    const merged = keepOld(before, inputs, parsePropertyPath(pattern));
    return isObject(merged) ? merged : inputs;
  }, after);
