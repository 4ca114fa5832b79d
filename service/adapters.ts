/** Which engine runs the programs, and who answers what only the cloud can tell: by configuration. Loaded when they are needed. */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { AccessReader } from "./cloud/access-reader.ts";
import type { AwsConnection } from "./cloud/aws/create.ts";
import type { CloudReader } from "./cloud/reader.ts";
import type { BackendSettings } from "./engine/automation/settings.ts";
import { ConfigError, type Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { Engine } from "./engine/engine.ts";
import type { Logger } from "./logger.ts";
import { ensureServiceKey } from "./store/service-keys.ts";

interface Adapters {
  engine: Engine;
  reader: CloudReader;
  accessReader: AccessReader;
  /** Where there is a cloud to reach: whether it could be asked now, and what lets it go. */
  cloud?: { ready: () => Promise<{ ready: boolean; detail: string }>; close: () => void };
}

export type ConnectAdapters = (context: {
  config: Config;
  database: Database;
  logger: Logger;
  now: () => Date;
}) => Promise<Adapters>;

/** Where the simulated Identity Center lives unless the configuration says otherwise: an account of its own, as AWS advises. */
const simulatedIdentityCenter = { account: "444455556666", region: "us-east-1" };

const randomHex = (): string => randomBytes(32).toString("hex");

type Context = Parameters<ConnectAdapters>[0];

/**
 * The passphrase of the sandbox's checkpoints: configured, or in the data directory as with the CLI. Services that share a
 * database and were given none share one that lies there too: what they simulate is secret from readers of tables only.
 *
 * @throws ConfigError when what is there was encrypted with another
 */
async function checkpointPassphrase({ config, database }: Pick<Context, "config" | "database">): Promise<string> {
  const { keptPassphrase } = await import("./engine/automation/backend-settings.ts");
  const passphrase =
    config.pulumi.passphrase ??
    (config.databaseUrl === null
      ? await keptPassphrase(config.dataDirectory, randomHex)
      : await ensureServiceKey(database.queries, "checkpoint-passphrase", randomHex));
  await refuseOther(passphrase, {
    database,
    of: "checkpoint-passphrase-check",
    mistake:
      "What is secret in the sandbox's checkpoints was encrypted with another passphrase. Give the service the one that it had: PULUMI_CONFIG_PASSPHRASE, or the file pulumi-passphrase of its data directory.",
  });
  return passphrase;
}

/**
 * Holds a passphrase against the first that was used with the database.
 *
 * @throws ConfigError with the mistake when it is another
 */
async function refuseOther(
  passphrase: string,
  { database, of, mistake }: Pick<Context, "database"> & { of: string; mistake: string },
): Promise<void> {
  const { createSecretBox, SealError } = await import("./engine/sandbox/secret-box.ts");
  const box = createSecretBox(passphrase);
  const known = await ensureServiceKey(database.queries, of, () => box.seal("gatehouse"));
  try {
    box.open(known);
  } catch (error) {
    if (error instanceof SealError) throw new ConfigError([mistake]);
    throw error;
  }
}

/**
 * The backend of the CLI. Runs with another passphrase than that of the stacks would fail one by one, with those of the services
 * that have the right one in between.
 *
 * @throws ConfigError when the database's stacks were made with another passphrase
 */
async function cliBackend({ config, database }: Pick<Context, "config" | "database">): Promise<BackendSettings> {
  const { ensureBackend } = await import("./engine/automation/backend-settings.ts");
  const backend = await ensureBackend(config.pulumi, config.dataDirectory, randomHex);
  if (backend.passphrase !== null && backend.secretsProvider === "passphrase")
    await refuseOther(backend.passphrase, {
      database,
      of: "pulumi-passphrase-check",
      mistake:
        "The passphrase is not the one that this service's stacks were made with, so secrets in their state could not be read. Give the service the one that it had: PULUMI_CONFIG_PASSPHRASE, or the file pulumi-passphrase of its data directory.",
    });
  return backend;
}

/** The engine that the configuration names, on the simulated account or, with a connection, on AWS. */
async function startEngine(
  { config, database, logger, now }: Context,
  identityCenter: { account: string; region: string },
  aws?: AwsConnection,
): Promise<Engine> {
  const common = {
    databaseUrl: database.url,
    // An API alone runs nothing: a child is 200 MB that nobody would use.
    children: config.roles.worker ? config.workers : 0,
    identityCenter,
    digestKey: await ensureServiceKey(database.queries, "plan-digest", randomHex),
    // During an outage no runner starts: the log has the outage already.
    onTrouble: (message: string) => (database.outages.answers() ? logger.warn({}, `engine: ${message}`) : undefined),
  };
  if (config.engine === "sandbox") {
    const { createSandboxEngine } = await import("./engine/sandbox/create.ts");
    return createSandboxEngine({ ...common, checkpointPassphrase: await checkpointPassphrase({ config, database }) });
  }
  const { createAutomationEngine } = await import("./engine/automation/create.ts");
  return createAutomationEngine({
    ...common,
    backend: await cliBackend({ config, database }),
    directory: resolve(config.dataDirectory, "pulumi"),
    now,
    ...(aws === undefined ? {} : { aws }),
  });
}

/** AWS behind the automation engine; `readConfig` lets no other engine through. Nothing is asked of AWS yet. */
const connectAws: ConnectAdapters = async (context) => {
  const { config, now } = context;
  const { identityCenter, targetRole, awsRegion } = config;
  const connection = { identityCenter, targetRole, region: awsRegion };
  const { createAwsAdapters } = await import("./cloud/aws/create.ts");
  const { reader, accessReader, ready, close } = createAwsAdapters({ ...connection, now });
  return {
    engine: await startEngine(context, identityCenter ?? simulatedIdentityCenter, connection),
    reader,
    accessReader,
    cloud: { ready, close },
  };
};

/** The simulated account behind either engine. */
const connectSimulated: ConnectAdapters = async (context) => {
  const { config, database, now } = context;
  const identityCenter = config.identityCenter ?? simulatedIdentityCenter;
  const { simulatedReader } = await import("./cloud/simulated/simulated-reader.ts");
  const { simulatedAccessReader } = await import("./cloud/simulated/simulated-access-reader.ts");
  const { putInventories } = await import("./cloud/simulated/inventory-file.ts");
  const account = { pool: database.pool, identityCenter, now, newId: randomHex };
  await putInventories(account, config.simulatedInventory);
  return {
    engine: await startEngine(context, identityCenter),
    reader: simulatedReader(account),
    accessReader: simulatedAccessReader(account),
  };
};

export const connectAdapters: ConnectAdapters = (context) =>
  context.config.cloud === "aws" ? connectAws(context) : connectSimulated(context);
