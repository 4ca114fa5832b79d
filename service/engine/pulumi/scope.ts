/** Where a resource lands, from the configuration of its provider and its own `region`. */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { unknown, type Scope } from "../../cloud/provider.ts";

/** Provider settings that are no strings cross the wire as JSON text (Pulumi SDK, `aws.Provider`). */
const parsed = (value: Json | undefined): unknown => {
  if (typeof value !== "string" || value === unknown) return undefined;
  return JSON.parse(value);
};

const firstAllowedAccount = (configuration: JsonObject): string | undefined => {
  const allowed = parsed(configuration["allowedAccountIds"]);
  const first: unknown = Array.isArray(allowed) ? allowed[0] : undefined;
  return typeof first === "string" ? first : undefined;
};

/** The account in an ARN is its fifth part: `arn:aws:iam::111122223333:role/…`. */
const assumedAccount = (configuration: JsonObject): string | undefined => {
  const roles = parsed(configuration["assumeRoles"]);
  const last: unknown = Array.isArray(roles) ? roles.at(-1) : undefined;
  const arn = typeof last === "object" && last !== null && "roleArn" in last ? last.roleArn : undefined;
  return typeof arn === "string" ? arn.split(":")[4] : undefined;
};

const knownText = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== unknown && value !== "" ? value : undefined;

/**
 * The account that the provider may work in, or whose role it assumes, or that of the process; the region that the resource
 * names, or the provider's, or that of the process.
 */
export const scopeOf = (configuration: JsonObject, inputs: JsonObject, fallback: Scope): Scope => ({
  account: firstAllowedAccount(configuration) ?? assumedAccount(configuration) ?? fallback.account,
  region: knownText(inputs["region"]) ?? knownText(configuration["region"]) ?? fallback.region,
});

/** Region of a resource as it is: what it says of itself, `null` where it has none. */
export const regionOf = (...bags: JsonObject[]): string | null =>
  bags
    .filter(isObject)
    .map((bag) => knownText(bag["region"]))
    .find((region) => region !== undefined) ?? null;

/**
 * Whether something of a name may be what lies where a scope leads: most names are unique in an account and region only. What
 * tells no region is the account's, and what tells no account may be anywhere.
 */
export const mayLieIn = (place: { account: string | null; region: string | null }, scope: Scope): boolean =>
  (place.account === null || place.account === scope.account) &&
  (place.region === null || place.region === scope.region);
