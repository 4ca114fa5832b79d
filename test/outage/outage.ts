/**
 * The database killed with -9 under load, and started again after a while. The service is a real process and knows nothing
 * of the test; a second one works the queue beside it.
 */
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { appliedTwice, recordedFalsely } from "../chaos/account-invariants.ts";
import { startService } from "../chaos/service-process.ts";
import { startCallers, type Load } from "./callers.ts";
import { startStoppableDatabase } from "./stoppable-database.ts";

export interface OutageReport {
  load: Load;
  /** Operations by kind and status, of all that there are. */
  operations: Record<string, number>;
  /** Operations that needed more than one attempt. */
  ranAgain: number;
  /** From the database's return to the next operation that came to its end. */
  backMilliseconds: number;
  /** Lines of the processes' logs at level warn and above. */
  complaints: string[];
  /** What must not be: sentences. Empty when the service kept its promises. */
  broken: string[];
}

export interface OutageOptions {
  /** How long the database is away. */
  seconds: number;
  /** Callers at once, each with an environment of its own. */
  callers: number;
  /** Whether a second process works the queue beside the first. */
  workerBeside: boolean;
  say: (line: string) => void;
}

const key = "gh_outage-admin-key-of-more-than-thirty-two-characters";
const target = { account: "111122223333", region: "ap-southeast-1" };
const limitMilliseconds = 90_000;

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<number> {
  const since = performance.now();
  while (!(await condition())) {
    if (performance.now() - since > limitMilliseconds)
      throw new Error(`${what}: not within ${limitMilliseconds / 1000} s`);
    await delay(50);
  }
  return performance.now() - since;
}

export async function runOutage({ seconds, callers: count, workerBeside, say }: OutageOptions): Promise<OutageReport> {
  const database = await startStoppableDatabase();
  const logFile = join(database.directory, "service.log");
  const environment = {
    PORT: "0",
    DATABASE_URL: database.url,
    GATEHOUSE_ADMIN_KEY: key,
    GATEHOUSE_WORKERS: "1",
    GATEHOUSE_REQUIRED_APPROVALS: "0",
    GATEHOUSE_LEASE_SECONDS: "5",
    GATEHOUSE_DRAIN_SECONDS: "5",
  };
  const start = (name: string, roles: string) =>
    startService(
      { ...environment, GATEHOUSE_ROLES: roles, GATEHOUSE_DATA_DIR: join(database.directory, name) },
      logFile,
    );
  const services = [start("both", "api,worker")];
  const url = (await services[0]?.ready) ?? "";
  if (workerBeside) services.push(start("worker", "worker"));
  await services[1]?.ready;
  const died = services.map(({ gone }) => gone.then(() => "a service process ended"));
  const deaths: string[] = [];
  for (const death of died) void death.then((sentence) => deaths.push(sentence));

  const call = async (method: string, path: string, body: object): Promise<{ status: string; id: string }> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", prefer: "wait=60" },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { status: string; id: string };
  };
  const foundation = await call("POST", "/v1/foundation-requests", { action: "up", foundation: target });
  if (foundation.status !== "succeeded") throw new Error(`the foundation is ${JSON.stringify(foundation)}`);

  const callers = startCallers({ url, key, count, target });
  const { load } = callers;
  await until("every caller's first up", () => load.ended >= count || deaths.length > 0);
  say(`the database is killed, with ${load.accepted.length - load.ended} operations under way`);
  database.kill();
  await delay(seconds * 1000);
  const [endedBefore, acceptedBefore] = [load.ended, load.accepted.length];
  await database.startAgain();
  say(`the database is back after ${seconds} s; ${load.refused} calls were refused meanwhile`);
  const backMilliseconds = await until("work that goes on", () => load.ended > endedBefore || deaths.length > 0);
  await until("new work", () => load.accepted.length >= acceptedBefore + count || deaths.length > 0);
  await Promise.race([callers.stop(), until("the callers' end", () => deaths.length > 0)]);

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const rows = async <Row extends pg.QueryResultRow>(query: string): Promise<Row[]> =>
    (await client.query<Row>(query)).rows;
  await until("the end of all operations", async () => {
    const left = await rows("select from gatehouse.operations where status in ('queued', 'running')");
    return left.length === 0 || deaths.length > 0;
  });
  const inDoubt = await rows<{ id: string }>("select id from gatehouse.operations where status = 'needs_recovery'");
  const recovered = await Promise.all(
    inDoubt.map(({ id }) => call("POST", `/v1/operations/${id}/recover`, { resolution: "refresh" })),
  );
  const counts = await rows<{ what: string; count: number }>(
    "select kind || ' ' || status as what, count(*)::integer as count from gatehouse.operations group by 1 order by 1",
  );
  const again = await rows("select from gatehouse.operations where attempt > 1");
  const kept = new Set((await rows<{ id: string }>("select id from gatehouse.operations")).map(({ id }) => id));
  const failed = await rows<{ id: string; problem: { code: string; detail: string } | null }>(
    "select id, problem from gatehouse.operations where status in ('failed', 'canceled')",
  );
  const twice = [...(await appliedTwice(client)), ...(await recordedFalsely(client, "sandbox"))];
  await client.end();

  const early = [...deaths];
  for (const { pid } of services) process.kill(pid, "SIGTERM");
  await Promise.all(services.map(({ gone }) => gone));
  const complaints = readFileSync(logFile, "utf8")
    .split("\n")
    .filter((line) => /"level":"(?:warn|error|fatal)"/.test(line));
  await database.remove();

  return {
    load,
    operations: Object.fromEntries(counts.map(({ what, count: number }) => [what, number])),
    ranAgain: again.length,
    backMilliseconds,
    complaints,
    broken: [
      ...load.faults,
      ...early,
      ...load.accepted.filter((id) => !kept.has(id)).map((id) => `operation ${id} was accepted and is lost`),
      ...failed.map(({ id, problem }) => `operation ${id} failed: ${problem?.code ?? ""} ${problem?.detail ?? ""}`),
      ...recovered.filter(({ status }) => status !== "succeeded").map((one) => `not recovered: ${JSON.stringify(one)}`),
      ...twice,
      ...(load.probes["/readyz 503"] === undefined ? ["/readyz did not say that the database was away"] : []),
      ...Object.keys(load.probes).filter((seen) => !/^\/healthz 200|^\/readyz (?:200|503)|^\/metrics 200/.test(seen)),
    ],
  };
}
