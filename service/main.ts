/** `npm start`: the service alone. */
import "./engine/pulumi-sdk.ts";
import { startApplication } from "./application.ts";
import { adminKeyFile } from "./admin-key.ts";
import { InventoryError } from "./cloud/simulated/inventory-file.ts";
import { ConfigError, readConfig, type Config } from "./config.ts";
import { DatabaseStartError } from "./db/postgres-binaries.ts";
import { MigrationError } from "./db/migrate.ts";
import { ListenError } from "./http/listen.ts";
import { createLogger } from "./logger.ts";
import type { RunningApplication } from "./application.ts";

/** What a person can mend: their message says how, and a stack would only hide it. */
const expected = [ConfigError, InventoryError, DatabaseStartError, MigrationError, ListenError];

function introduction(config: Config, running: RunningApplication): string[] {
  const { adminKey, url, database } = running;
  return [
    config.roles.api && url !== null
      ? `Gatehouse listens on ${url}`
      : `Gatehouse works the queue (no API in this process${url === null ? "" : `; probes and metrics at ${url}`})`,
    `  engine    ${config.engine}`,
    config.cloud === "simulated"
      ? "  cloud     simulated: an AWS account inside the database. Nothing leaves this machine, and nothing is made at AWS."
      : "  cloud     AWS",
    `  database  ${database}`,
    `  workers   ${config.roles.worker ? config.workers : "none in this process"}`,
    ...(config.requiredApprovals === 0
      ? []
      : [
          `  approvals ${config.requiredApprovals} configured, but not enforced yet: whatever is requested may be applied at once.`,
        ]),
    ...(adminKey.made && adminKey.key !== null
      ? [
          `  key       ${adminKey.key}`,
          `            for the principal admin. Shown this once; kept in ${adminKeyFile(config.dataDirectory)}.`,
        ]
      : []),
    ...config.warnings.map((warning) => `  warning   ${warning}`),
  ];
}

const say = (lines: readonly string[]): void => void process.stderr.write(`${lines.join("\n")}\n`);

/** The first signal drains; a second one ends at once (the database lives on, and the next start takes it up). */
function stopOnSignal(running: RunningApplication): void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      say(["Stopped at once, with operations under way: the next start takes them up."]);
      process.exit(1);
    }
    stopping = true;
    say([`${signal}: finishing what runs; once more stops at once.`]);
    running.close().then(
      () => signals.forEach((name) => process.off(name, onSignal)),
      (error: unknown) => {
        say([error instanceof Error ? error.message : String(error)]);
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, onSignal);
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const running = await startApplication(config, { logger: createLogger(config.logLevel) });
  say(introduction(config, running));
  stopOnSignal(running);
}

try {
  await main();
} catch (error) {
  const known = expected.some((kind) => error instanceof kind);
  say([known && error instanceof Error ? error.message : `Gatehouse did not start: ${String(error)}`]);
  if (!known && error instanceof Error) say([error.stack ?? ""]);
  process.exitCode = 1;
}
