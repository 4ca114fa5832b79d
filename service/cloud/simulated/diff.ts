import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { holdsUnknown, type ProviderDiff } from "../provider.ts";
import { isAbsent, sameMeaning } from "./equivalence.ts";
import type { Property, ResourceType } from "./resource-type.ts";

type Changes = ProviderDiff["changes"];
type Difference = Omit<Changes[number], "replaces">;

/** Inputs that belong to the provider itself and are never compared. */
const notCompared = new Set(["tagsAll", "__defaults"]);

/**
 * The properties of a type with the `region` that every resource but the global ones takes since version 7 of the
 * provider; a change of it replaces
 * (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support).
 */
export const propertiesOf = (type: ResourceType): Record<string, Property> =>
  type.scope === "global" ? type.properties : { ...type.properties, region: { computed: true, replaces: true } };

/** A property path as Pulumi writes it: `tags.Name`, `rules[0].id`, `tags["cost:center"]`. */
export const pathOf = (base: string, key: string | number): string => {
  if (typeof key === "number") return `${base}[${key}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${base}.${key}` : `${base}[${JSON.stringify(key)}]`;
};

/** Where two plain values differ, as deep as both have the same kind of container. */
const differences = (path: string, from: Json | undefined, to: Json | undefined): Difference[] => {
  if (sameMeaning(from, to, "value") && !holdsUnknown(to)) return [];
  if (isObject(from) && isObject(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].sort().flatMap((key) => differences(pathOf(path, key), from[key], to[key]));
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const length = Math.max(from.length, to.length);
    return Array.from({ length }).flatMap((_, index) => differences(pathOf(path, index), from[index], to[index]));
  }
  return [{ path, from, to }];
};

/** The value that counts: what is given, else the default, else what AWS has chosen. */
const effective = (given: Json | undefined, property: Property, chosen: Json | undefined): Json | undefined => {
  if (!isAbsent(given)) return given;
  return property.default ?? (property.computed ? chosen : given);
};

const isReplacing = (property: Property, path: string): boolean => {
  if (property.replaces === undefined || property.replaces === true) return property.replaces ?? false;
  return property.replaces.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`));
};

/**
 * What changed between two sets of inputs of a resource, by the provider's rules: defaults and values that AWS chose count
 * as given, JSON and policies go by meaning, sets have no order, and whatever is not known yet counts as changed. A set,
 * a policy and a JSON text are reported whole.
 */
export const diffInputs = (
  type: ResourceType,
  oldInputs: JsonObject,
  newInputs: JsonObject,
  oldOutputs: JsonObject,
): ProviderDiff => {
  const properties = propertiesOf(type);
  const keys = new Set([...Object.keys(properties), ...Object.keys(oldInputs), ...Object.keys(newInputs)]);
  const changes = [...keys]
    .filter((key) => !notCompared.has(key))
    .sort()
    .flatMap((key) => {
      const property = properties[key] ?? {};
      const from = effective(oldInputs[key], property, oldOutputs[key]);
      const to = effective(newInputs[key], property, oldOutputs[key]);
      const comparison = property.compare ?? "value";
      if (sameMeaning(from, to, comparison) && !holdsUnknown(to)) return [];
      const found = comparison === "value" ? differences(key, from, to) : [{ path: key, from, to }];
      return found.map((difference) => ({ ...difference, replaces: isReplacing(property, difference.path) }));
    });
  return { changes };
};
