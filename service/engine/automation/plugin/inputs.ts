/**
 * Inputs as the AWS provider keeps them in Pulumi's state, and as the account sees them. The provider's `Check` fills in what
 * a program left out and lists those properties under `__defaults` (pulumi-terraform-bridge, "MakeTerraformInputs"), so that
 * a later change of a default is not taken for a change by the program. Pure.
 */
import { createHash } from "node:crypto";
import { unknown } from "../../../cloud/provider.ts";
import type { ResourceType } from "../../../cloud/simulated/resource-type.ts";
import type { Json, JsonObject } from "../../../domain/json.ts";

const defaultsKey = "__defaults";

/** What a name is made from where the program gives none. */
interface Naming {
  /** Logical name. */
  name: string;
  /** Random bytes of the engine, other ones for each new resource. */
  seed: Uint8Array;
}

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;

const namesOfDefaults = (inputs: JsonObject): string[] => {
  const names = inputs[defaultsKey];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
};

/** The property that carries a resource's name in AWS, by which an old and a new one would clash; `null`: it has none. */
const physicalName = (type: ResourceType): string | null =>
  type.named ?? (type.properties["name"] === undefined ? null : "name");

/** The logical name and seven random hexadecimal digits, as the provider names things; the old name where that was so too. */
const generatedName = (property: string, old: JsonObject, { name, seed }: Naming): Json => {
  const before = old[property];
  if (isGiven(before) && namesOfDefaults(old).includes(property)) return before;
  return `${name}-${createHash("sha256").update(seed).digest("hex").slice(0, 7)}`;
};

/** Fills in defaults and a name. `old` are the inputs that the state has, none for a new resource. */
export const withDefaults = (
  type: ResourceType,
  inputs: JsonObject,
  old: JsonObject,
  naming: Naming | null,
): JsonObject => {
  const { [defaultsKey]: _ours, ...own } = inputs;
  const defaults: JsonObject = {};
  for (const [property, { default: value }] of Object.entries(type.properties)) {
    if (value !== undefined && !isGiven(own[property])) defaults[property] = value;
  }
  if (type.named !== undefined && naming !== null && !isGiven(own[type.named])) {
    defaults[type.named] = generatedName(type.named, old, naming);
  }
  return { ...own, ...defaults, [defaultsKey]: Object.keys(defaults).sort() };
};

/** The inputs as the account sees them: what the program said, and the name that was made for it. */
export const withoutDefaults = (type: ResourceType, inputs: JsonObject): JsonObject => {
  const filledIn = new Set(namesOfDefaults(inputs).filter((property) => property !== type.named));
  return Object.fromEntries(
    Object.entries(inputs).filter(([property]) => property !== defaultsKey && !filledIn.has(property)),
  );
};

/**
 * What the account has, in the form of the state: a refresh that finds nothing changed gives the very inputs that the state
 * has, with a made-up name still marked as one.
 */
export const asInState = (type: ResourceType, found: JsonObject, old: JsonObject): JsonObject => {
  const inputs = withDefaults(type, found, old, null);
  const made = type.named;
  if (made === undefined || !namesOfDefaults(old).includes(made) || old[made] !== found[made]) return inputs;
  return { ...inputs, [defaultsKey]: [...namesOfDefaults(inputs), made].sort() };
};

/**
 * Whether a replacement must wait until the old resource is gone: two of one name cannot exist side by side. So it is where
 * the program gave the name itself and it stays (pulumi-terraform-bridge, "nameRequiresDeleteBeforeReplace").
 */
export const nameStays = (type: ResourceType, before: JsonObject, after: JsonObject): boolean => {
  const property = physicalName(type);
  if (property === null || namesOfDefaults(after).includes(property)) return false;
  const name = after[property];
  return isGiven(name) && name !== unknown && name === before[property];
};
