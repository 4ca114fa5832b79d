/** One write of the account: its conditions, what it changes, and the faults on the way. */
import type { PoolClient } from "pg";
import type { JsonObject } from "../../domain/json.ts";
import { AwsError } from "../provider.ts";
import type { Scope } from "../provider.ts";
import { checkInputs } from "./check.ts";
import { diffInputs } from "./diff.ts";
import { crash, isFaulty, sufferFault } from "./faults.ts";
import type { Call, ResourceType, Row, Verb } from "./resource-type.ts";
import { namedInputs, outputsAtCreate, outputsAtUpdate } from "./resource-values.ts";
import { apply, callOf, find, inAccount, placeOf } from "./simulated-account.ts";
import type { Change, SimulatedAccount } from "./simulated-account.ts";

/** A write that somebody asks for. */
export interface Write {
  verb: Verb;
  /** Logical name; of use at create. */
  name: string;
  /** `null` at create. */
  id: string | null;
  /** The new inputs; none at delete. */
  inputs: JsonObject;
  scope: Scope;
  /** Writes of the provider are counted; what people do behind its back is not. */
  origin: "provider" | "person";
}

/** Refuses inputs that AWS would find invalid, with its code for that. */
const mustBeValid = (type: ResourceType, inputs: JsonObject): void => {
  const [failure] = checkInputs(type, inputs);
  if (failure !== undefined) throw new AwsError(type.invalid, `${failure.property} ${failure.reason}`);
};

const mustChangeInPlace = (type: ResourceType, old: Row, inputs: JsonObject): void => {
  const fixed = diffInputs(type, old.inputs, inputs, old.outputs).changes.find((change) => change.replaces);
  if (fixed !== undefined) {
    throw new AwsError(type.invalid, `${fixed.path} of ${old.id} cannot be changed in place, only by a new resource`);
  }
};

/** What the resource is after the write; `null` when it is deleted. */
const rowAfter = (type: ResourceType, call: Call, write: Write, account: SimulatedAccount): Row | null => {
  if (call.verb === "delete") {
    if (type.deletedAfterDays === undefined || call.old === null) return null;
    const days = type.deletedAfterDays(call.old.outputs);
    return { ...call.old, deletionDate: new Date(call.now.getTime() + days * 86_400_000).toISOString() };
  }
  if (call.old !== null) return { ...call.old, inputs: call.inputs, outputs: outputsAtUpdate(type, call) };
  const outputs = outputsAtCreate(type, call);
  return {
    ...placeOf(type.scope, write.scope, account.identityCenter),
    type: type.token,
    id: type.id(outputs, call),
    inputs: call.inputs,
    outputs,
    state: {},
    origin: write.origin,
    deletionDate: null,
  };
};

/** Looks up what the type wants to know, and throws what AWS would answer. Gives the rows, in the conditions' order. */
const meetConditions = async (
  account: SimulatedAccount,
  client: PoolClient,
  type: ResourceType,
  call: Call,
): Promise<Row[][]> => {
  const conditions = type.conditions?.(call) ?? [];
  const rows = await find(
    account,
    client,
    call,
    conditions.map((condition) => condition.lookup),
  );
  conditions.forEach((condition, position) => {
    const refusal = condition.refuse(rows[position] ?? []);
    if (refusal !== null) throw new AwsError(refusal.code, refusal.message);
  });
  return rows;
};

const changeOf = (type: ResourceType, call: Call, rows: Row[][], after: Row | null, write: Write): Change => {
  const effects = type.effects?.(call, rows, after) ?? {};
  const subject = after ?? call.old;
  return {
    put: [...(after === null ? [] : [after]), ...(effects.put ?? [])],
    remove: [...(after === null && call.old !== null ? [call.old] : []), ...(effects.remove ?? [])],
    counted:
      subject === null || write.origin === "person"
        ? null
        : { account: subject.account, region: subject.region, type: subject.type, id: subject.id, verb: call.verb },
  };
};

/** The write proper, once faults are out of the way. */
const carryOut = async (
  account: SimulatedAccount,
  client: PoolClient,
  type: ResourceType,
  write: Write,
): Promise<Row | null> => {
  const ids = write.id === null ? [] : [...new Set([write.id, type.importedId?.(write.id) ?? write.id])];
  const byId = ids.map((id) => ({ type: type.token, id }));
  const [old = null] = (await find(account, client, write.scope, byId)).flat();
  if (old === null && write.verb === "delete") return null;
  if (old === null && write.verb === "update") {
    throw new AwsError("ResourceNotFoundException", `There is no ${type.token} ${write.id ?? ""}`);
  }
  if (old !== null && write.verb === "update") mustChangeInPlace(type, old, write.inputs);
  const bare = callOf(account, write.scope, { verb: write.verb, name: write.name, inputs: {}, old });
  const inputs = write.verb === "delete" ? (old?.inputs ?? {}) : write.inputs;
  const call = { ...bare, inputs: namedInputs(type, inputs, bare) };
  if (write.verb !== "delete") mustBeValid(type, call.inputs);
  const rows = await meetConditions(account, client, type, call);
  const after = rowAfter(type, call, write, account);
  if (write.verb === "create" && after !== null && type.upsert !== true)
    await mustBeNew(account, client, after, write.scope);
  await apply(client, changeOf(type, call, rows, after, write), call.now);
  return after;
};

const mustBeNew = async (account: SimulatedAccount, client: PoolClient, row: Row, scope: Scope): Promise<void> => {
  const [same = []] = await find(account, client, scope, [{ type: row.type, id: row.id }]);
  if (same.length > 0) throw new AwsError("ConflictException", `${row.type} ${row.id} exists already`);
};

/** PostgreSQL's word for a name that somebody else took at the same moment; of ours, bucket names over accounts. */
const isNameTaken = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "23505";

/**
 * Makes, changes or deletes one resource and commits. Gives it as it is afterwards, `null` when it is gone. A key that is
 * scheduled for deletion comes back with its date.
 *
 * @throws AwsError
 */
export const writeResource = async (
  account: SimulatedAccount,
  type: ResourceType,
  write: Write,
): Promise<Row | null> => {
  const place = placeOf(type.scope, write.scope, account.identityCenter);
  if (
    type.scope === "identity-center" &&
    (place.account !== write.scope.account || place.region !== write.scope.region)
  ) {
    throw new AwsError(
      "ResourceNotFoundException",
      `Account ${write.scope.account} has no Identity Center instance in ${write.scope.region}; it lives in ${place.account}, ${place.region}`,
    );
  }
  const target = { type: type.token, name: write.id ?? write.name, verb: write.verb };
  const attempt = (suffered: boolean) =>
    inAccount(account, place.account, async (client) => {
      if (!suffered && write.origin === "provider" && (await isFaulty(client, target))) return "faulty" as const;
      return carryOut(account, client, type, write);
    });
  try {
    const result = await attempt(false);
    if (result !== "faulty") return result;
    const { crashAfter } = await sufferFault(account, target);
    const second = await attempt(true);
    if (crashAfter) crash(account);
    return second === "faulty" ? null : second;
  } catch (error) {
    if (!isNameTaken(error)) throw error;
    throw new AwsError("OperationAborted", "A conflicting operation is in progress against this resource. Try again.");
  }
};
