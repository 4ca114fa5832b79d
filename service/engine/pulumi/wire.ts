/**
 * Between the values that the Pulumi SDK sends (protobuf structs, secrets wrapped in objects with a signature) and the
 * property bags of the sandbox (Pulumi SDK, `runtime/rpc`).
 */
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import { type Path, type Properties } from "./properties.ts";
import { isSecretValue, secretSignature, signatureKey } from "./signature.ts";

function unwrapped(value: Json, path: Path, secrets: Path[]): Json {
  if (Array.isArray(value)) return value.map((item, index) => unwrapped(item, [...path, index], secrets));
  if (!isObject(value)) return value;
  if (isSecretValue(value)) {
    secrets.push(path);
    // Secrets within a secret add nothing.
    return unwrapped(value["value"] ?? null, path, []);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, unwrapped(child, [...path, key], secrets)]),
  );
}

const pathKey = (path: Path): string => JSON.stringify(path);

function wrapped(value: Json, path: Path, secrets: ReadonlySet<string>): Json {
  if (secrets.has(pathKey(path))) return { [signatureKey]: secretSignature, value };
  if (Array.isArray(value)) return value.map((item, index) => wrapped(item, [...path, index], secrets));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, wrapped(child, [...path, key], secrets)]),
  );
}

/** Protobuf's plain values are JSON's, apart from `undefined`, which never crosses the wire. */
function toJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object" && value !== null) {
    const entries: [string, unknown][] = Object.entries(value);
    return Object.fromEntries(entries.map(([key, child]) => [key, toJson(child)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** What the SDK sent, as a property bag. */
export const fromStruct = (message: Struct | undefined): Properties => {
  const secrets: Path[] = [];
  const values: JsonObject = {};
  const sent: Record<string, unknown> = message?.toJavaScript() ?? {};
  for (const [key, value] of Object.entries(sent)) values[key] = unwrapped(toJson(value), [key], secrets);
  return { values, secrets };
};

/** A property bag, as the SDK expects it. */
export const toStruct = ({ values, secrets }: Properties): Struct => {
  const places = new Set(secrets.map(pathKey));
  const entries = Object.entries(values).map(([key, value]) => [key, wrapped(value, [key], places)] as const);
  return struct.Struct.fromJavaScript(Object.fromEntries(entries));
};
