/** The whole service on a database of its own, listening on a free port. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { ConnectAdapters } from "../../service/adapters.ts";
import { startApplication } from "../../service/application.ts";
import { readConfig } from "../../service/config.ts";
import { createLogger } from "../../service/logger.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** The admin's key in every test application. */
export const testAdminKey = "gh_test-admin-key-of-more-than-thirty-two-characters";

export interface TestApplication {
  url: string;
  database: TestDatabase;
  /** Log lines so far, parsed. */
  logs: Record<string, unknown>[];
  /** Calls the API as admin, with JSON. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>;
  close: () => Promise<void>;
}

/**
 * Starts the service with the sandbox engine on the simulated account, or with what `connectAdapters` gives.
 *
 * @param options.environment further configuration, by the names of its variables.
 */
export async function startTestApplication(
  options: { connectAdapters?: ConnectAdapters; environment?: Record<string, string>; now?: () => Date } = {},
): Promise<TestApplication> {
  const { environment = {}, ...overrides } = options;
  const database = await createTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), "gatehouse-application-"));
  const logs: Record<string, unknown>[] = [];
  const destination = new Writable({
    write: (line: Buffer, _encoding, done) => {
      logs.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  const config = readConfig({
    PORT: "0",
    DATABASE_URL: database.url,
    GATEHOUSE_DATA_DIR: dataDirectory,
    GATEHOUSE_ADMIN_KEY: testAdminKey,
    GATEHOUSE_WORKERS: "2",
    GATEHOUSE_DRAIN_SECONDS: "5",
    ...environment,
  });
  const cleanUp = async (): Promise<void> => {
    await database.drop();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  const running = await startApplication(config, { logger: createLogger("debug", destination), ...overrides }).catch(
    async (error: unknown) => {
      await cleanUp();
      throw error;
    },
  );
  const url = running.url ?? "";
  return {
    url,
    database,
    logs,
    call: (method, path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${testAdminKey}`, "Content-Type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    close: async () => {
      await running.close();
      await cleanUp();
    },
  };
}
