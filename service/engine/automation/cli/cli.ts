/**
 * Finds the Pulumi CLI: the one on PATH when its version serves, else the one that `npm run pulumi:install` put into the
 * project. Nothing is downloaded here. docs/pulumi-cli.md is the manual.
 */
import { execFile } from "node:child_process";
import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { errorCode } from "../../../error-code.ts";
import { pinnedVersion, serves, servingVersions } from "./cli-version.ts";

const execute = promisify(execFile);

/** What people run when there is no CLI that serves. */
const installCommand = "npm run pulumi:install";

/** Longest wait for `pulumi version`, which takes 0.2 s: the service listens once it is answered. */
const versionLimitMilliseconds = 10_000;

/** A CLI that serves. */
export interface PulumiCli {
  /** Absolute path of the executable. */
  path: string;
  /** Without the `v`: `3.257.0`. */
  version: string;
}

/** No CLI serves; the message says what was found, what is needed and what to do. */
export class PulumiCliError extends Error {
  /** The same for whoever may ask, also without a key: no paths, and nothing that a program said. */
  readonly summary: string;
  constructor(message: string, summary = message) {
    super(message);
    this.name = "PulumiCliError";
    this.summary = summary;
  }
}

const projectDirectory = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where the project keeps a CLI of its own: `bin/pulumi` in here. Outside node_modules, which `npm ci` empties. */
export const installDirectory = join(projectDirectory, ".cache", "pulumi", pinnedVersion);

const installedPath = join(installDirectory, "bin", "pulumi");

interface SearchPlaces {
  /** As in the environment variable PATH. */
  path?: string;
  /** The project's own CLI. */
  installed?: string;
  /** Pulumi's home, where a CLI writes a log of being asked; left out: that of whoever asks. */
  home?: string;
}

/** A folder may be "executable" too: shells pass it over. */
const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    // Whatever stands in the way, it cannot be run.
    if (errorCode(error) === null) throw error;
    return false;
  }
};

/** The first `pulumi` on PATH, as a shell would take it. Relative entries are left out: they depend on where one stands. */
async function onPath(path: string): Promise<string | null> {
  for (const directory of path.split(delimiter).filter(isAbsolute)) {
    const candidate = join(directory, "pulumi");
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

/** Anything may call itself `pulumi`: what it prints is told to everybody only where it is a version. */
const versionLike = /^[\w.+-]{1,40}$/;

/** What the CLI at a path says of itself, or why it says nothing. */
async function askVersion(path: string, home: string | undefined): Promise<{ version: string } | { trouble: string }> {
  try {
    // It says its version to anybody: no need for the service's secrets.
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(home === undefined ? {} : { PULUMI_HOME: home }),
    };
    // It writes a log, which nobody else may read either.
    const asking = ["-c", 'umask 077; exec "$0" version', path];
    const { stdout } = await execute("/bin/sh", asking, { env, timeout: versionLimitMilliseconds });
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
export async function findPulumi({
  path = process.env["PATH"] ?? "",
  installed = installedPath,
  home,
}: SearchPlaces = {}): Promise<PulumiCli> {
  const candidates = [
    { place: "the one on PATH", candidate: await onPath(path) },
    { place: "the project's own", candidate: (await isExecutable(installed)) ? installed : null },
  ];
  const refused: { detailed: string; plain: string }[] = [];
  for (const { place, candidate } of candidates) {
    if (candidate === null) continue;
    const answer = await askVersion(candidate, home);
    if ("version" in answer && serves(answer.version)) return { path: candidate, version: answer.version };
    const [detailed, plain] =
      "version" in answer
        ? [
            `is version ${answer.version || "unknown"}`,
            `is version ${versionLike.exec(answer.version)?.[0] ?? "unknown"}`,
          ]
        : [answer.trouble, "does not run"];
    refused.push({ detailed: `${candidate} ${detailed}`, plain: `${place} ${plain}` });
  }
  const need = `Version ${servingVersions} is needed. Run: ${installCommand}`;
  if (refused.length === 0)
    throw new PulumiCliError(`There is no Pulumi CLI, neither on PATH nor in the project. ${need}`);
  throw new PulumiCliError(
    `${refused.map(({ detailed }) => detailed).join("; ")}. ${need}`,
    `No Pulumi CLI serves: ${refused.map(({ plain }) => plain).join(", ")}. ${need}`,
  );
}
