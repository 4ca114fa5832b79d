/** Where the stacks' state lies and how secrets in it are encrypted: what a runner child is told of the configuration. */
import { steersPulumi } from "../runner/child-environment.ts";

import type { AwsConnection } from "../../cloud/aws/create.ts";
import type { PulumiCli } from "./cli/cli.ts";

export interface BackendSettings {
  /** `file://…`, `s3://…`, `postgres://…`, … as Pulumi names it. May hold a password. */
  url: string;
  /** `passphrase`, `awskms://…`, … as Pulumi names it. */
  secretsProvider: string;
  /** `null` where another secrets provider is used. */
  passphrase: string | null;
}

/** The plugin `aws` that the CLI loads, AWS's own or the simulated account's. */
export interface CloudPlugin {
  /** Directory with the executable `pulumi-resource-aws`. */
  path: string;
  /** Under which the programs ask for it. */
  version: string;
  /** Variables of the CLI beside those that it inherits: what the plugin needs to know, or where it is; may hold a password. */
  environment: Record<string, string>;
  /** What it was told otherwise, and may quote in an error: a connection string. */
  secrets: string[];
}

/** What a child of the automation engine is told beside what every child is. Sent over its own channel, never on argv. */
export interface AutomationSettings {
  backend: BackendSettings;
  cli: PulumiCli;
  plugin: CloudPlugin;
  /** How AWS is asked what became of a write that nobody knows the end of; `null`: the simulated account is asked. */
  aws: AwsConnection | null;
  /** Pulumi's own home: plugins and credentials, kept. */
  home: string;
  /** Work directories are made in here, one a run, and removed after. */
  runs: string;
  /** How long a planned process waits for the up that was said to follow. */
  keepMilliseconds: number;
}

/** Ours; nothing that the CLI or a plugin needs. */
const ours = /^(?:GATEHOUSE_|SLACK_|DATABASE_URL$|NODE_OPTIONS$|npm_)/;

/**
 * What the CLI and its plugins inherit: credentials, proxies and paths of this process, and nothing that is only ours or would
 * change what a run of the CLI is.
 */
export const inheritedEnvironment = (environment: NodeJS.ProcessEnv): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name) && !steersPulumi(name)));

/**
 * Variables of the CLI itself. The secrets among them are in its environment, as Pulumi wants it, and nowhere else.
 *
 * @param directory of the run: temporary files are made there, and go with it
 */
export const cliEnvironment = (
  { backend, home }: Pick<AutomationSettings, "backend" | "home">,
  directory: string,
): Record<string, string> => ({
  PULUMI_HOME: home,
  PULUMI_BACKEND_URL: backend.url,
  ...(backend.passphrase === null ? {} : { PULUMI_CONFIG_PASSPHRASE: backend.passphrase }),
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  TMPDIR: directory,
  // Fewer collections: a run is short, and takes 100 MB more at most.
  GOGC: process.env["GOGC"] ?? "400",
});

/** Names of credentials, of whichever cloud, backend or key service; not of files and ids. */
const credential = /(?:SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIALS|SAS)|_KEY$/;
const notSecret = /(?:_FILE|_PATH|_URI|_URL|_ID|_ARN)$/;
/** A shorter value (`true`, a profile's name) is no credential. */
const shortestCredential = 12;
const withPassword = /^[a-z][a-z0-9+]*:\/\/[^/]*:[^/]*@/;

/** Credentials that a process has by its environment: whatever the CLI inherits may be quoted by a cloud that refuses it. */
const credentialsIn = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment).flatMap(([name, value = ""]) =>
    credential.test(name) && !notSecret.test(name) && value.length >= shortestCredential ? [value] : [],
  );

/**
 * What nobody may be told: the passphrase, credentials, and connection strings with a password, whole.
 *
 * @param environment that the CLI inherits
 */
export const secretsOf = (
  { backend, plugin }: Pick<AutomationSettings, "backend" | "plugin">,
  environment: NodeJS.ProcessEnv = process.env,
): string[] => {
  const all: NodeJS.ProcessEnv = { ...environment, ...plugin.environment };
  return [
    ...(backend.passphrase === null ? [] : [backend.passphrase]),
    ...[backend.url, ...plugin.secrets, ...Object.values(all)].flatMap((text = "") =>
      withPassword.test(text) ? [text] : [],
    ),
    ...credentialsIn(all),
  ];
};
