/** The simulated account as a plugin's process reaches it: one pool for all connections that it serves. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { simulatedProvider } from "../../../cloud/simulated/simulated-provider.ts";
import type { PluginSettings } from "./environment.ts";
import type { ProviderFor } from "./server.ts";

/** @param connections to the database, at most: the account orders the writes of one account anyway, and reads are short */
export function reachAccount({ databaseUrl, home }: PluginSettings, connections: number): ProviderFor {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: "pulumi-resource-aws",
    max: connections,
  });
  // A connection that breaks while idle is no loss: the next call opens another, or fails and says so.
  pool.on("error", (error) => void process.stderr.write(`simulated account: ${error.message}\n`));
  return (gone) =>
    simulatedProvider({
      pool,
      identityCenter: home,
      now: () => new Date(),
      newId: () => randomBytes(32).toString("hex"),
      gone,
    });
}
