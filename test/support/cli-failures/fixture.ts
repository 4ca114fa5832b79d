/** What is kept of a failure: all that the translation reads, without the machine that it happened on. */
import { readdirSync, readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { CliAttempt, Told } from "./attempt.ts";

/** The parts of an event that are kept. */
export type KeptEvent = Pick<
  EngineEvent,
  "diagnosticEvent" | "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent" | "summaryEvent"
>;

export interface Fixture {
  name: string;
  about: string;
  /** `provoked`: by the scenario of this name, with this version of the CLI; else where the text is quoted from. */
  source: { provoked: string } | { quoted: string };
  verb: CliAttempt["verb"];
  told: Omit<Told, "events"> & { events: KeptEvent[] };
}

export const fixtureDirectory = fileURLToPath(new URL("../../fixtures/cli-failures/", import.meta.url));

/** All that there are, by name. */
export const readFixtures = (): Fixture[] =>
  ["provoked", "quoted"].flatMap((folder) =>
    readdirSync(`${fixtureDirectory}${folder}`)
      .filter((file) => file.endsWith(".json"))
      .sort()
      .map((file) => JSON.parse(readFileSync(`${fixtureDirectory}${folder}/${file}`, "utf8")) as Fixture),
  );

const project = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");

/**
 * What is replaced, in this order: places of this machine, its names, process ids, ports, times, durations, and ids that
 * are made up anew each time.
 */
const replacements = (directory: string, cliPath: string): [RegExp | string, string][] => [
  [directory, "/provoked"],
  [cliPath, "/cli/pulumi"],
  [cliPath.replace(/\/[^/]*$/, ""), "/cli"],
  [project, "/gatehouse"],
  [process.execPath, "/node"],
  // In the stack traces of a CLI that was built here.
  [/\/[\w./-]*\/pkg\/mod\//g, "/go/pkg/mod/"],
  [hostname(), "this-host"],
  [`by ${userInfo().username}`, "by this-user"],
  [/\bpid \d+/g, "pid 1"],
  [/(127\.0\.0\.1|\[::1\]|localhost):\d+/g, "$1:1"],
  [/\b(\d{1,3}\.){3}\d{1,3}:\d+->/g, "127.0.0.1:1->"],
  [/lookup ([\w.-]+) on [\d.:[\]a-f]+/g, "lookup $1 on 127.0.0.1:53"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, "2026-01-02T03:04:05Z"],
  [/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "2026/01/02 03:04:05"],
  [/\b\d+(\.\d+)?(s|ms|µs)\b/g, "1s"],
  [/\(\d+s\)/g, "(1s)"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "00000000-0000-0000-0000-000000000000"],
  [/0x[0-9a-f]{6,}/g, "0x1"],
  [/goroutine \d+/g, "goroutine 1"],
];

const cleanText = (directory: string, cliPath: string): ((text: string) => string) => {
  const all = replacements(directory, cliPath);
  return (text) => all.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text);
};

const kept = (event: EngineEvent): KeptEvent[] => {
  const { diagnosticEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } = event;
  if (diagnosticEvent) {
    // Told to whoever debugs a program; it quotes every secret in clear, and the declared type has no such severity.
    if (diagnosticEvent.severity.startsWith("debug")) return [];
    const { urn, message, severity, color, ephemeral } = diagnosticEvent;
    return [
      { diagnosticEvent: { ...(urn ? { urn } : {}), message, severity, color, ...(ephemeral ? { ephemeral } : {}) } },
    ];
  }
  if (resourcePreEvent)
    return [{ resourcePreEvent: { ...resourcePreEvent, metadata: bare(resourcePreEvent.metadata) } }];
  if (resOutputsEvent) return [{ resOutputsEvent: { ...resOutputsEvent, metadata: bare(resOutputsEvent.metadata) } }];
  if (resOpFailedEvent)
    return [{ resOpFailedEvent: { ...resOpFailedEvent, metadata: bare(resOpFailedEvent.metadata) } }];
  if (summaryEvent) return [{ summaryEvent: { ...summaryEvent, durationSeconds: 1 } }];
  return [];
};

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** States before and after are not what a failure is told by. */
const bare = ({ op, urn, type, provider }: Metadata): Metadata => ({ op, urn, type, provider });

/** A fixture of what was told. Long outputs of a crash are cut in the middle: the translation reads their ends. */
export const toFixture = (
  about: Pick<Fixture, "name" | "about" | "source" | "verb">,
  told: Told,
  machine: { directory: string; cliPath: string },
): Fixture => {
  const clean = cleanText(machine.directory, machine.cliPath);
  const cut = (text: string): string =>
    text.length <= 6_000 ? text : `${text.slice(0, 3_000)}\n[…]\n${text.slice(-2_000)}`;
  const { exit, stdout, stderr, thrown, events } = told;
  const small = {
    exit,
    stdout: cut(stdout),
    stderr: cut(stderr),
    // Of a CLI that ran, it only says again what is here already.
    thrown: thrown === null || exit !== null ? null : cut(thrown),
    events: events.flatMap(kept),
  };
  return { ...about, told: JSON.parse(clean(JSON.stringify(small))) as Fixture["told"] };
};
