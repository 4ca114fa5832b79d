/**
 * The CLI's events as a recording has them. Reads Pulumi's documented events, and shares no line with the engine that is held to
 * the result.
 */
import { isDeepStrictEqual } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Json, JsonObject } from "../../../../service/domain/json.ts";
import type { CliTold } from "../../pulumi-cli-child.ts";
import { resourceOf, type RecordedDiff, type RecordedMade, type RecordedRead, type RecordedStep } from "./recording.ts";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** Pulumi's marks of a secret, and of what is not known before the apply. */
const secretSignature = "4dabf18193072939515e22adb298388d";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isBag = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as people may see it, and without what the provider filled in, which `__defaults` names. */
function shown(value: Json | undefined): Json {
  if (value === undefined || value === null) return null;
  if (value === unknownValue) return "[unknown]";
  if (Array.isArray(value)) return value.map(shown);
  if (!isBag(value)) return value;
  if (secretSignature in value) return "[secret]";
  const defaults = value["__defaults"];
  const filledIn = Array.isArray(defaults) ? defaults : [];
  const given = Object.entries(value).filter(([key]) => !key.startsWith("__") && !filledIn.includes(key));
  return Object.fromEntries(given.map(([key, child]) => [key, shown(child)]));
}

const givenInputs = (bag: JsonObject | undefined): JsonObject => {
  const given = shown(bag);
  return isBag(given) ? given : {};
};

/** `tags.Name`, `statements[0].actions`, `tags["a.b"]`. */
const keysOf = (path: string): string[] =>
  [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? "",
  );

const valueAt = (bag: JsonObject, path: string): Json => {
  let value: Json | undefined = bag;
  for (const key of keysOf(path)) {
    if (isBag(value) && secretSignature in value) break;
    value = Array.isArray(value) ? value[Number(key)] : isBag(value) ? value[key] : undefined;
  }
  return shown(value);
};

type State =
  | {
      id?: string;
      inputs?: JsonObject;
      outputs?: JsonObject;
      custom?: boolean;
      retainOnDelete?: boolean;
      delete?: boolean;
    }
  | null
  | undefined;

const diffsOf = ({ detailedDiff, diffs, old, new: after }: Metadata): RecordedDiff[] => {
  const [before, now]: [State, State] = [old, after];
  if (before == null || now == null) return [];
  const [from, to] = [before.inputs ?? {}, now.inputs ?? {}];
  const detailed: [string, { diffKind: string | null; inputDiff: boolean }][] = Object.entries(detailedDiff ?? {});
  const named =
    detailed.length > 0 ? detailed : (diffs ?? []).map((path) => [path, { diffKind: null, inputDiff: true }] as const);
  return named
    .map(([path, { diffKind }]) => {
      const [was, is] = [valueAt(from, path) ?? valueAt(before.outputs ?? {}, path), valueAt(to, path)];
      const kind = diffKind ?? "";
      return {
        path,
        kind: diffKind,
        from: kind.startsWith("add") ? null : was,
        to: kind.startsWith("delete") ? null : is,
      };
    })
    .sort((left, right) => left.path.localeCompare(right.path));
};

const makes = new Set(["create", "create-replacement", "import"]);

/** What came of a step that makes something; `null` for components and providers, which no account has. */
const madeOf = ({ op, type, new: after }: Metadata): RecordedMade | null => {
  const now: State = after;
  if (!makes.has(op) || now?.custom !== true || type.startsWith("pulumi:")) return null;
  const [inputs, outputs] = [givenInputs(now.inputs), givenInputs(now.outputs)];
  const computed = Object.entries(outputs).filter(
    ([name, value]) => name !== "id" && !isDeepStrictEqual(value, inputs[name]),
  );
  return { id: now.id ?? "", computed: Object.fromEntries(computed) };
};

const stepOf = (metadata: Metadata, end: Metadata | undefined, failed: boolean): RecordedStep => {
  const { op, urn } = metadata;
  const [before, now]: [State, State] = [metadata.old, metadata.new];
  const made = end === undefined ? null : madeOf(end);
  return {
    op,
    resource: resourceOf(urn),
    diff: diffsOf(metadata),
    inputs: makes.has(op) ? givenInputs(now?.inputs) : null,
    ...(made === null ? {} : { made }),
    ...(op === "delete" && before?.retainOnDelete === true ? { retained: true as const } : {}),
    ...(failed ? { failed: true as const } : {}),
  };
};

/** Steps of a resource stay in their order; resources, whose order varies, come by name. */
const byResource = <Entry extends { resource: string }>(entries: readonly Entry[]): Entry[] =>
  [...entries].sort((left, right) => left.resource.localeCompare(right.resource));

/** Steps that were begun; `failed` are those of which no end was told. */
export const stepsOf = ({ events }: CliTold, isPreview: boolean): RecordedStep[] => {
  const keyOf = ({ op, urn }: Metadata): string => `${op} ${urn}`;
  const ends = new Map(
    events.flatMap(({ resOutputsEvent }) =>
      resOutputsEvent ? [[keyOf(resOutputsEvent.metadata), resOutputsEvent.metadata] as const] : [],
    ),
  );
  /** A component is in the state as soon as it is registered; its end is told with its outputs, and not after a failure. */
  const isComponent = ({ new: after }: Metadata): boolean => after != null && after.custom !== true;
  const begun = events.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [resourcePreEvent.metadata] : []));
  return byResource(
    begun
      .filter(({ op }) => op !== "refresh")
      .map((metadata) => {
        const end = ends.get(keyOf(metadata));
        const failed = !isPreview && !isComponent(metadata) && end === undefined;
        return stepOf(metadata, isPreview ? undefined : end, failed);
      }),
  );
};

/** What a run that reads the account found, resource by resource, of those that an account can have. */
export const readsOf = ({ events }: CliTold, readsOnly: boolean): RecordedRead[] => {
  const seen = new Set<string>();
  const reads = events.flatMap(({ resOutputsEvent }): RecordedRead[] => {
    const metadata = resOutputsEvent?.metadata;
    if (metadata === undefined || (!readsOnly && metadata.op !== "refresh")) return [];
    const [before, now]: [State, State] = [metadata.old, metadata.new];
    // An up reads twice, once while it plans.
    if (before?.custom !== true || metadata.type.startsWith("pulumi:providers:") || seen.has(metadata.urn)) return [];
    seen.add(metadata.urn);
    const resource = resourceOf(metadata.urn);
    if (now == null) return [{ found: "delete", resource, diff: [] }];
    const differs = Object.keys(metadata.detailedDiff ?? {}).length > 0;
    return [{ found: differs ? "update" : "same", resource, diff: differs ? diffsOf(metadata) : [] }];
  });
  return byResource(reads);
};
