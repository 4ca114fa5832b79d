/** What is kept of a life by the real CLI, and where. Plain data; ids that AWS makes up, and times, are `…`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Json, JsonObject } from "../../../../service/domain/json.ts";

export interface RecordedDiff {
  path: string;
  /** `update`, `add`, `delete-replace`, …; `null` where the CLI names the property and the provider no kind. */
  kind: string | null;
  from: Json;
  to: Json;
}

/** What was made in the account: its id, and what the provider told of it beyond, or other than, what the program gave. */
export interface RecordedMade {
  id: string;
  /** Secret ones are `[secret]`. */
  computed: JsonObject;
}

/** A step in the CLI's own words. */
export interface RecordedStep {
  op: string;
  /** After the project: `type$type::name`. */
  resource: string;
  diff: RecordedDiff[];
  /** As the program gave them; of creations, replacements and imports only. */
  inputs: JsonObject | null;
  /** Of resources that an account can have, where they were made, replaced or imported, and it came to a good end. */
  made?: RecordedMade;
  retained?: true;
  /** It was begun, and came to no end or to a bad one. */
  failed?: true;
}

/** What the CLI read of a resource of the account: `update` where inputs differ, `delete` where it is gone. */
export interface RecordedRead {
  found: "same" | "update" | "delete";
  resource: string;
  diff: RecordedDiff[];
}

export interface RecordedRun {
  about: string;
  run: string;
  /** Where it went wrong: before anything could be applied, or after; `null` when it did not. */
  failed: "planning" | "applying" | null;
  /** Errors and warnings of resources and the program. */
  diagnostics: string[];
  /** Counts as the CLI's summary has them. */
  changes: Record<string, number>;
  steps: RecordedStep[];
  reads: RecordedRead[];
  outputs: JsonObject;
  /** Resources that the stack holds afterwards: `type name id`. */
  holds: string[];
  /** Writes that the account saw: `verb type id`, sorted. */
  writes: string[];
  /** Writes in the order in which they came, by the title of each behaviour that is about their order. */
  order: Record<string, string[]>;
  /** All that the account has, as `type id inputs`; `null` when nobody looked. */
  account: string[] | null;
}

export interface Recording {
  /** Where this comes from. */
  recorded: { by: string; cli: string; plugin: string; programs: string; on: string };
  life: string;
  about: string;
  runs: RecordedRun[];
}

const directory = fileURLToPath(new URL("../../../fixtures/engine-contract/", import.meta.url));

export const recordingPath = (life: string): string => `${directory}${life}.json`;

/** @throws Error when the life was never recorded */
export const readRecording = (life: string): Recording =>
  JSON.parse(readFileSync(recordingPath(life), "utf8")) as Recording;

const madeUp =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])(?!\d{12}(?![0-9a-f]))[0-9a-f]{10,}|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|(?<=[a-z]-)[0-9a-f]{7}(?![0-9a-z-])|(?<=\bA(?:ROA|NPA|IPA))[0-9A-Z]{17}\b/g;

/** Without ids that AWS makes up, random ends of names, and times: they differ from account to account. Account ids stay. */
export const withoutMadeUp = (text: string): string => text.replaceAll(madeUp, "…");

/** The same for all strings of a value. */
export const cleaned = <Value>(value: Value): Value => JSON.parse(withoutMadeUp(JSON.stringify(value))) as Value;

/** The part of a URN that does not name the stack. */
export const resourceOf = (urn: string): string => urn.split("::").slice(2).join("::");
