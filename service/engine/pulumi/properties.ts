/**
 * Property bags as the sandbox keeps them: plain JSON, with the places of secrets beside it. Providers see plain values;
 * whatever leaves the engine (results, events, errors, digests) goes through `shown` or `sealed` first.
 */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { unknown } from "../../cloud/provider.ts";

/** Where a value sits: object keys and list indexes, outermost first. */
export type Path = readonly (string | number)[];

/** A property bag. */
export interface Properties {
  values: JsonObject;
  /** Places in `values` whose content is secret, as a whole. */
  secrets: Path[];
}

/** An empty bag. */
export const noProperties = (): Properties => ({ values: {}, secrets: [] });

/** A bag without secrets. */
export const plainProperties = (values: JsonObject): Properties => ({ values, secrets: [] });

const identifier = /^[A-Za-z_$][\w$-]*$/;

/** A property path as Pulumi writes it: `tags.Name`, `statements[0].actions`, `tags["aws:role"]`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!identifier.test(key)) return `${text}["${key.replaceAll('"', '\\"')}"]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");

/** Providers differ in how they write keys that are no identifiers; compared without brackets and quotes they agree. */
const comparable = (path: string): string =>
  path
    .replaceAll(/\["?|"?\]/g, ".")
    .split(".")
    .filter((part) => part !== "")
    .join(".");

const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}.`);

const joined = (parent: string, key: string): string => (parent === "" ? key : `${parent}.${key}`);

/** The value at a path, `undefined` where there is none. */
export const valueAt = (values: Json | undefined, path: Path): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => {
    if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
    return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, values);

/** Rebuilds a value, replacing each secret part by what `replace` makes of it. `at` is the value's own place. */
function mapSecrets(value: Json, at: string, secrets: readonly string[], replace: (secret: Json) => Json): Json {
  if (secrets.some((secret) => isWithin(at, secret))) return replace(value);
  if (!secrets.some((secret) => isWithin(secret, at) || at === "")) return value;
  const inside = (child: Json, key: string) => mapSecrets(child, joined(at, comparable(key)), secrets, replace);
  if (Array.isArray(value)) return value.map((item, index) => inside(item, String(index)));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, inside(child, key)]));
}

const secretPlaces = (secrets: readonly Path[]): string[] => secrets.map((path) => comparable(formatPath(path)));

const withoutUnknowns = (value: Json): Json => {
  if (value === unknown) return "[unknown]";
  if (Array.isArray(value)) return value.map(withoutUnknowns);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withoutUnknowns(child)]));
};

/** A value as people may see it: secrets as `[secret]`, what is not known yet as `[unknown]`. */
export const shown = (value: Json | undefined, path: string, secrets: readonly Path[]): Json =>
  withoutUnknowns(mapSecrets(value ?? null, comparable(path), secretPlaces(secrets), () => "[secret]"));

/** All of a bag as people may see it. */
export const shownProperties = (properties: Properties): JsonObject => {
  const masked = shown(properties.values, "", properties.secrets);
  return isObject(masked) ? masked : {};
};

/** A bag with each secret replaced by what `seal` makes of it, for digests. */
export const sealed = (properties: Properties, seal: (secret: Json) => Json): Json =>
  mapSecrets(properties.values, "", secretPlaces(properties.secrets), seal);

const samePath = (left: Path, right: Path): boolean => JSON.stringify(left) === JSON.stringify(right);

/**
 * Secrets of a resource's outputs: what was secret as an input stays secret as an output of the same place, and the
 * program may name more (`additionalSecretOutputs`). The Pulumi engine carries input secrets over in the same way.
 */
export const outputSecrets = (outputs: JsonObject, inherited: readonly Path[], additional: readonly string[]): Path[] =>
  [...inherited, ...additional.map((name) => [name])]
    .filter((path) => valueAt(outputs, path) !== undefined)
    .filter((path, index, all) => all.findIndex((other) => samePath(other, path)) === index);

/** Every string inside the secret parts of a bag, for redaction of messages. */
export const secretTexts = ({ values, secrets }: Properties): string[] => {
  const texts = (value: Json | undefined): string[] => {
    if (typeof value === "string") return value === unknown ? [] : [value];
    if (Array.isArray(value)) return value.flatMap(texts);
    return isObject(value) ? Object.values(value).flatMap(texts) : [];
  };
  return secrets.flatMap((path) => texts(valueAt(values, path)));
};
