/** Which engine runs the programs, and who answers what only the cloud can tell: by configuration. Loaded when they are needed. */
import { randomBytes } from "node:crypto";
import type { AccessReader } from "./cloud/access-reader.ts";
import type { CloudReader } from "./cloud/reader.ts";
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { Engine } from "./engine/engine.ts";
import type { Logger } from "./logger.ts";
import { ensureServiceKey } from "./store/service-keys.ts";

export interface Adapters {
  engine: Engine;
  reader: CloudReader;
  accessReader: AccessReader;
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

/** The sandbox engine on the simulated account: the only pair there is yet, and `readConfig` lets no other through. */
export const connectAdapters: ConnectAdapters = async ({ config, database, logger, now }) => {
  const identityCenter = config.identityCenter ?? simulatedIdentityCenter;
  const { createSandboxEngine } = await import("./engine/sandbox/create.ts");
  const { simulatedReader } = await import("./cloud/simulated/simulated-reader.ts");
  const { simulatedAccessReader } = await import("./cloud/simulated/simulated-access-reader.ts");
  const { putInventories } = await import("./cloud/simulated/inventory-file.ts");
  const account = { pool: database.pool, identityCenter, now, newId: randomHex };
  await putInventories(account, config.simulatedInventory);
  return {
    engine: createSandboxEngine({
      databaseUrl: database.url,
      // An API alone runs nothing: a child is 200 MB that nobody would use.
      children: config.roles.worker ? config.workers : 0,
      identityCenter,
      digestKey: await ensureServiceKey(database.queries, "plan-digest", randomHex),
      // During an outage no runner starts: the log has the outage already.
      onTrouble: (message) => (database.outages.answers() ? logger.warn({}, `engine: ${message}`) : undefined),
    }),
    reader: simulatedReader(account),
    accessReader: simulatedAccessReader(account),
  };
};
