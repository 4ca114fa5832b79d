/** What a runner child of the CLI's engine is told of the configuration. */
import type { AwsConnection } from "../../cloud/aws/create.ts";
import type { PulumiCli } from "./cli/cli.ts";

/** Where the stacks' state lies, and how secrets in it are encrypted. */
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
