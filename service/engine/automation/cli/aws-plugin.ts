/**
 * Finds AWS's own plugin, with which the CLI works on real accounts. Nothing is downloaded here: `pulumi plugin install` does
 * that, into `plugins/resource-aws-v<version>` of Pulumi's home (Pulumi CLI reference, "pulumi plugin install"; a file
 * `….partial` beside it says that it did not end).
 */
import { access, constants, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../../error-code.ts";
import { pluginVersion } from "../plugin/environment.ts";

/** What people run, as the user of the service, when it is missing. */
const awsPluginCommand = `pulumi plugin install resource aws ${pluginVersion}`;

/** The plugin is not there in the version of the programs; the message says what was found and what to do. */
export class AwsPluginError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AwsPluginError";
  }
}

/** Pulumi's home of whoever runs the service (Pulumi CLI, `PULUMI_HOME`). */
export const usualHome = (): string => process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");

/** Where a home of Pulumi keeps its plugins. */
export const pluginsOf = (home: string): string => join(home, "plugins");

const named = /^resource-aws-v(?<version>\d[\w.+-]*?)(?<partial>\.partial)?$/;

interface Seen {
  directory: string;
  version: string;
  partial: boolean;
}

const pluginsIn = async (directory: string): Promise<Seen[]> => {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "EACCES") return [];
    throw error;
  });
  return names.flatMap((name): Seen[] => {
    const groups = named.exec(name)?.groups;
    const version = groups?.["version"];
    return version === undefined || name.endsWith(".lock")
      ? []
      : [
          {
            directory: join(directory, `resource-aws-v${version}`),
            version,
            partial: groups?.["partial"] !== undefined,
          },
        ];
  });
};

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * The plugin of exactly the version that the programs ask for, so that its inputs, defaults and the state mean the same.
 *
 * @param directories of plugins, in which it is looked for in turn
 * @throws AwsPluginError, without paths: `/readyz` shows it to everybody
 */
export async function findAwsPlugin(directories: readonly string[]): Promise<{ path: string; version: string }> {
  const seen = (await Promise.all(directories.map(pluginsIn))).flat();
  const isPartial = ({ directory }: Seen): boolean =>
    seen.some((other) => other.partial && other.directory === directory);
  const ours = seen.filter(({ version }) => version === pluginVersion);
  for (const plugin of ours) {
    const { directory: path, version } = plugin;
    if (!isPartial(plugin) && (await isExecutable(join(path, "pulumi-resource-aws")))) return { path, version };
  }
  const others = [...new Set(seen.map(({ version }) => version))].filter((version) => version !== pluginVersion);
  const found =
    ours.length > 0
      ? `Pulumi's plugin for AWS ${pluginVersion} is there and not whole`
      : others.length > 0
        ? `Pulumi's plugin for AWS is there in version ${others.join(", ")}; the programs need ${pluginVersion}`
        : `Pulumi's plugin for AWS ${pluginVersion} is not installed`;
  throw new AwsPluginError(`${found}. Run, as the user of the service: ${awsPluginCommand}`);
}
