/**
 * `npm run --silent arguments -- environment/production`: prints what the stack's program was last given, for running it by
 * hand while the service is down. See docs/break-glass.md.
 */
import { stdout, stderr } from "node:process";
import { ConfigError, readConfig } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { takeDataDirectory } from "./db/data-directory.ts";
import { stackKind } from "./domain/stacks.ts";
import { createLogger } from "./logger.ts";
import { stackStore } from "./store/stacks.ts";

const stackName = /^(environment\/[a-z0-9-]+|foundation\/\d{12}\/[a-z0-9-]+)$/;

/** @throws Error with a sentence for the person who asked */
const printArguments = async (stack: string | undefined): Promise<void> => {
  if (stack === undefined || !stackName.test(stack))
    throw new Error("Name a stack: environment/production, or foundation/111122223333/ap-southeast-1.");
  const config = readConfig(process.env);
  // With an embedded database this is the only process on the directory, or none: a running service is asked over HTTP.
  const directory = config.databaseUrl === null ? takeDataDirectory(config.dataDirectory) : null;
  const database = await openDatabase({ ...config, connections: 1 }, createLogger("silent"));
  try {
    const row = await stackStore(database.queries).find(stack);
    if (row === null) throw new Error(`There is no ${stack}.`);
    if (row.arguments === null) throw new Error(`${stack} was never up: there is nothing to run by hand.`);
    stdout.write(`${JSON.stringify({ program: stackKind(stack), arguments: row.arguments }, null, 2)}\n`);
  } finally {
    await database.close();
    directory?.release();
  }
};

try {
  await printArguments(process.argv[2]);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  stderr.write(
    `${error instanceof ConfigError ? `The configuration cannot be used:\n${error.message}` : error.message}\n`,
  );
  process.exitCode = 1;
}
