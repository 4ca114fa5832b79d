import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type pg from "pg";
import { createOutageWatch, type OutageWatch } from "../../../service/db/outage.ts";
import { createPool, queriesOn } from "../../../service/db/pool.ts";
import { makePrivateDirectory, type PostgresServer } from "../../../service/db/postgres-server.ts";
import { superviseServer } from "../../../service/db/supervised-server.ts";
import { isDatabaseUnavailable } from "../../../service/database-unavailable.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";

const refusedConnection = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

/** Looks again until it does not reject, for fifteen seconds at most. */
async function untilItWorks<Result>(attempt: () => Promise<Result>, attempts = 300): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (attempts === 1) throw error;
    await delay(50);
    return untilItWorks(attempt, attempts - 1);
  }
}

describe("what says that the database is away", () => {
  it.each([
    ["a refused connection", refusedConnection],
    ["a cause of that kind", new Error("Failed query: select 1", { cause: refusedConnection })],
    ["several addresses that all refuse", new AggregateError([refusedConnection, refusedConnection])],
    ["a server that shuts down", Object.assign(new Error("terminating"), { code: "57P01" })],
    ["a statement over its time", Object.assign(new Error("canceling statement"), { code: "57014" })],
    ["a server that says nothing", new Error("Query read timeout")],
    ["no free connection in time", new Error("timeout exceeded when trying to connect")],
  ])("%s does", (_case, error) => expect(isDatabaseUnavailable(error)).toBe(true));

  it.each([
    ["a wrong query", Object.assign(new Error("syntax error"), { code: "42601" })],
    ["a broken rule", Object.assign(new Error("duplicate key"), { code: "23505" })],
    ["an error of ours", new TypeError("undefined is not a function")],
  ])("%s does not", (_case, error) => expect(isDatabaseUnavailable(error)).toBe(false));
});

describe("the outage watch", () => {
  const said: string[] = [];
  let works = false;
  let watch: OutageWatch;
  beforeEach(() => {
    said.length = 0;
    works = false;
    watch = createOutageWatch({
      ask: () => (works ? Promise.resolve() : Promise.reject(refusedConnection)),
      logger: { info: (_fields, message) => said.push(message), warn: (_fields, message) => said.push(message) },
      clock: () => 0,
      pauseMilliseconds: 1,
    });
  });
  afterEach(() => watch.close());

  it("tells an outage once, however often it is met, and once that it is over", async () => {
    expect([1, 2, 3].map(() => watch.noticed(refusedConnection))).toEqual([true, true, true]);
    expect(watch.answers()).toBe(false);
    works = true;
    await untilItWorks(() => (watch.answers() ? Promise.resolve() : Promise.reject(new Error("not yet"))));
    expect(said).toEqual([expect.stringContaining("does not answer"), "the database answers again"]);
  });

  it("leaves errors of other kinds to whoever met them", () => {
    expect(watch.noticed(new TypeError("a mistake"))).toBe(false);
    expect({ answers: watch.answers(), said }).toEqual({ answers: true, said: [] });
  });
});

describe("a pool whose connection breaks", () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const broken: Error[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool({ url: database.url, connections: 1, onError: (error) => broken.push(error) });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it("in a transaction: refuses that, ends nothing else, and has a new one for the next", async () => {
    const queries = queriesOn(pool);
    const ended = queries.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
    });
    const error: unknown = await ended.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(isDatabaseUnavailable(error)).toBe(true);
    const { rows } = await queries.transaction((transaction) => transaction.execute(sql`select 1 as one`));
    expect(rows).toEqual([{ one: 1 }]);
    expect({ total: pool.totalCount, waiting: pool.waitingCount }).toEqual({ total: 1, waiting: 0 });
  });
});

describe("an embedded server that is killed", () => {
  const directory = makePrivateDirectory(mkdtempSync(join(tmpdir(), "gatehouse-supervised-")));
  const said: string[] = [];
  const log = (_fields: object, message: string): void => void said.push(message);
  let server: PostgresServer;
  beforeAll(async () => {
    const place = { directory: join(directory, "postgres"), logFile: join(directory, "postgres.log") };
    server = await superviseServer({ ...place, settings: { fsync: "off" } }, { info: log, error: log });
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  it("is started again at the same socket, and the log says so", async () => {
    const pool = createPool({ url: server.url("postgres"), connections: 1, onError: () => undefined });
    const startedAt = async (): Promise<string> => {
      const { rows } = await pool.query<{ started: string }>("select pg_postmaster_start_time()::text as started");
      return rows[0]?.started ?? "";
    };
    const before = await startedAt();
    process.kill(server.pid, "SIGKILL");
    // A session of the killed server may still answer before it notices.
    await untilItWorks(async () => expect(await startedAt()).not.toBe(before));
    await pool.end();
    expect(said).toContain("the embedded database ended by itself: starting it again");
  });
});
