/** Finds what a create made whose answer never came. */
import type { Json, JsonObject } from "../../domain/json.ts";
import { unknown, type Scope } from "../provider.ts";
import { propertiesOf } from "./diff.ts";
import { sameMeaning } from "./equivalence.ts";
import type { ResourceType } from "./resource-type.ts";
import { inAccount, placeOf } from "./simulated-account.ts";
import type { SimulatedAccount } from "./simulated-account.ts";

interface Candidate {
  id: string;
  inputs: JsonObject;
}

/** Whether a value, or something within it or in the middle of its text, is not known to whoever asks. */
const isUnknown = (value: Json | undefined): boolean => value !== undefined && JSON.stringify(value).includes(unknown);

/**
 * Whether a resource has everything that was asked for; a name that the provider made up stands beside it, and what is unknown
 * fits anything.
 */
const isAsAsked = (type: ResourceType, asked: JsonObject, { inputs }: Candidate): boolean =>
  Object.entries(propertiesOf(type)).every(
    ([name, { compare }]) =>
      (name === type.named && asked[name] === undefined) ||
      isUnknown(asked[name]) ||
      sameMeaning(asked[name], inputs[name], compare ?? "value"),
  );

/**
 * Ids of the resources of a type that are as asked and were made since, oldest first. Of a Put… call, which overwrites what is
 * there, only counts whether it is as asked: then recording it says nothing untrue, whoever wrote it.
 */
export const findCreated = async (
  account: SimulatedAccount,
  type: ResourceType,
  inputs: JsonObject,
  scope: Scope,
  since: Date,
): Promise<string[]> => {
  const place = placeOf(type.scope, scope, account.identityCenter);
  // Behind the writes under way: the one that is looked for may be among them, and ends after whoever asked for it.
  const { rows } = await inAccount(account, place.account, (client) =>
    client.query<Candidate>(
      `SELECT id, inputs FROM simulated_aws.resources
       WHERE type = $1 AND account = $2 AND region = $3 AND deletion_date IS NULL AND (made_at >= $4 OR $5)
       ORDER BY made_at, id`,
      [type.token, place.account, place.region, since, type.upsert ?? false],
    ),
  );
  return rows.filter((candidate) => isAsAsked(type, inputs, candidate)).map(({ id }) => id);
};
