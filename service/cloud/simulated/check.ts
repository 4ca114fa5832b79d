import type { JsonObject } from "../../domain/json.ts";
import { unknown } from "../provider.ts";
import type { CheckFailure } from "../provider.ts";
import { propertiesOf } from "./diff.ts";
import { isAbsent } from "./equivalence.ts";
import type { ResourceType } from "./resource-type.ts";

/** Inputs that may stand beside a type's own properties. */
const ownInputs = new Set(["__defaults", "timeouts"]);

/**
 * What AWS or the provider would refuse of these inputs for their shape alone. Values that are not known yet pass; so do
 * absent ones, unless they are required. A property that the simulated account does not know is refused, since it could
 * not be kept.
 */
export const checkInputs = (type: ResourceType, inputs: JsonObject): CheckFailure[] => {
  const properties = propertiesOf(type);
  const strange = Object.keys(inputs)
    .filter((key) => properties[key] === undefined && !ownInputs.has(key) && inputs[key] !== null)
    .map((key) => ({
      property: key,
      reason: `is no property of ${type.token} that the simulated account knows; it knows ${Object.keys(properties).sort().join(", ")}`,
    }));
  const wrong = Object.entries(properties).flatMap(([name, property]) => {
    const value = inputs[name];
    if (value === unknown) return [];
    if (value === undefined || value === null) {
      return property.required ? [{ property: name, reason: "is required" }] : [];
    }
    if (!property.required && isAbsent(value)) return [];
    const reason = property.rule?.(value) ?? null;
    return reason === null ? [] : [{ property: name, reason }];
  });
  return [...strange, ...wrong, ...(type.checkTogether?.(inputs) ?? [])];
};
