/** The automation engine, the real Pulumi CLI, ready for the composition root. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AwsConnection } from "../../cloud/aws/create.ts";
import type { Engine } from "../engine.ts";
import { createPooledEngine, type PooledEngineOptions } from "../runner/pooled-engine.ts";
import type { BackendSettings, CloudPlugin } from "./settings.ts";
import { AwsPluginError, findAwsPlugin, pluginsOf, usualHome } from "./cli/aws-plugin.ts";
import { keepLogsShort } from "./pulumi-logs.ts";
import { findPulumi, PulumiCliError, type PulumiCli } from "./cli/cli.ts";
import { lostRunTeller } from "./recovery/lost-run.ts";
import { pluginEnvironment, pluginRegistration } from "./plugin/environment.ts";
import { createPlaceMask } from "./places.ts";
import { startSharedPlugin } from "./plugin/shared-plugin.ts";
import { EngineUnavailable } from "../engine-unavailable.ts";
import { engineWithoutCli } from "./without-cli.ts";

/** What the CLI's engine needs beside what every engine does. */
export interface AutomationEngineOptions extends PooledEngineOptions {
  backend: BackendSettings;
  /** Directory for Pulumi's home and the runs' work directories (mode 0700); made when missing. */
  directory: string;
  now: () => Date;
  /** Work on AWS; left out, on the simulated account. */
  aws?: AwsConnection;
  /**
   * Whether the CLI starts plugins of its own for each run, as it does with AWS's. On the simulated account there is one for all
   * runs unless this is said.
   */
  pluginPerRun?: boolean;
  /** Left out: the one that is found. */
  cli?: PulumiCli;
  /** Directories of plugins in which AWS's own is looked for; left out: those of Pulumi's homes. */
  pluginDirectories?: readonly string[];
  /** How long the process of a preview waits at the gate for its up. */
  keepMilliseconds?: number;
}

/** Pulumi's home, of the service's own. */
const homeIn = (directory: string): string => join(directory, "home");

/** Where `pulumi plugin install` may have put a plugin: the service's own home, and that of whoever runs it. */
const usualPluginDirectories = (directory: string): string[] => [homeIn(directory), usualHome()].map(pluginsOf);

const privateDirectory = (path: string): string => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
};

/**
 * Starts the children; runs wait until one is ready. Where no CLI serves, or AWS's plugin is missing, the engine says so when it
 * is asked, and every run fails with what to do: the API goes on answering.
 */
export async function createAutomationEngine(options: AutomationEngineOptions): Promise<Engine> {
  try {
    const cli = options.cli ?? (await findPulumi({ home: privateDirectory(homeIn(options.directory)) }));
    return startEngine(options, cli, await pluginFor(options));
  } catch (error) {
    if (!(error instanceof PulumiCliError || error instanceof AwsPluginError)) throw error;
    options.onTrouble(error.message);
    return engineWithoutCli(error instanceof PulumiCliError ? error.summary : error.message);
  }
}

/** A plugin, and what ends it where it is a process of the engine's. */
interface EnginePlugin {
  plugin: CloudPlugin;
  close: () => Promise<void>;
}

const perRun = (plugin: CloudPlugin): EnginePlugin => ({ plugin, close: () => Promise.resolve() });

/**
 * AWS's own plugin takes credentials from the environment, as AWS's own tools do, and roles from the programs' providers.
 *
 * @throws AwsPluginError
 */
const pluginFor = async (options: AutomationEngineOptions): Promise<EnginePlugin> => {
  const { aws, databaseUrl, identityCenter: home, directory, pluginDirectories, children, onTrouble } = options;
  if (aws !== undefined) {
    const found = await findAwsPlugin(pluginDirectories ?? usualPluginDirectories(directory));
    return perRun({ ...found, environment: {}, secrets: [] });
  }
  const settings = { databaseUrl, home };
  if (options.pluginPerRun === true)
    return perRun({ ...pluginRegistration, environment: pluginEnvironment(settings), secrets: [] });
  // What runs nothing needs none.
  if (children === 0) return perRun({ ...pluginRegistration, environment: {}, secrets: [] });
  const { environment, close } = await startSharedPlugin({ settings, onTrouble });
  return { plugin: { ...pluginRegistration, environment, secrets: [databaseUrl] }, close };
};

function startEngine(options: AutomationEngineOptions, cli: PulumiCli, { plugin, close }: EnginePlugin): Engine {
  const { identityCenter, backend, directory, onTrouble, now } = options;
  const settings = {
    backend,
    cli,
    plugin,
    aws: options.aws ?? null,
    home: privateDirectory(homeIn(directory)),
    runs: privateDirectory(join(directory, "runs")),
    keepMilliseconds: options.keepMilliseconds ?? 5_000,
  };
  const places = createPlaceMask(settings);
  const stopPruning = keepLogsShort(settings.home, now, onTrouble);
  const engine = createPooledEngine(options, {
    name: "automation",
    child: { automation: settings },
    resultOf: (connection) => {
      const tellLost = lostRunTeller({ connection, settings, now }, identityCenter);
      return async (run, loss, giveUp) => places.result(await tellLost(run, loss, giveUp));
    },
    close: () => {
      stopPruning();
      return close();
    },
  });
  return {
    ...engine,
    run: async (run, given) => {
      try {
        return await engine.run(run, given);
      } catch (error) {
        // The log was told in the system's own words.
        throw error instanceof EngineUnavailable ? new EngineUnavailable(places.text(error.message)) : error;
      }
    },
  };
}
