/** Jest's global teardown: stops the server that global setup started, and removes its directory. */
import { rm } from "node:fs/promises";
import { testPostgres } from "./test-postgres.ts";

export default async function stopPostgres(): Promise<void> {
  await testPostgres.stop?.();
  if (testPostgres.directory !== null) await rm(testPostgres.directory, { recursive: true, force: true });
}
