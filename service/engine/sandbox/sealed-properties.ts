/** Property bags as a checkpoint keeps them: what is secret stands apart, sealed, and `null` in its place. Pure but for the box. */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { valueAt, type Path, type Properties } from "../pulumi/properties.ts";
import type { SecretBox } from "./secret-box.ts";

/** As it is kept. One without `sealed` has no secrets, or was kept before they were sealed, and has them in place. */
export interface StoredProperties extends Properties {
  /** JSON of the secret values, in the order of `secrets`; what stands at no place of the bag is left out. */
  sealed?: string;
}

/** A bag with another value at a place that it has. */
function withValueAt(values: Json, [key, ...rest]: Path, value: Json): Json {
  if (key === undefined) return value;
  const inside = (child: Json): Json => withValueAt(child, rest, value);
  if (Array.isArray(values)) return values.map((child, index) => (index === key ? inside(child) : child));
  if (!isObject(values)) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, child]) => [name, name === key ? inside(child) : child]),
  );
}

/** Puts values where they belong, one after the other. */
const putAll = (values: JsonObject, places: readonly { path: Path; value: Json }[]): JsonObject => {
  const put = places.reduce<Json>((bag, { path, value }) => withValueAt(bag, path, value), values);
  return isObject(put) ? put : {};
};

/** A bag as it is kept. */
export function sealProperties(box: SecretBox, { values, secrets }: Properties): StoredProperties {
  const places = secrets.flatMap((path) => {
    const value = valueAt(values, path);
    return value === undefined ? [] : [{ path, value }];
  });
  if (places.length === 0) return { values, secrets };
  const emptied = putAll(
    values,
    places.map(({ path }) => ({ path, value: null })),
  );
  return { values: emptied, secrets, sealed: box.seal(JSON.stringify(places)) };
}

/** A bag as it was. @throws SealError */
export function openProperties(box: SecretBox, { values, secrets, sealed }: StoredProperties): Properties {
  if (sealed === undefined) return { values, secrets };
  const places = JSON.parse(box.open(sealed)) as { path: Path; value: Json }[];
  return { values: putAll(values, places), secrets };
}
