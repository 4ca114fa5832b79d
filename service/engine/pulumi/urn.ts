/**
 * URNs as the Pulumi engine makes them: `urn:pulumi:<stack>::<project>::<types>::<name>`, where `<types>` is the chain of
 * parent types joined by `$`; the root stack is left out of it. Source: Pulumi documentation, "Resource names, URNs".
 */

/** Type of the resource that stands for the stack itself. */
export const stackType = "pulumi:pulumi:Stack";

const parts = (urn: string): { types: string; name: string } => {
  const [, , types = "", ...name] = urn.split("::");
  return { types, name: name.join("::") };
};

interface UrnParts {
  stack: string;
  project: string;
  /** URN of the parent; `null` for the root. */
  parent: string | null;
  type: string;
  name: string;
}

/** The URN of a resource. */
export const makeUrn = ({ stack, project, parent, type, name }: UrnParts): string => {
  const parentTypes = parent === null ? "" : parts(parent).types;
  const types = parentTypes === "" || parentTypes === stackType ? type : `${parentTypes}$${type}`;
  return `urn:pulumi:${stack}::${project}::${types}::${name}`;
};

/** Type token of the resource that a URN names. */
export const urnType = (urn: string): string => parts(urn).types.split("$").at(-1) ?? "";

/** Logical name of the resource that a URN names. */
export const urnName = (urn: string): string => parts(urn).name;

/** `pulumi:providers:aws` and the like. */
export const isProviderType = (type: string): boolean => type.startsWith("pulumi:providers:");

/** A provider reference is `<urn>::<id>`; its URN. */
export const providerUrn = (reference: string): string => reference.slice(0, reference.lastIndexOf("::"));
