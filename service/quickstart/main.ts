/**
 * `npm run quickstart`: starts the service on the sandbox, sends it the AWS guide's requests over its own HTTP API, shows
 * what happens, and leaves it running. With `-- --exit` it stops at the end.
 */
import { stdout } from "node:process";
import colors from "picocolors";
import { startApplication } from "../application.ts";
import { ConfigError, readConfig, type Config } from "../config.ts";
import { createLogger } from "../logger.ts";
import { createClient } from "./client.ts";
import { showWhatIsTrue } from "./what-is-true.ts";
import { showWhoReachesWhat } from "./who-reaches-what.ts";
import { showEnvironments, walkThrough, type ProgressLine } from "./walkthrough.ts";

const print = (line: string): void => void stdout.write(`${line}\n`);

const progressLine: ProgressLine = stdout.isTTY
  ? {
      show: (text) => void stdout.write(`\r\x1b[2K${text.slice(0, stdout.columns - 1)}`),
      clear: () => void stdout.write("\r\x1b[2K"),
    }
  : { show: () => undefined, clear: () => undefined };

const showWelcome = (config: Config, url: string): void => {
  print(colors.bold("Gatehouse quickstart"));
  print("");
  print(`The service is up at ${url}, with its database in ${config.dataDirectory}.`);
  print(
    `${colors.yellow("The AWS account is simulated:")} the real Pulumi programs run, against an account that lives in the database.`,
  );
  print("Nothing leaves this machine, and nothing is charged.");
};

const showNext = (url: string, key: string): void => {
  print("");
  print(colors.bold("Try next"));
  print(`  export KEY=${key}`);
  print(`  curl -s -H "Authorization: Bearer $KEY" ${url}/v1/environments`);
  print(
    `  curl -s -H "Authorization: Bearer $KEY" -H "Content-Type: application/yaml" -H "Prefer: wait=10" --data-binary @examples/production-on-premises.yaml ${url}/v1/environment-requests`,
  );
  print(`  curl -s -H "Authorization: Bearer $KEY" -X DELETE -H "Prefer: wait=10" ${url}/v1/environments/development`);
  print("");
  print(colors.dim(`A real account: docs/aws-account.md. The contract is at ${url}/openapi.json.`));
};

const stopRequested = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

const quickstart = async (): Promise<void> => {
  const quiet = process.env["LOG_LEVEL"] === undefined ? { LOG_LEVEL: "error" } : {};
  const config = readConfig({ ...process.env, ...quiet });
  const application = await startApplication(config, { logger: createLogger(config.logLevel) });
  const stopped = stopRequested();
  const giveUp = new AbortController();
  void stopped.then(() => giveUp.abort());
  try {
    const { url, adminKey } = application;
    if (url === null)
      throw new Error("GATEHOUSE_ROLES leaves out the API, which the quickstart calls: leave it unset.");
    const { key } = adminKey;
    if (key === null)
      throw new Error(
        "The database has an admin key already that this machine does not know: set GATEHOUSE_ADMIN_KEY.",
      );
    showWelcome(config, url);
    const client = createClient(url, key, giveUp.signal);
    const changed = await walkThrough(client, print, progressLine);
    await showEnvironments(client, print);
    await showWhoReachesWhat(client, print);
    await showWhatIsTrue(client, print);
    if (changed === 0) {
      print("");
      print("no changes: everything is as the examples want it");
    }
    showNext(url, key);
    if (!process.argv.includes("--exit")) {
      print("");
      print("Ctrl-C stops the service.");
      await stopped;
    }
  } catch (error) {
    if (!giveUp.signal.aborted) throw error;
  } finally {
    progressLine.clear();
    await application.close();
    print("stopped");
  }
};

try {
  await quickstart();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  print("");
  print(error instanceof ConfigError ? `The configuration cannot be used:\n${error.message}` : error.message);
  process.exitCode = 1;
}
