/**
 * Pulumi's state of a stack, as `pulumi stack export` gives it and `import` takes it (`apitype.UntypedDeployment`, version 3 and
 * later), as far as coming home needs it. Secrets stay encrypted in it. Pure; everything not named here is kept as it is.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { unknown } from "../../../cloud/provider.ts";
import { isObject, type Json, type JsonObject } from "../../../domain/json.ts";
import type { PendingResource } from "../../engine.ts";
import { isSecretValue } from "../../pulumi/signature.ts";
import type { BegunWrite } from "./begun-writes.ts";

const json: z.ZodType<Json> = z.json();
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json);

const stateResource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean(),
  id: z.string().optional(),
  inputs: jsonObject.optional(),
  outputs: jsonObject.optional(),
  provider: z.string().optional(),
  /** A replaced resource that waits for its delete. */
  delete: z.boolean().optional(),
});

const exportedState = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({
    resources: z.array(stateResource).nullish(),
    pending_operations: z.array(z.looseObject({ resource: stateResource, type: z.string() })).nullish(),
  }),
});

/** A resource as the state has it. */
export type StateResource = z.infer<typeof stateResource>;
/** The state of a stack, as `pulumi stack export` gives it. */
export type ExportedState = z.infer<typeof exportedState>;

/** What lies in the backend is no state; the message says why, and never what is in it. */
export class StateDamagedError extends Error {
  constructor(why: string) {
    super(`What the backend has is no state of a stack: ${why}.`);
    this.name = "StateDamagedError";
  }
}

/** @throws StateDamagedError, SyntaxError */
export function parseState(text: string): ExportedState {
  const parsed = exportedState.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new StateDamagedError(where);
}

/** Something that may or may not have happened to a resource. */
export interface Doubt extends PendingResource {
  /** Its id before; `null` for a create. */
  id: string | null;
  /** What was to be created. */
  draft: StateResource | null;
  /** When it was begun; `null`: only Pulumi's note tells of it, which has no time. */
  startedAt: Date | null;
}

const kindsByType: Readonly<Record<string, PendingResource["kind"]>> = {
  creating: "creating",
  updating: "updating",
  deleting: "deleting",
};

const resourcesOf = ({ deployment }: ExportedState): StateResource[] => deployment.resources ?? [];

/** Whether the state already holds what a begun write was to bring about. */
function isRecorded(state: ExportedState, { urn, kind, id, draft }: BegunWrite): boolean {
  const held = resourcesOf(state).filter((resource) => resource.urn === urn);
  if (kind === "deleting") return !held.some((resource) => resource.id === id);
  const current = held.find((resource) => resource.delete !== true);
  if (kind === "creating") return current?.id !== undefined && current.id !== id;
  return current !== undefined && isDeepStrictEqual(current.inputs, draft?.["inputs"]);
}

/**
 * What is in doubt: what Pulumi noted as pending, and what was begun and neither noted nor recorded. Reads and imports that
 * were cut short change nothing.
 */
export function doubtsOf(state: ExportedState, begun: readonly BegunWrite[]): Doubt[] {
  const noted = (state.deployment.pending_operations ?? []).flatMap(({ resource, type }): Doubt[] => {
    const kind = kindsByType[type];
    if (kind === undefined) return [];
    const { urn, id = "" } = resource;
    const { startedAt = null } = begun.find((write) => write.urn === urn && write.kind === kind) ?? {};
    return [{ urn, type: resource.type, kind, id: id === "" ? null : id, draft: resource, startedAt }];
  });
  const isNoted = ({ urn, kind }: BegunWrite): boolean =>
    noted.some((doubt) => doubt.urn === urn && doubt.kind === kind);
  const unnoted = begun
    .filter((write) => !isNoted(write) && !isRecorded(state, write))
    .map(({ urn, type, kind, id, draft, startedAt }): Doubt => {
      return { urn, type, kind, id, draft: draft === null ? null : stateResource.parse(draft), startedAt };
    });
  return [...noted, ...unnoted];
}

/** Inputs for a lookup: what is secret cannot be compared, and is `unknown`, which fits anything. */
export const comparable = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isObject(value)) return value;
  if (isSecretValue(value)) return unknown;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, comparable(each)]));
};

/** Comparable inputs of a resource. */
export const comparableInputs = ({ inputs = {} }: StateResource): JsonObject =>
  Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, comparable(value)]));

/** Settings of the provider that a resource names by `urn::id`; none where the state does not have it. */
export function providerSettings(state: ExportedState, { provider = "" }: StateResource): JsonObject {
  const urn = provider.slice(0, provider.lastIndexOf("::"));
  const found = resourcesOf(state).find((resource) => resource.urn === urn && resource.delete !== true);
  return found === undefined ? {} : comparableInputs(found);
}

/** What the AWS provider does not mark as a secret by itself, and events do not tell that a program marks. */
const secretOutputs: Readonly<Record<string, string[]>> = { "aws:ssm/activation:Activation": ["activationCode"] };

/** A created resource as the state is to have it until it is read: nothing that an event masked. */
const asCreated = (draft: StateResource, id: string): StateResource => {
  const inputs = Object.fromEntries(
    Object.entries(draft.inputs ?? {}).filter(([, value]) => !JSON.stringify(value).includes('"[secret]"')),
  );
  const secrets = draft["additionalSecretOutputs"] ?? secretOutputs[draft.type];
  return { ...draft, id, inputs, ...(secrets === undefined ? {} : { additionalSecretOutputs: secrets }) };
};

/** The place behind everything that a resource refers to, so that no resource comes before what it needs. */
const inserted = (resources: readonly StateResource[], created: StateResource): StateResource[] => {
  const before = resources.findIndex(({ urn }) => urn === created.urn);
  // The one that it replaces waits for its delete, and comes after it.
  const replaced = resources.map((each) => (each.urn === created.urn ? { ...each, delete: true } : each));
  return before === -1 ? [...replaced, created] : [...replaced.slice(0, before), created, ...replaced.slice(before)];
};

/**
 * The state in which nothing is pending any more: with what was found to be created, and the rest as it was before, for a
 * refresh to read.
 *
 * @param created ids by the URN of the create that was in doubt
 */
export function settledState(
  state: ExportedState,
  doubts: readonly Doubt[],
  created: ReadonlyMap<string, string>,
): ExportedState {
  const resources = doubts.reduce((held, { urn, kind, draft }) => {
    const id = created.get(urn);
    return kind === "creating" && draft !== null && id !== undefined ? inserted(held, asCreated(draft, id)) : held;
  }, resourcesOf(state));
  const { pending_operations: _settled, ...deployment } = state.deployment;
  return { ...state, deployment: { ...deployment, resources } };
}

/**
 * What an earlier recovery recorded as created and could not read: nothing is known of it but its id, so nothing may be planned on
 * it yet.
 */
export const unreadOf = (state: ExportedState): StateResource[] =>
  resourcesOf(state).filter(
    ({ custom, type, id, outputs }) =>
      custom && !type.startsWith("pulumi:") && id !== undefined && outputs === undefined,
  );
