/**
 * `pulumi-resource-aws` for the simulated account: a process that the Pulumi CLI starts for each provider of a program. It
 * prints its port, serves, and ends with the CLI.
 */
import { randomBytes } from "node:crypto";
import { flushCompileCache } from "node:module";
import pg from "pg";
import { simulatedProvider } from "../../../cloud/simulated/simulated-provider.ts";
import { readPluginSettings } from "./environment.ts";
import { onParentGone } from "./parent.ts";
import { servePlugin } from "./server.ts";

/** The account orders the writes of one account anyway; reads and calls are short. */
const connections = 3;

onParentGone(() => process.exit(1));
const { databaseUrl, home } = readPluginSettings(process.env);
const pool = new pg.Pool({ connectionString: databaseUrl, application_name: "pulumi-resource-aws", max: connections });
// A connection that breaks while idle is no loss: the next call opens another, or fails and says so.
pool.on("error", (error) => void process.stderr.write(`simulated account: ${error.message}\n`));
const provider = simulatedProvider({
  pool,
  identityCenter: home,
  now: () => new Date(),
  newId: () => randomBytes(32).toString("hex"),
});
const { port } = await servePlugin(provider, home);
process.stdout.write(`${port}\n`);
// Node writes it when the process ends by itself, and the CLI ends its plugins by a kill.
flushCompileCache();
