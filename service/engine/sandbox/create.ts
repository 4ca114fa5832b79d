/** The sandbox engine, ready for the composition root. */
import pg from "pg";
import type { Engine } from "../engine.ts";
import type { ChildOptions } from "../runner/messages.ts";
import { createRunnerPool } from "../runner/pool.ts";
import { warmUpPreviews } from "../runner/warm-up.ts";
import { lostRunTeller } from "./lost-run.ts";
import { createSecretBox } from "./secret-box.ts";

export interface SandboxEngineOptions {
  /** The migrated database, with the simulated account and the checkpoints. */
  databaseUrl: string;
  /** Runner children: about one a core. */
  children: number;
  /** Account and region in which Identity Center lives. */
  identityCenter: { account: string; region: string };
  /**
   * Keys the digests of secrets in plans. It must outlast the process: with another one, what was approved before is stale
   * where secrets are in it.
   */
  digestKey: string;
  /** Encrypts what is secret in checkpoints. With another one they cannot be read any more. Left out: the digests' key. */
  checkpointPassphrase?: string;
  /** Told when a child cannot start or ends by itself; the message holds no secrets. */
  onTrouble: (message: string) => void;
  /** Module with other programs than the product's, and previews to warm them up with. */
  programs?: Pick<ChildOptions, "programs" | "warmUp">;
  /** Environment variables of the children beside those of this process. */
  environment?: Record<string, string>;
  /** How long a run may go on after it was canceled, before its process is killed. */
  graceMilliseconds?: number;
  /** A child is replaced after so many runs, or when it has grown this large (140–215 MB is usual). */
  maximumRuns?: number;
  maximumMegabytes?: number;
}

/** Starts the children; runs wait until one is ready. */
export function createSandboxEngine(options: SandboxEngineOptions): Engine {
  const { databaseUrl, identityCenter, digestKey, children, onTrouble } = options;
  const checkpointPassphrase = options.checkpointPassphrase ?? digestKey;
  const ours = {
    programs: new URL("../../../stacks/programs.ts", import.meta.url).href,
    warmUp: warmUpPreviews(identityCenter),
  };
  // Used only for a run that was lost, so that this does not have to wait for a child.
  const connection = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  connection.on("error", () => undefined);
  const environment = options.environment ?? {};
  const pool = createRunnerPool({
    children,
    onTrouble,
    child: { databaseUrl, identityCenter, digestKey, checkpointPassphrase, environment, ...(options.programs ?? ours) },
    resultOf: lostRunTeller(Object.assign(connection, { secrets: createSecretBox(checkpointPassphrase) })),
    graceMilliseconds: options.graceMilliseconds ?? 30_000,
    maximumRuns: options.maximumRuns ?? 500,
    maximumMegabytes: options.maximumMegabytes ?? 600,
  });
  return {
    name: "sandbox",
    run: pool.run,
    ready: pool.ready,
    letGo: pool.letGo,
    statistics: pool.statistics,
    close: async () => {
      await pool.close();
      if (!connection.ended) await connection.end();
    },
  };
}
