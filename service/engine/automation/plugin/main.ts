/**
 * `pulumi-resource-aws` for the simulated account, as the Pulumi CLI starts a plugin: a process for each provider of a run. It
 * prints its port, serves, and ends with the CLI. A service has one for all of its runs instead (`shared.ts`).
 */
import { flushCompileCache } from "node:module";
import { reachAccount } from "./account.ts";
import { createConfiguration } from "./configuration.ts";
import { readPluginSettings } from "./environment.ts";
import { onParentGone } from "./parent.ts";
import { servePlugin } from "./server.ts";

const connections = 3;

onParentGone(() => process.exit(1));
const settings = readPluginSettings(process.env);
const configuration = createConfiguration(settings.home);
const { port } = await servePlugin(reachAccount(settings, connections), () => configuration);
process.stdout.write(`${port}\n`);
// Node writes it when the process ends by itself, and the CLI ends its plugins by a kill.
flushCompileCache();
