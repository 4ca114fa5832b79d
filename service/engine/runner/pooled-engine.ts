/** An engine whose runs are carried out by runner children: what the two engines have in common. */
import pg from "pg";
import type { Engine } from "../engine.ts";
import type { ChildOptions } from "./messages.ts";
import { createRunnerPool, type PoolOptions } from "./pool.ts";
import { warmUpPreviews } from "./warm-up.ts";

/** What whoever starts an engine says of it. */
export interface PooledEngineOptions {
  /** The migrated database: the simulated account, and what the engine keeps of stacks and runs. */
  databaseUrl: string;
  /** Runner children: about one a core. */
  children: number;
  /** How many of them start at once; left out, one a core. */
  startsAtOnce?: number;
  /** Account and region in which Identity Center lives; on AWS only what a new child's own previews name. */
  identityCenter: { account: string; region: string };
  /**
   * Keys the digests of secrets in plans. It must outlast the process: with another one, what was approved before is stale
   * where secrets are in it.
   */
  digestKey: string;
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

/** What makes it the one engine or the other. */
interface EngineParts {
  name: Engine["name"];
  child: Pick<ChildOptions, "checkpointPassphrase" | "automation">;
  /** Tells of runs that were lost, on a connection of their own: that does not have to wait for a child. */
  resultOf: (connection: pg.Pool) => PoolOptions["resultOf"];
  /** Ends what the engine has beside its children, once they are gone. */
  close: () => Promise<void>;
}

/** Starts the children; runs wait until one is ready. */
export function createPooledEngine(
  options: PooledEngineOptions,
  { name, child, resultOf, close }: EngineParts,
): Engine {
  const { databaseUrl, children, identityCenter, digestKey, onTrouble } = options;
  const ours = {
    programs: new URL("../../../stacks/programs.ts", import.meta.url).href,
    warmUp: warmUpPreviews(identityCenter),
  };
  const connection = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  connection.on("error", () => undefined);
  const environment = options.environment ?? {};
  const pool = createRunnerPool({
    children,
    ...(options.startsAtOnce === undefined ? {} : { startsAtOnce: options.startsAtOnce }),
    onTrouble,
    child: { databaseUrl, identityCenter, digestKey, environment, ...child, ...(options.programs ?? ours) },
    resultOf: resultOf(connection),
    graceMilliseconds: options.graceMilliseconds ?? 30_000,
    maximumRuns: options.maximumRuns ?? 500,
    maximumMegabytes: options.maximumMegabytes ?? 600,
  });
  return {
    name,
    run: pool.run,
    ready: pool.ready,
    letGo: pool.letGo,
    statistics: pool.statistics,
    close: async () => {
      await pool.close();
      await close();
      if (!connection.ended) await connection.end();
    },
  };
}
