/** The answer of `/readyz`: whether the service could do its work now. */
import type { Database } from "./db/database.ts";
import type { Engine } from "./engine/engine.ts";
import type { Readiness } from "./http/application.ts";

type DatabaseAndWatch = Pick<Database, "pool" | "outages">;

const away = { ready: false, detail: "The database does not answer." };

async function databaseCheck({ pool, outages }: DatabaseAndWatch): Promise<Readiness["checks"][string]> {
  if (!outages.answers()) return away;
  try {
    await pool.query("SELECT 1");
    return { ready: true, detail: "The database answers." };
  } catch (error) {
    // The reason can name hosts and users, and this answer needs no key: the watch logs it.
    outages.noticed(error);
    return away;
  }
}

/** Looks at the database, the engine, and (where it is not simulated) the cloud, anew at each call. */
export function createReadiness(parts: {
  database: DatabaseAndWatch;
  engine: Engine;
  cloud: string;
  /** Whether the cloud could be asked; left out where there is nothing to reach. */
  cloudReady?: () => Promise<Readiness["checks"][string]>;
}): () => Promise<Readiness> {
  return async () => {
    const [database, cloud] = await Promise.all([databaseCheck(parts.database), parts.cloudReady?.()]);
    const checks = { database, engine: parts.engine.ready(), ...(cloud === undefined ? {} : { cloud }) };
    const ready = Object.values(checks).every((check) => check.ready);
    return { ready, checks, engine: parts.engine.name, cloud: parts.cloud };
  };
}
