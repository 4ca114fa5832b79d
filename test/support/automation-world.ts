/** The automation engine on the real CLI with a simulated account of its own: a world for tests of engines. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBackend, type ConfiguredBackend } from "../../service/engine/automation/backend-settings.ts";
import type { PulumiCli } from "../../service/engine/automation/cli/cli.ts";
import { createAutomationEngine } from "../../service/engine/automation/create.ts";
import { createTestDatabase } from "./database.ts";
import { scope, testPrograms, type EngineWorld } from "./engine.ts";

export interface AutomationWorld extends EngineWorld {
  /** The service's data directory. */
  directory: string;
  close(): Promise<void>;
}

const ownBackend: ConfiguredBackend = { backendUrl: null, secretsProvider: "passphrase", passphrase: null };

/** Starts one; state lies in files of a temporary directory unless another backend is given. */
export async function startAutomationWorld(
  cli: PulumiCli,
  {
    children = 1,
    backend = ownBackend,
    environment = {},
    keepMilliseconds = 60_000,
    programs = testPrograms,
    identityCenter = scope,
  }: {
    children?: number;
    backend?: ConfiguredBackend;
    environment?: Record<string, string>;
    keepMilliseconds?: number;
    programs?: typeof testPrograms;
    identityCenter?: { account: string; region: string };
  } = {},
): Promise<AutomationWorld> {
  const database = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-automation-"));
  const engine = await createAutomationEngine({
    cli,
    databaseUrl: database.url,
    children,
    environment,
    keepMilliseconds,
    identityCenter,
    digestKey: randomUUID(),
    backend: await ensureBackend(backend, directory, randomUUID),
    directory: join(directory, "pulumi"),
    now: () => new Date(),
    onTrouble: () => undefined,
    programs,
  });
  return {
    engine,
    pool: database.pool,
    identityCenter,
    directory,
    close: async () => {
      await engine.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
