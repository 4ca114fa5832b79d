/**
 * Steps as the CLI tells them, and as the port tells them: one step a resource, where the CLI takes up to three for a
 * replacement and two for an import that differs. Pure. docs/pulumi-cli.md lists what differs.
 */
import type { EngineEvent as CliEvent, StepEventStateMetadata } from "@pulumi/pulumi/automation/index.js";
import { isObject, type Json, type JsonObject } from "../../../domain/json.ts";
import type { PropertyDiff, Step, StepOp } from "../../engine.ts";
import { unknown } from "../../../cloud/provider.ts";
import { adviceOn } from "../../../domain/failure-classes.ts";
import { childOf, parsePropertyPath } from "../../pulumi/property-path.ts";
import { signatureKey } from "../../pulumi/signature.ts";
import { urnName, urnType } from "../../pulumi/urn.ts";

/** A resource before or after a step. Secrets are objects with Pulumi's signature and no content. */
export interface ToldState {
  /** Empty before it is created. */
  id: string;
  custom: boolean;
  /** Reference of the provider, `<urn>::<id>`; empty for components and providers. */
  provider: string;
  inputs: JsonObject;
  outputs: JsonObject;
  retainOnDelete: boolean;
  protect: boolean;
  /** Replaced by another of its URN, and still to be deleted. */
  delete: boolean;
}

/** One step in the CLI's own terms. */
export interface ToldStep {
  /** `create`, `create-replacement`, `delete-replaced`, … (Pulumi, `deploy.StepOp`). */
  op: string;
  urn: string;
  type: string;
  old: ToldState | null;
  new: ToldState | null;
  /** Property paths by kind of difference (`update`, `add-replace`, …); `null` where the provider gave none. */
  detailedDiff: Record<string, string> | null;
  /** Top-level properties that differ, and those that force a replacement. */
  diffs: string[];
  keys: string[];
}

/** What an event of the CLI has of a step. */
export type StepMetadata = NonNullable<CliEvent["resourcePreEvent"]>["metadata"];

const toldState = (state: StepEventStateMetadata | null | undefined): ToldState | null =>
  state == null
    ? null
    : {
        id: state.id,
        custom: state.custom ?? false,
        provider: state.provider,
        inputs: state.inputs,
        outputs: state.outputs,
        retainOnDelete: state.retainOnDelete ?? false,
        protect: state.protect ?? false,
        delete: state.delete ?? false,
      };

/** What an event says of a step. */
export const toldStep = ({ op, urn, type, old, new: after, detailedDiff, diffs, keys }: StepMetadata): ToldStep => ({
  op,
  urn,
  type,
  old: toldState(old),
  new: toldState(after),
  // The SDK's types leave out that these may be null.
  detailedDiff:
    detailedDiff == null
      ? null
      : Object.fromEntries(Object.entries(detailedDiff).map(([path, { diffKind }]) => [path, diffKind])),
  diffs: diffs ?? [],
  keys: keys ?? [],
});

/** A value as people may see it: secrets as `[secret]`, what is not known yet as `[unknown]`. */
export function shownValue(value: Json | undefined): Json {
  if (value === undefined) return null;
  if (value === unknown) return "[unknown]";
  if (Array.isArray(value)) return value.map(shownValue);
  if (!isObject(value)) return value;
  if (signatureKey in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, shownValue(child)]));
}

/** All of a bag as people may see it. */
export const shownBag = (bag: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(bag).map(([key, value]) => [key, shownValue(value)]));

const isOwn = (key: string): boolean => !key.startsWith("__");

/** Inputs as the program gave them: without the provider's defaults, which `__defaults` names. */
function givenValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(givenValue);
  if (!isObject(value)) return value;
  const defaults = value["__defaults"];
  const filledIn = new Set(Array.isArray(defaults) ? defaults : []);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isOwn(key) && !filledIn.has(key))
      .map(([key, child]) => [key, givenValue(child)]),
  );
}

/** Inputs without the provider's defaults. */
export const givenInputs = (inputs: JsonObject): JsonObject => {
  const value = givenValue(inputs);
  return isObject(value) ? value : {};
};

/** The value at a path; of something within a secret, the secret itself. */
export const valueAt = (bag: JsonObject | undefined, path: string): Json | undefined =>
  parsePropertyPath(path).reduce<Json | undefined>(
    (value, key) => (isObject(value) && signatureKey in value ? value : childOf(value, key)),
    bag,
  );

const isSecret = (value: Json): boolean => value === "[secret]";

/** A value that is secret on one side is shown on neither. */
const difference = (path: string, from: Json | undefined, to: Json | undefined, replaces: boolean): PropertyDiff => {
  const [before, after] = [shownValue(from), shownValue(to)];
  const masked = isSecret(before) || isSecret(after);
  const mask = (value: Json): Json => (masked && value !== null ? "[secret]" : value);
  return { path, from: mask(before), to: mask(after), ...(replaces ? { replaces: true as const } : {}) };
};

const createdDiff = (inputs: JsonObject): PropertyDiff[] =>
  Object.entries(givenInputs(inputs)).map(([path, to]) => difference(path, undefined, to, false));

const same = (left: Json | undefined, right: Json | undefined): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

/** What differs, by the provider's comparison, and where there is none (components, providers) by top-level property. */
export function changedDiff({ old, new: after, detailedDiff, diffs, keys }: ToldStep): PropertyDiff[] {
  if (old === null || after === null) return [];
  if (detailedDiff !== null && Object.keys(detailedDiff).length > 0)
    return Object.entries(detailedDiff).map(([path, kind]) =>
      difference(
        path,
        kind.startsWith("add") ? undefined : (valueAt(old.inputs, path) ?? valueAt(old.outputs, path)),
        kind.startsWith("delete") ? undefined : valueAt(after.inputs, path),
        kind.endsWith("-replace"),
      ),
    );
  const [before, now] = [givenInputs(old.inputs), givenInputs(after.inputs)];
  const named = diffs.length > 0 ? diffs : [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return named
    .filter((path) => isOwn(path) && !same(before[path], now[path]))
    .map((path) => difference(path, before[path], now[path], keys.includes(path)));
}

/** What the CLI's ops are parts of. Others (reads, refreshes) are no steps. */
const opOf: Readonly<Record<string, StepOp>> = {
  create: "create",
  update: "update",
  same: "same",
  delete: "delete",
  import: "import",
  replace: "replace",
  "create-replacement": "replace",
  "import-replacement": "replace",
  "delete-replaced": "replace",
};

/** The port's op that a told step is, or is a part of; `null` for what is no step. */
export const portOp = ({ op }: Pick<ToldStep, "op">): StepOp | null => opOf[op] ?? null;

/**
 * The part of a step that says what it is about: `replace` tells the differences, and stands where the replacement is made also
 * when the old one is deleted first.
 */
export const isLeading = ({ op }: ToldStep): boolean => op in opOf && (opOf[op] !== "replace" || op === "replace");

/** A leading part as a step. */
export function describeTold(told: ToldStep): Step {
  const op = portOp(told) ?? "same";
  const { urn, old, new: after } = told;
  return {
    op,
    urn,
    type: urnType(urn),
    name: urnName(urn),
    // What is `same` may be written otherwise: an import's inputs are those that the account gave.
    diff:
      op === "create" ? createdDiff(after?.inputs ?? {}) : op === "delete" || op === "same" ? [] : changedDiff(told),
    ...(op === "delete" && old?.retainOnDelete === true ? { retain: true as const } : {}),
  };
}

/** Which of two steps of one URN this is: what is there, or what is left to be deleted. */
export const stepKey = ({ op, urn }: { op: string; urn: string }): string =>
  `${op === "delete" ? "delete" : ""} ${urn}`;

/** Told steps, in order, as steps: an import takes in the update that follows it. */
export function mergedSteps(told: readonly ToldStep[]): Step[] {
  const steps = new Map<string, Step>();
  for (const part of told.filter(isLeading)) {
    const step = describeTold(part);
    const key = stepKey(step);
    const before = steps.get(key);
    if (before?.op === "import" && step.op === "update") steps.set(key, { ...before, diff: step.diff });
    else if (before === undefined) steps.set(key, step);
  }
  return [...steps.values()];
}

/** A planned step, with the values that became known when it was done. */
export const withKnown = (planned: Step, done: Step): Step => ({
  ...planned,
  diff: planned.diff.map((change) =>
    JSON.stringify(change.to).includes("[unknown]")
      ? (done.diff.find(({ path }) => path === change.path) ?? change)
      : change,
  ),
});

/** A component is in the state from when it is registered; its end is told when its outputs are, and not after a failure. */
export const isComponent = ({ new: after }: ToldStep): boolean => after !== null && !after.custom;

/**
 * Resources that are to be imported and differ in what cannot be changed: the CLI warns of it, imports them, and then fails or
 * replaces what was there before. Gives a sentence for the first of them.
 */
export function importConflict(told: readonly ToldStep[]): { urn: string; detail: string } | null {
  const imported = new Set(
    told.filter(({ op }) => op === "import" || op === "import-replacement").map(({ urn }) => urn),
  );
  const replaced = told.find((step) => imported.has(step.urn) && step.op !== "delete" && portOp(step) === "replace");
  if (replaced === undefined) return null;
  // Of the parts of a replacement not each tells why.
  const parts = told.filter(({ urn }) => urn === replaced.urn);
  const paths = parts.flatMap(({ detailedDiff, keys }) => [
    ...Object.entries(detailedDiff ?? {}).flatMap(([path, kind]) => (kind.endsWith("-replace") ? [path] : [])),
    ...keys,
  ]);
  const what = [...new Set(paths)].join(", ");
  const { urn, type } = replaced;
  return {
    urn,
    detail: `${type} "${urnName(urn)}" cannot be imported: it differs in ${what}, which cannot be changed in place. ${adviceOn("import_differs", type)}`,
  };
}
