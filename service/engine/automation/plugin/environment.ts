/**
 * How the plugin is told where it works: by the environment that the CLI hands on to it. Not on the command line, which
 * every user of the machine can read and which the connection string must not be on.
 */
import { fileURLToPath } from "node:url";
import type { Scope } from "../../../cloud/provider.ts";

const databaseVariable = "GATEHOUSE_SIMULATED_AWS_DATABASE_URL";
const homeVariable = "GATEHOUSE_SIMULATED_AWS_HOME";
const nodeVariable = "GATEHOUSE_NODE";

/** Where the plugin works. */
export interface PluginSettings {
  /** Connection string of the database with the schema `simulated_aws`. */
  databaseUrl: string;
  /** Account and region of Identity Center, and of providers that name none. */
  home: Scope;
}

/** Version under which programs ask for the plugin: that of the `@pulumi/aws` package, as pinned. */
export const pluginVersion = "7.48.0";

/** How a project registers the plugin (`projectSettings.plugins`): by path, so that the CLI downloads nothing. */
export const pluginRegistration = {
  name: "aws",
  path: fileURLToPath(new URL("./bin", import.meta.url)),
  version: pluginVersion,
};

/** What to add to the CLI's environment. Contains the database's password where it has one. */
export const pluginEnvironment = ({ databaseUrl, home }: PluginSettings): Record<string, string> => ({
  [databaseVariable]: databaseUrl,
  [homeVariable]: `${home.account}/${home.region}`,
  // The plugin is TypeScript that Node runs as it is: it needs the Node that runs the service.
  [nodeVariable]: process.execPath,
});

/** @throws Error that names the variable that is missing or wrong, never its value */
export const readPluginSettings = (environment: NodeJS.ProcessEnv): PluginSettings => {
  const databaseUrl = environment[databaseVariable] ?? "";
  if (databaseUrl === "") throw new Error(`${databaseVariable} must name the database of the simulated account.`);
  const [, account, region] = /^(\d{12})\/([a-z0-9-]+)$/.exec(environment[homeVariable] ?? "") ?? [];
  if (account === undefined || region === undefined) {
    throw new Error(`${homeVariable} must name an account and a region, such as 444455556666/us-east-1.`);
  }
  return { databaseUrl, home: { account, region } };
};
