/**
 * Finds the Pulumi CLI: the one on PATH when its version serves, else the one that `npm run pulumi:install` put into the
 * project. Nothing is downloaded here. docs/pulumi-cli.md is the manual.
 */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pinnedVersion, serves, servingVersions } from "./cli-version.ts";

const execute = promisify(execFile);

/** What people run when there is no CLI that serves. */
export const installCommand = "npm run pulumi:install";

/** Longest wait for `pulumi version`, which takes 0.2 s. */
const versionLimitMilliseconds = 30_000;

/** A CLI that serves. */
export interface PulumiCli {
  /** Absolute path of the executable. */
  path: string;
  /** Without the `v`: `3.257.0`. */
  version: string;
}

/** No CLI serves; the message says what was found, what is needed and what to do. */
export class PulumiCliError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PulumiCliError";
  }
}

const projectDirectory = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where the project keeps a CLI of its own: `bin/pulumi` in here. Outside node_modules, which `npm ci` empties. */
export const installDirectory = join(projectDirectory, ".cache", "pulumi", pinnedVersion);

const installedPath = join(installDirectory, "bin", "pulumi");

export interface SearchPlaces {
  /** As in the environment variable PATH. */
  path: string;
  /** The project's own CLI. */
  installed: string;
}

const usualPlaces = (): SearchPlaces => ({ path: process.env["PATH"] ?? "", installed: installedPath });

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The first `pulumi` on PATH, as a shell would take it. Relative entries are left out: they depend on where one stands. */
async function onPath(path: string): Promise<string[]> {
  for (const directory of path.split(delimiter).filter(isAbsolute)) {
    const candidate = join(directory, "pulumi");
    if (await isExecutable(candidate)) return [candidate];
  }
  return [];
}

/** What the CLI at a path says of itself, or why it says nothing. */
async function askVersion(path: string): Promise<{ version: string } | { trouble: string }> {
  try {
    // It says its version to anybody: no need for the service's secrets.
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { stdout } = await execute(path, ["version"], { env, timeout: versionLimitMilliseconds });
    return { version: stdout.trim().replace(/^v/, "") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { trouble: `does not run (${reason.trim().replaceAll(/\s+/g, " ")})` };
  }
}

/**
 * The CLI to use. Asks each candidate for its version, so ask once and keep the answer.
 *
 * @throws PulumiCliError when none serves
 */
export async function findPulumi({ path, installed }: SearchPlaces = usualPlaces()): Promise<PulumiCli> {
  const candidates = [...(await onPath(path)), ...((await isExecutable(installed)) ? [installed] : [])];
  const refused: string[] = [];
  for (const candidate of candidates) {
    const answer = await askVersion(candidate);
    if ("version" in answer && serves(answer.version)) return { path: candidate, version: answer.version };
    refused.push(`${candidate} ${"version" in answer ? `is version ${answer.version || "unknown"}` : answer.trouble}`);
  }
  const found =
    refused.length === 0 ? "There is no Pulumi CLI, neither on PATH nor in the project" : refused.join("; ");
  throw new PulumiCliError(`${found}. Version ${servingVersions} is needed. Run: ${installCommand}`);
}
