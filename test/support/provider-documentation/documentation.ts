/** What was read of the provider's documentation about computed outputs, and what the pinned SDK declares. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Json, JsonObject } from "../../../service/domain/json.ts";
import { hasForm, type Form, type Made } from "./forms.ts";

interface Sourced {
  /** Names under `sources` of the same file. */
  sources: string[];
}

export interface DocumentedResource {
  id: Sourced & { form: Form };
  /** Of an output that is an input too this is the form where none is given. */
  computed: Record<string, Sourced & { form: Form }>;
  defaults: Record<string, Sourced & { value: Json }>;
  /** Outputs that the provider always tells and the simulated account never does, each with why. */
  notSimulated?: Record<string, string>;
  /** What nothing firm was found for, each with what was looked for. */
  undecided?: Record<string, string>;
}

export interface DocumentedFunction {
  answers: Record<string, Sourced & { form: Form }>;
}

interface Documentation {
  /** What was read; of a repository with its commit, of a page with its address. */
  sources: Record<string, { read: string; page?: string; commit?: string }>;
  resources?: Record<string, DocumentedResource>;
  functions?: Record<string, DocumentedFunction>;
}

const directory = new URL("../../fixtures/provider-documentation/computed-outputs/", import.meta.url);

export const documentation: ReadonlyMap<string, Documentation> = new Map(
  readdirSync(directory).map((file) => [
    file,
    JSON.parse(readFileSync(new URL(file, directory), "utf8")) as Documentation,
  ]),
);

const all = [...documentation.values()];
export const documentedResources = new Map(all.flatMap(({ resources }) => Object.entries(resources ?? {})));
export const documentedFunctions = new Map(all.flatMap(({ functions }) => Object.entries(functions ?? {})));

/** Whether an output may be missing from what is declared. */
export type Declared = ReadonlyMap<string, "always" | "sometimes">;

const packageDirectory = new URL("./", import.meta.resolve("@pulumi/aws/package.json"));

/** `ssoadmin/permissionSet` of `aws:ssoadmin/permissionSet:PermissionSet`, with its last part. @throws Error for another token */
const placeOf = (token: string): [path: string, name: string] => {
  const [, path, name] = /^aws:(?:index\/)?(.+):(\w+)$/.exec(token) ?? [];
  if (path === undefined || name === undefined) throw new Error(`${token} is no token of the AWS provider`);
  return [path, name];
};

const fileOf = (token: string, extension: string): string =>
  readFileSync(fileURLToPath(new URL(`${placeOf(token)[0]}${extension}`, packageDirectory)), "utf8");

/**
 * Properties of a class or interface of the SDK's declarations, which are generated: one `readonly` at the first level of each.
 *
 * @throws Error where it is not declared
 */
const membersOf = (token: string, named: string): Declared => {
  const text = fileOf(token, ".d.ts");
  const start = text.search(new RegExp(`^export (?:declare class|interface) ${named}\\b`, "m"));
  if (start < 0) throw new Error(`@pulumi/aws declares no ${named}`);
  const body = text.slice(start, text.indexOf("\n}", start)).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return new Map(
    body.split(/^ {4}(?=\w)/m).flatMap((member) => {
      const [, name = "", optional = "", type = ""] = /^readonly (\w+)(\??): ([\s\S]*);$/.exec(member.trim()) ?? [];
      return name === "" ? [] : [[name, optional === "?" || /\| undefined>$/.test(type) ? "sometimes" : "always"]];
    }),
  );
};

const known = new Map<string, Declared>();

/** Outputs of a resource, as the pinned SDK declares them. */
export const declaredOutputs = (token: string): Declared => {
  const members = known.get(token) ?? membersOf(token, placeOf(token)[1]);
  known.set(token, members);
  return members;
};

/** What a function answers, as the pinned SDK declares it. */
export const declaredAnswers = (token: string): Declared => {
  const name = placeOf(token)[1];
  return membersOf(token, `${name.charAt(0).toUpperCase()}${name.slice(1)}Result`);
};

/** Whether the pinned SDK marks outputs of a resource as secret. */
export const marksSecrets = (token: string): boolean => fileOf(token, ".js").includes("additionalSecretOutputs");

const isGiven = (inputs: JsonObject, name: string): boolean => inputs[name] !== undefined && inputs[name] !== null;

/** What is wrong with a resource that was made, in sentences; none where it is as documented. */
export function faultsOf(token: string, id: string, made: Made): string[] {
  const documented = documentedResources.get(token);
  if (documented === undefined) return [`${token} is not documented`];
  const { computed, defaults } = documented;
  const declared = declaredOutputs(token);
  const expected = new Set([...Object.keys(made.inputs), ...Object.keys(computed), ...Object.keys(defaults)]);
  if (declared.has("region")) expected.add("region");
  const missing = [...expected].filter((name) => made.outputs[name] === undefined);
  const additional = Object.keys(made.outputs).filter((name) => !expected.has(name));
  const misformed = Object.entries(computed).filter(
    ([name, { form }]) => !isGiven(made.inputs, name) || (typeof form === "object" && "given" in form),
  );
  const withId = { ...made, outputs: { ...made.outputs, " id": id } };
  return [
    ...missing.map((name) => `${name} is missing`),
    ...additional.map((name) => `${name} is additional`),
    ...(missing.length === 0 && !hasForm(" id", documented.id.form, withId) ? [`id is ${id}`] : []),
    ...misformed
      .filter(([name, { form }]) => !missing.includes(name) && !hasForm(name, form, made))
      .map(([name]) => `${name} is ${JSON.stringify(made.outputs[name])}`),
    ...Object.entries(defaults)
      .filter(([name, { value }]) => !isGiven(made.inputs, name) && made.outputs[name] !== value)
      .map(([name]) => `${name} is ${JSON.stringify(made.outputs[name])} by default`),
    ...(declared.has("region") && made.outputs["region"] !== made.region ? ["region is another"] : []),
  ];
}
