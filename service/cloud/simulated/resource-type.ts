/**
 * What the simulated account knows of one Pulumi resource type. Types are tables: the provider reads them, and holds
 * neither a type's name nor a branch for it.
 */
import { isObject, type Json, type JsonObject } from "../../domain/json.ts";
import type { IdentityCenterInstance } from "../reader.ts";

/** Where a resource lies: `region` is `aws-global` for what an account has once. */
export interface Place {
  account: string;
  region: string;
}

/** A resource as the account keeps it. */
export interface Row extends Place {
  type: string;
  /** Pulumi's id of the resource. */
  id: string;
  inputs: JsonObject;
  outputs: JsonObject;
  /** What AWS knows and shows to nobody, such as a provisioning under way. */
  state: JsonObject;
  /** Who made it: a caller of the provider, AWS itself, or a person outside Pulumi. */
  origin: "provider" | "aws" | "person";
  /** Scheduled for deletion (KMS keys): no longer found, and gone from then on. RFC 3339. */
  deletionDate: string | null;
}

/** By what the account keeps a resource. */
export type RowKey = Pick<Row, "account" | "region" | "type" | "id">;

/** A question to the account: rows of a type, by id, by outputs they contain, or all. */
export interface Lookup {
  type: string;
  id?: string;
  /** Outputs that a row must contain. */
  where?: JsonObject;
  /** How far to look; `here` (the default) is the call's own account, and region unless the type is global. */
  reach?: "here" | "account" | "everywhere";
}

/** An error in AWS's words. */
interface Refusal {
  code: string;
  message: string;
}

/** What a write does. */
export type Verb = "create" | "update" | "delete";

/** One write, with everything that a type may build its answer from. */
export interface Call {
  verb: Verb;
  /** Pulumi's logical name; of use at create only. */
  name: string;
  /** The new inputs; at delete the ones that the resource has. */
  inputs: JsonObject;
  /** The resource as it is; `null` at create. */
  old: Row | null;
  account: string;
  region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  identityCenter: IdentityCenterInstance;
  now: Date;
  /** So many random lowercase hexadecimal digits. */
  hex: (digits: number) => string;
}

/** Something to look up before a write, and what it may forbid. */
export interface Condition {
  /** `null`: the call itself says enough. */
  lookup: Lookup | null;
  refuse: (rows: Row[]) => Refusal | null;
}

/** What else a write changes in the account. */
export interface Effects {
  put?: Row[];
  remove?: RowKey[];
}

/** Tells what is wrong with a known value: a sentence that says what AWS allows. */
export type Rule = (value: Json) => string | null;

/** How two values of a property are held against each other. */
export type Comparison = "value" | "json" | "policy" | "set" | "instant" | "key";

/** What the account knows of an input. */
export interface Property {
  required?: true;
  rule?: Rule;
  /** `true`: any change replaces the resource. Paths: a change at or below one of these does. */
  replaces?: true | string[];
  /** What AWS or the provider puts where nothing is given. */
  default?: Json;
  /** AWS chooses a value where none is given, so leaving it out is no change. */
  computed?: true;
  compare?: Comparison;
}

/** A type, as the tables of `types/` have them. */
export interface ResourceType {
  token: string;
  scope: "global" | "regional" | "identity-center";
  /** Page that the replace triggers, defaults and ids come from. */
  source: string;
  /** AWS's code for inputs that it finds invalid. */
  invalid: string;
  properties: Record<string, Property>;
  /** Outputs that AWS computes, each with what it is. */
  computed: Record<string, string>;
  /** The property that gets the logical name and a random suffix when left out. */
  named?: string;
  /** Computed outputs of a new resource, beside inputs and defaults. */
  outputs: (call: Call) => JsonObject;
  /** Computed outputs that an update changes. */
  updated?: (call: Call) => JsonObject;
  /** Id from all outputs. */
  id: (outputs: JsonObject, call: Call) => string;
  /** The id of what is imported under another form of it. */
  importedId?: (id: string) => string;
  /** What a caller is told is wrong across properties. */
  checkTogether?: (inputs: JsonObject) => { property: string; reason: string }[];
  conditions?: (call: Call) => Condition[];
  /** Rows come in the order of `conditions`. */
  effects?: (call: Call, rows: Row[][], made: Row | null) => Effects;
  /** A create that finds the resource overwrites it, as AWS's Put… calls do. */
  upsert?: true;
  /** Deletion only sets a date, this many days from now. */
  deletedAfterDays?: (outputs: JsonObject) => number;
  /** What reads give while nothing was set. */
  unset?: (id: string, place: Place) => JsonObject | null;
  /** Outputs that depend on the time of the read. */
  shown?: (outputs: JsonObject, now: Date) => JsonObject;
}

/** A text of a JSON object; empty where there is none. */
export const text = (values: JsonObject, key: string): string => {
  const value = values[key];
  return typeof value === "string" ? value : "";
};

/** A JSON object within another; empty where there is none. */
export const objectAt = (values: JsonObject, key: string): JsonObject => {
  const value = values[key];
  return isObject(value) ? value : {};
};

/** Refuses unless the call itself is in order. */
export const mustHold = (holds: boolean, code: string, message: string): Condition => ({
  lookup: null,
  refuse: () => (holds ? null : { code, message }),
});

/** Looks up what the effects need, and refuses nothing. */
export const lookAt = (lookup: Lookup): Condition => ({ lookup, refuse: () => null });

/** Refuses when the lookup finds nothing. */
export const mustExist = (lookup: Lookup, code: string, message: string): Condition => ({
  lookup,
  refuse: (rows) => (rows.length === 0 ? { code, message } : null),
});

/** Refuses when the lookup finds anything, the resource at hand aside. */
export const mustBeFree = (lookup: Lookup, code: string, message: string, self: Row | null = null): Condition => ({
  lookup,
  refuse: (rows) => (rows.some((row) => self === null || row.id !== self.id) ? { code, message } : null),
});

/** Every name is given or made from the logical one, so that the provider, which looks for its own suffix, finds no prefix. */
export const noPrefix = { namePrefix: "" };
/** The same among the computed outputs. */
export const noPrefixComputed = { namePrefix: "empty: no name is made from one" };

/** Tags as the provider shows them once its default tags are merged in; Gatehouse's providers have none. */
export const allTags = (call: Call): JsonObject => ({ tagsAll: objectAt(call.inputs, "tags") });
