/** Inputs and outputs of a resource, put together from what was given, defaults and what AWS computes. Pure. */
import type { JsonObject } from "../../domain/json.ts";
import { isAbsent } from "./equivalence.ts";
import type { Call, ResourceType } from "./resource-type.ts";

const defaultsOf = (type: ResourceType): JsonObject =>
  Object.fromEntries(
    Object.entries(type.properties).flatMap(([name, property]) =>
      property.default === undefined ? [] : [[name, property.default]],
    ),
  );

const given = (inputs: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));

const regionOf = (type: ResourceType, call: Call): JsonObject =>
  type.scope === "global"
    ? {}
    : { region: type.scope === "identity-center" ? call.identityCenter.region : call.region };

/** The inputs with a name, where a type has one and none is given: the old one, or the logical name and random digits. */
export const namedInputs = (type: ResourceType, inputs: JsonObject, call: Omit<Call, "inputs">): JsonObject => {
  if (type.named === undefined || !isAbsent(inputs[type.named])) return inputs;
  const name = call.old?.outputs[type.named] ?? `${call.name}-${call.hex(7)}`;
  return { ...inputs, [type.named]: name };
};

/** Outputs of a new resource: defaults, what was given, and what AWS computes. */
export const outputsAtCreate = (type: ResourceType, call: Call): JsonObject => ({
  ...defaultsOf(type),
  ...given(call.inputs),
  ...type.outputs(call),
  ...regionOf(type, call),
});

/** Computed outputs stay what they are, unless an input says otherwise or the type computes them anew. */
export const outputsAtUpdate = (type: ResourceType, call: Call): JsonObject => {
  const old = call.old?.outputs ?? {};
  const chosenByAws = Object.entries(type.properties).flatMap(([name, { computed }]) => (computed ? [name] : []));
  const kept = [...Object.keys(type.computed), ...chosenByAws].flatMap((name) =>
    old[name] === undefined ? [] : [[name, old[name]] as const],
  );
  return {
    ...defaultsOf(type),
    ...Object.fromEntries(kept),
    ...given(call.inputs),
    ...type.updated?.(call),
    ...regionOf(type, call),
  };
};
