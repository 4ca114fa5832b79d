/** What a run left of itself: its processes are ended, and its lock is broken when it is proven dead, and no other. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import {
  breakDeadLocks,
  LockHeldError,
  lockDirectory,
  locksIn,
  readLocks,
  removeLockFiles,
} from "../../../../service/engine/automation/recovery/leftovers-locks.ts";
import { endLeftProcesses, ProcessElsewhereError } from "../../../../service/engine/automation/recovery/leftovers.ts";
import { lastWritingOperation } from "../../../../service/engine/automation/process/run-records.ts";
import {
  startSession,
  stateOfSession,
  type SessionIdentity,
} from "../../../../service/engine/automation/process/process-session.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), "gatehouse-leftovers-"));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

const begin = async (ignoring = ""): Promise<{ identity: SessionIdentity; workDirectory: string }> => {
  const workDirectory = join(directory, randomUUID());
  await mkdir(workDirectory);
  const { identity } = await startSession(
    {
      command: "/bin/sh",
      arguments: ["-c", `${ignoring} echo begun > begun; while :; do sleep 0.1; done`],
      directory: workDirectory,
      environment: { PATH: process.env["PATH"] },
      stdout: join(workDirectory, "stdout"),
      stderr: join(workDirectory, "stderr"),
    },
    () => Promise.resolve(),
  );
  return { identity, workDirectory };
};

const note = async (
  stack: string,
  fence: number,
  { pid, host, bootId, startTime, session }: SessionIdentity,
  workDirectory = join(directory, "none"),
): Promise<string> => {
  const id = randomUUID();
  await database.pool.query(
    `insert into automation.processes
       (id, stack, fence, operation_id, kind, host, boot_id, pid, start_time, session, work_directory, started_at)
     values ($1, $2, $3, 'operation', 'up', $4, $5, $6, $7, $8, $9, now())`,
    [id, stack, fence, host, bootId, pid, startTime, session, workDirectory],
  );
  return id;
};

const living = async (stack: string): Promise<string[]> => {
  const query = "select id from automation.processes where stack = $1 and ended_at is null";
  return (await database.pool.query<{ id: string }>(query, [stack])).rows.map(({ id }) => id);
};

const endThose = (stack: string, upToFence: number, graceMilliseconds = 0) =>
  endLeftProcesses({ connection: database.pool, stack, upToFence, now: () => new Date(), graceMilliseconds });

describe("processes that a run left", () => {
  it("are ended with their directories, and those of newer runs and other stacks are not", async () => {
    const stack = randomUUID();
    const [old, newer] = await Promise.all([begin(), begin()]);
    await note(stack, 4, old.identity, old.workDirectory);
    const kept = await note(stack, 6, newer.identity, newer.workDirectory);
    const ended = await endThose(stack, 5);
    expect(ended.map(({ pid, fence }) => [pid, fence])).toEqual([[old.identity.pid, 4]]);
    expect(await Promise.all([old, newer].map(({ identity }) => stateOfSession(identity)))).toEqual(["ended", "alive"]);
    await expect(stat(old.workDirectory)).rejects.toThrow("ENOENT");
    expect(await living(stack)).toEqual([kept]);
    expect(await endThose(stack, 6)).toHaveLength(1);
    expect(await endThose(stack, 6)).toEqual([]);
  });

  it("may end what they do first, and are killed when they do not", async () => {
    const stack = randomUUID();
    const [heeding, ignoring] = await Promise.all([begin("trap 'echo ended; exit 0' INT;"), begin("trap '' INT;")]);
    await note(stack, 1, heeding.identity, heeding.workDirectory);
    await endThose(stack, 1, 10_000);
    await note(stack, 2, ignoring.identity, ignoring.workDirectory);
    await endThose(stack, 2, 50);
    expect(await stateOfSession(ignoring.identity)).toBe("ended");
    expect(await living(stack)).toEqual([]);
  });

  it("on another host are left alone, and nothing goes on", async () => {
    const stack = randomUUID();
    const { identity, workDirectory } = await begin();
    const elsewhere = await note(stack, 1, { ...identity, host: "elsewhere" }, workDirectory);
    await expect(endThose(stack, 1)).rejects.toThrow(ProcessElsewhereError);
    expect(await living(stack)).toEqual([elsewhere]);
    await note(stack, 2, identity);
    await database.pool.query("delete from automation.processes where id = $1", [elsewhere]);
    await endThose(stack, 2);
  });
});

describe("what nobody timed", () => {
  it("was done since the first run of the last operation that writes, whatever looked at it later", async () => {
    const stack = randomUUID();
    const noted = (operation: string, kind: string, startedAt: string) =>
      database.pool.query(
        `insert into automation.processes
           (id, stack, fence, operation_id, kind, host, boot_id, pid, start_time, session, work_directory, started_at)
         values ($1, $2, 1, $3, $4, 'h', 'b', 1, 's', 1, '/none', $5)`,
        [randomUUID(), stack, operation, kind, startedAt],
      );
    expect(await lastWritingOperation(database.pool, stack)).toBeNull();
    await noted("earlier", "up", "2026-11-23T01:00:00Z");
    await noted("last", "up", "2026-11-23T02:00:00Z");
    // It found something in doubt: where the state is in no file, it is read by a process.
    await noted("last", "up", "2026-11-23T03:00:00Z");
    await noted("recovery", "recover", "2026-11-23T04:00:00Z");
    expect(await lastWritingOperation(database.pool, stack)).toEqual(new Date("2026-11-23T02:00:00Z"));
  });
});

describe("locks that a run left", () => {
  const lock = (pid: number, host = hostname()) => ({
    ...{ pid, hostname: host, username: "gatehouse", timestamp: new Date() },
    place: join(directory, `${randomUUID()}.json`),
  });
  const breakThose = async (stack: string, locks: ReturnType<typeof lock>[]): Promise<string[]> => {
    const removed: string[] = [];
    const remove = (those: readonly { place: string }[]): Promise<void> =>
      Promise.resolve(void removed.push(...those.map(({ place }) => place)));
    await breakDeadLocks({ connection: database.pool, stack, locks, remove });
    return removed;
  };
  const dead = { host: hostname(), bootId: "earlier pid:[1]", startTime: "1" };

  it("are broken when the run was ours and is dead", async () => {
    const stack = randomUUID();
    await note(stack, 1, { ...dead, pid: 4711, session: 4711 });
    await expect(breakThose(stack, [lock(4711)])).rejects.toThrow(LockHeldError);
    await endThose(stack, 1);
    const left = lock(4711);
    expect(await breakThose(stack, [left])).toEqual([left.place]);
  });

  it("that cannot be read are somebody's all the same", async () => {
    const locks = join(directory, randomUUID());
    await mkdir(locks);
    await writeFile(join(locks, "empty.json"), "");
    await writeFile(join(locks, "other.json"), '{"pid":"x"}');
    const read = await readLocks(locks);
    expect(read).toHaveLength(2);
    await expect(breakThose("anyone's", read)).rejects.toThrow("is locked by somebody on a host that it does not name");
  });

  it.each<[string, (own: string) => { stack: string; locks: ReturnType<typeof lock>[] }]>([
    ["a process of another host", (stack) => ({ stack, locks: [lock(4712, "elsewhere")] })],
    ["a process that we know nothing of", (stack) => ({ stack, locks: [lock(4713)] })],
    [
      "a later process with that id",
      (stack) => ({ stack, locks: [{ ...lock(4712), timestamp: new Date(Date.now() + 3_600_000) }] }),
    ],
    ["a run of another stack", () => ({ stack: "another", locks: [lock(4712)] })],
    ["any other beside one of ours", (stack) => ({ stack, locks: [lock(4712), lock(1)] })],
  ])("are never broken when they are of %s", async (_whose, make) => {
    const own = randomUUID();
    await note(own, 1, { ...dead, pid: 4712, session: 4712 });
    await endThose(own, 1);
    const { stack, locks } = make(own);
    await expect(breakThose(stack, locks)).rejects.toThrow(/is locked by gatehouse on .*docs\/recovery\.md/s);
  });

  it("are read from a file backend, and removed one by one", async () => {
    const place = lockDirectory(`file://${directory}?no_tmp_dir=true`, "gatehouse", "environment.a")!;
    expect(place).toBe(join(directory, ".pulumi/locks/organization/gatehouse/environment.a"));
    expect(await readLocks(place)).toEqual([]);
    await mkdir(place, { recursive: true });
    const content = { pid: 7, username: "root", hostname: "here", timestamp: "2026-11-22T20:00:00.5+01:00" };
    await Promise.all(["a", "b"].map((name) => writeFile(join(place, `${name}.json`), JSON.stringify(content))));
    const locks = await readLocks(place);
    expect(locks[0]).toMatchObject({ pid: 7, hostname: "here", timestamp: new Date("2026-11-22T19:00:00.5Z") });
    await writeFile(join(place, "a.json.attrs"), "{}");
    await removeLockFiles(locks.slice(0, 1));
    expect(await readdir(place)).toEqual(["b.json"]);
    expect(lockDirectory("postgres://host/db", "gatehouse", "environment.a")).toBeNull();
  });

  it("are read from what the CLI says", () => {
    const text = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  postgres://****:****@host/db/.pulumi/locks/organization/gatehouse/s/1.json: created by root@worker-1 (pid 42) at 2026-11-22T20:00:00Z
  file:///state/.pulumi/locks/organization/gatehouse/s/2.json: created by a b@worker.two (pid 43) at 2026-11-22T20:00:00+01:00`;
    expect(locksIn(text)).toMatchObject([
      { pid: 42, username: "root", hostname: "worker-1", timestamp: new Date("2026-11-22T20:00:00Z") },
      { pid: 43, username: "a b", hostname: "worker.two", timestamp: new Date("2026-11-22T19:00:00Z") },
    ]);
    expect(locksIn("error: no such stack")).toEqual([]);
  });
});
