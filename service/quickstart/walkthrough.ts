import { readFile } from "node:fs/promises";
import colors from "picocolors";
import type { Environment, Operation } from "../domain/operation.ts";
import type { Client } from "./client.ts";
import { changesAnything, changeSummary, previewTree } from "./tree.ts";

export type Print = (line: string) => void;

/** The requests of the AWS guide, in the order that it takes them; files that curl can post as they are. */
const requests = [
  {
    title: "Foundation of account 111122223333 in ap-southeast-1",
    file: "foundation.yaml",
    path: "foundation-requests",
  },
  { title: "Production, with on-premises servers", file: "production.json", path: "environment-requests" },
  { title: "Development", file: "development.yaml", path: "environment-requests" },
] as const;

const contentType = (file: string): string => (file.endsWith(".json") ? "application/json" : "application/yaml");

/** A line that is rewritten in place on a terminal, and left out where output goes to a file. */
export interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

/**
 * Previews each request, shows what it would change, and applies it.
 *
 * @returns how many of the requests changed something
 * @throws Error with the problem's sentence, when one is refused or fails
 */
export const walkThrough = async (client: Client, print: Print, progress: ProgressLine): Promise<number> => {
  let changed = 0;
  for (const [index, { title, file, path }] of requests.entries()) {
    print("");
    print(colors.bold(`${index + 1}. ${title}`) + colors.dim(`   examples/${file}`));
    const body = await readFile(new URL(`../../examples/${file}`, import.meta.url), "utf8");
    const submitted = await client.post(`/v1/${path}`, body, contentType(file));
    const preview = succeeded(await client.follow(submitted.id, () => progress.show("   previewing …")));
    progress.clear();
    showPreview(preview, print);
    if (preview.changes === null || !changesAnything(preview.changes)) {
      print("   no changes");
      continue;
    }
    const started = await client.post(`/v1/operations/${preview.id}/apply`, null, "application/json");
    const applied = succeeded(await client.follow(started.id, (operation) => progress.show(progressText(operation))));
    progress.clear();
    changed += 1;
    print(`   ${colors.green("applied")}: ${changeSummary(applied.changes ?? preview.changes)}${took(applied)}`);
  }
  return changed;
};

const showPreview = ({ steps, changes, access, warnings }: Operation, print: Print): void => {
  for (const line of previewTree(steps)) print(`   ${line}`);
  if (changes !== null && changesAnything(changes)) print(`   preview: ${changeSummary(changes)}`);
  for (const line of accessLines(access)) print(`   ${line}`);
  for (const { code, message } of warnings) print(`   ${colors.yellow("!")} ${code}: ${colors.dim(message)}`);
};

/**
 * Sessions that somebody may start now and could not, or the other way round, and statements that the document adds to the
 * policy or takes from it; the rest is in the operation.
 */
const accessLines = (access: Operation["access"]): string[] => {
  const people = (access?.changes ?? []).filter(
    ({ principalKind, action }) => principalKind === "person" && action === "ssm:StartSession",
  );
  const { added = [], removed = [] } = access?.extraStatements ?? {};
  return [
    ...people.map(({ principal, node, to }) =>
      to === "allow"
        ? `${colors.green("access")}: ${principal} gains sessions on ${node}`
        : `${colors.yellow("access")}: ${principal} loses sessions on ${node}`,
    ),
    ...added.map((statement) => `${colors.green("access")}: extra statement added ${JSON.stringify(statement)}`),
    ...removed.map((statement) => `${colors.yellow("access")}: extra statement removed ${JSON.stringify(statement)}`),
  ];
};

const progressText = ({ progress }: Operation): string =>
  progress === null || progress.total === 0
    ? "   applying …"
    : `   applying ${progress.done}/${progress.total}${progress.current === null ? "" : `  ${progress.current}`}`;

const took = ({ startedAt, finishedAt }: Operation): string =>
  startedAt === null || finishedAt === null
    ? ""
    : colors.dim(` (${((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s)`);

const succeeded = (operation: Operation): Operation => {
  if (operation.status === "succeeded") return operation;
  const { problem, kind, status } = operation;
  throw new Error(
    `the ${kind} is ${status}${problem === null ? "" : `: ${problem.detail}`} (operation ${operation.id})`,
  );
};

/** What exists now, and how a person of each environment starts a session. */
export const showEnvironments = async (client: Client, print: Print): Promise<void> => {
  const { items } = await client.get<{ items: Environment[] }>("/v1/environments");
  for (const { name, status, revision, outputs, spec } of items) {
    print("");
    print(`${colors.bold(name)}  ${status}, revision ${revision}`);
    print(`  people      ${peopleOf(spec)}`);
    print(`  sign in at  ${textOf(outputs["portalUrl"])}`);
    for (const { logGroup, startSessionCommand } of targetsOf(outputs)) {
      print(`  sessions    ${startSessionCommand}`);
      print(`  logged to   ${logGroup}`);
    }
  }
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "unknown");

const peopleOf = (spec: Environment["spec"]): string => {
  const { group } = spec as { group: { name: string; members: { userName: string }[] } };
  return `${group.members.map(({ userName }) => userName).join(", ")} through group ${group.name}`;
};

const targetsOf = (outputs: Environment["outputs"]) =>
  outputs["targets"] as { logGroup: string; startSessionCommand: string }[];
