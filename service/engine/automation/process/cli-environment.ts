/** What the CLI and its plugins have as environment, and what of it nobody may be told. */
import { steersPulumi } from "../../runner/child-environment.ts";
import type { AutomationSettings } from "../settings.ts";

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
