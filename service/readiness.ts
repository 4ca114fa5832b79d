/** The answer of `/readyz`: whether the service could do its work now. */
import type pg from "pg";
import type { Engine } from "./engine/engine.ts";
import type { Readiness } from "./http/application.ts";

async function databaseCheck(pool: pg.Pool): Promise<Readiness["checks"][string]> {
  try {
    await pool.query("SELECT 1");
    return { ready: true, detail: "The database answers." };
  } catch {
    // The reason can name hosts and users, and this answer needs no key: calls that meet it log it.
    return { ready: false, detail: "The database does not answer." };
  }
}

/** Looks at the database and the engine, anew at each call. */
export function createReadiness(parts: { pool: pg.Pool; engine: Engine; cloud: string }): () => Promise<Readiness> {
  return async () => {
    const checks = { database: await databaseCheck(parts.pool), engine: parts.engine.ready() };
    const ready = Object.values(checks).every((check) => check.ready);
    return { ready, checks, engine: parts.engine.name, cloud: parts.cloud };
  };
}
