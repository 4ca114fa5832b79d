/** Two worker processes on one database, one of which is stopped as by a machine that freezes, and goes on later. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Operation } from "../../service/domain/operation.ts";
import { startService, type ServiceProcess } from "../chaos/service-process.ts";
import { startTestApplication, type TestApplication } from "../support/application.ts";
import { until } from "../support/until.ts";

const foundation = { account: "111122223333", region: "ap-southeast-1" };
const environment = { name: "production", tag: { key: "project", value: "Production" }, targets: [foundation] };

/** A process and what it started, from Linux's /proc. */
const family = (pid: number): number[] => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
};

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("a worker in the middle of an apply", () => {
  let application: TestApplication;
  let directory: string;
  const workers: ServiceProcess[] = [];
  let stopped: number[] = [];
  const logOf = (number: number) => join(directory, `worker-${number}.log`);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-workers-"));
    application = await startTestApplication({ environment: { GATEHOUSE_ROLES: "api" } });
    const settings = {
      DATABASE_URL: application.database.url,
      GATEHOUSE_DATA_DIR: join(directory, "data"),
      GATEHOUSE_ROLES: "worker",
      GATEHOUSE_WORKERS: "1",
      GATEHOUSE_LEASE_SECONDS: "2",
      GATEHOUSE_DRAIN_SECONDS: "6",
    };
    for (const number of [1, 2]) workers.push(startService(settings, logOf(number)));
    await Promise.all(workers.map(({ ready }) => ready));
  }, 60_000);
  afterAll(async () => {
    // Children that were stopped and not told to go on would never see that their worker is gone.
    for (const pid of stopped) if (isThere(pid)) process.kill(pid, "SIGCONT");
    for (const { pid } of workers) if (isThere(pid)) process.kill(pid, "SIGKILL");
    await Promise.all(workers.map(({ gone }) => gone));
    await application.close();
    await rm(directory, { recursive: true, force: true });
  });

  const post = async (path: string, body: unknown): Promise<Operation> => {
    const response = await application.call("POST", path, body, { Prefer: "wait=30" });
    return (await response.json()) as Operation;
  };
  const runningUp = async () => {
    const { rows } = await application.database.pool.query<{ id: string; lease_owner: string; attempt: number }>(
      "SELECT id, lease_owner, attempt FROM gatehouse.operations WHERE kind = 'up' AND status = 'running'",
    );
    return rows[0];
  };

  /** Starts an up whose permission set takes so long to be made, and comes back once it is being made. */
  const applySlowly = async (document: object, milliseconds: number) => {
    const { pool } = application.database;
    await pool.query(
      "INSERT INTO simulated_aws.faults (type_pattern, verb, latency_ms) VALUES ('aws:ssoadmin/permissionSet:%', 'create', $1)",
      [milliseconds],
    );
    await application.call("POST", "/v1/environment-requests", { action: "up", environment: document });
    await until(
      async () => (await pool.query("SELECT 1 FROM simulated_aws.faults WHERE remaining > 0")).rowCount === 0,
    );
    const running = await runningUp();
    if (running === undefined) throw new Error("the up does not run");
    return running;
  };
  const workerOf = ({ lease_owner: owner }: { lease_owner: string }): number => Number(owner.split(":")[1]);
  const madeTwice = async () => {
    const { rows } = await application.database.pool.query<{ type: string; id: string }>(
      "SELECT type, id FROM simulated_aws.calls WHERE verb = 'create' GROUP BY 1, 2 HAVING count(*) > 1",
    );
    return rows;
  };

  it("that freezes is relieved by the other, and can neither write a row nor apply a second time when it goes on", async () => {
    const { pool } = application.database;
    expect(await post("/v1/foundation-requests", { action: "up", foundation })).toMatchObject({ status: "succeeded" });
    const first = await applySlowly(environment, 1500);
    stopped = family(workerOf(first));
    for (const pid of stopped) process.kill(pid, "SIGSTOP");

    const ended = async (): Promise<Operation> => {
      const response = await application.call("GET", `/v1/operations/${first.id}`);
      return (await response.json()) as Operation;
    };
    await until(async () => (await ended()).status === "needs_recovery");
    const told = await ended();
    expect(told).toMatchObject({ attempt: 2, problem: { code: "recovery_required" } });
    expect(told.pending.map(({ type }) => type)).toContain("aws:ssoadmin/permissionSet:PermissionSet");

    for (const pid of stopped.toReversed()) process.kill(pid, "SIGCONT");
    const number = workers.findIndex(({ pid }) => pid === stopped[0]) + 1;
    await until(async () => (await readFile(logOf(number), "utf8")).includes("left to whoever takes it next"));
    expect(await ended()).toEqual(told);

    const recovery = await post(`/v1/operations/${first.id}/recover`, { resolution: "refresh" });
    expect(recovery).toMatchObject({ kind: "refresh", status: "succeeded" });
    expect(await post("/v1/environment-requests", { action: "up", environment })).toMatchObject({
      kind: "up",
      status: "succeeded",
    });
    expect(await madeTwice()).toEqual([]);
    const { rows: sets } = await pool.query(
      "SELECT count(*)::int AS count FROM simulated_aws.calls WHERE verb = 'create' AND type LIKE 'aws:ssoadmin/permissionSet:%'",
    );
    expect(sets).toEqual([{ count: 1 }]);
  }, 60_000);

  it("that is told to stop lets the running step end and hands the rest to the other, which goes on", async () => {
    const staging = { ...environment, name: "staging", tag: { key: "project", value: "Staging" } };
    const first = await applySlowly(staging, 4_000);
    process.kill(workerOf(first), "SIGTERM");
    const leaving = workers.find(({ pid }) => pid === workerOf(first));
    expect(await leaving?.gone).toBe(0);
    const response = await application.call("GET", `/v1/operations/${first.id}`, undefined, { Prefer: "wait=30" });
    expect(await response.json()).toMatchObject({ status: "succeeded", attempt: 2, changes: { same: 0 } });
    expect(await madeTwice()).toEqual([]);
  }, 60_000);
});
