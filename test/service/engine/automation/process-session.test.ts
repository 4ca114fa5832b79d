/** Real processes in sessions of their own: known before they run, told from others, and ended whole. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  endSession,
  membersOf,
  startSession,
  stateOfSession,
  type ProcessSession,
  type SessionIdentity,
} from "../../../../service/engine/automation/process/process-session.ts";
import {
  markIn,
  parseListed,
  parseStat,
  type ProcessEntry,
} from "../../../../service/engine/automation/process/process-table.ts";
import { processes } from "../../../support/processes.ts";
import { until } from "../../../support/until.ts";

let directory: string;
const sessions: ProcessSession[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "gatehouse-session-"));
});
afterEach(async () => {
  for (const { identity } of sessions.splice(0)) await endSession(identity);
});
afterAll(() => rm(directory, { recursive: true }));

const file = (name: string): string => join(directory, name);
const readOut = (): Promise<string> => readFile(file("stdout"), "utf8");

const start = async (
  script: string,
  record: (identity: SessionIdentity) => Promise<void> = () => Promise.resolve(),
): Promise<ProcessSession> => {
  await Promise.all(["stdout", "stderr"].map((name) => rm(file(name), { force: true })));
  const session = await startSession(
    {
      command: process.execPath,
      arguments: ["-e", script],
      directory,
      environment: { PATH: process.env["PATH"] },
      stdout: file("stdout"),
      stderr: file("stderr"),
    },
    record,
  );
  sessions.push(session);
  return session;
};

const waiting = "setInterval(() => undefined, 1000)";

/** Starts a process that lives on, in the background of a shell with a group for each job, as the CLI starts its plugins. */
const withPlugin = (): string => `
  const script = 'set -m; sleep 1000 & echo $!; exec sleep 1000';
  require("node:child_process").spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "inherit", "ignore"] });
  ${waiting}`;

describe("a session", () => {
  it("is recorded before the command runs, and runs in the recorded process", async () => {
    let atRecord = "";
    const session = await start(`console.log(process.pid, process.cwd())`, async (identity) => {
      atRecord = await readOut();
      expect(await stateOfSession(identity)).toBe("alive");
    });
    expect(await session.ended).toEqual({ code: 0, signal: null });
    expect(atRecord).toBe("");
    expect(await readOut()).toBe(`${session.identity.pid} ${directory}\n`);
    expect((await stat(file("stdout"))).mode & 0o777).toBe(0o600);
    expect(await stateOfSession(session.identity)).toBe("ended");
  });

  it("runs nothing when it cannot be recorded", async () => {
    let pid = 0;
    const refused = start(`console.log("ran")`, (identity) => {
      ({ pid } = identity);
      return Promise.reject(new Error("no database"));
    });
    await expect(refused).rejects.toThrow("no database");
    expect(await readOut()).toBe("");
    expect((await processes()).some((each) => each.pid === pid)).toBe(false);
  });

  it("says how its command ended, and signals only that", async () => {
    const session = await start(`process.on("SIGINT", () => process.exit(8)); console.log("up"); ${waiting}`);
    await until(async () => (await readOut()) === "up\n");
    expect(session.signal("SIGINT")).toBe(true);
    expect(await session.ended).toEqual({ code: 8, signal: null });
    expect(session.signal("SIGINT")).toBe(false);
  });

  it("says when the command does not exist", async () => {
    const session = await startSession(
      {
        command: "/nowhere/pulumi",
        arguments: [],
        directory,
        environment: {},
        stdout: file("stdout"),
        stderr: file("stderr"),
      },
      () => Promise.resolve(),
    );
    expect(await session.ended).toEqual({ code: 127, signal: null });
  });
});

describe("ending a session", () => {
  const pluginOf = async (): Promise<number> => {
    await until(async () => (await readOut()).endsWith("\n"));
    return Number(await readOut());
  };
  const isGone = async (pid: number): Promise<boolean> => !(await processes()).some((each) => each.pid === pid);

  it("ends what it started too, also in another group and stopped", async () => {
    const session = await start(withPlugin());
    const plugin = await pluginOf();
    process.kill(plugin, "SIGSTOP");
    await endSession(session.identity);
    expect(await Promise.all([session.identity.pid, plugin].map(isGone))).toEqual([true, true]);
    expect((await session.ended).signal).toBe("SIGKILL");
  });

  it("finds what is left when the command was killed", async () => {
    const session = await start(withPlugin());
    const plugin = await pluginOf();
    process.kill(session.identity.pid, "SIGKILL");
    await session.ended;
    expect(await stateOfSession(session.identity)).toBe("alive");
    await endSession(session.identity);
    expect(await isGone(plugin)).toBe(true);
    expect(await stateOfSession(session.identity)).toBe("ended");
  });

  it("does nothing to a process that has the pid now", async () => {
    const session = await start(waiting);
    const other = { ...session.identity, startTime: "1" };
    expect(await stateOfSession(other)).toBe("ended");
    await endSession(other);
    expect(await stateOfSession(session.identity)).toBe("alive");
  });

  it("knows nothing of another host or container, and that a machine's start ended all before", async () => {
    const { identity } = await start(waiting);
    const elsewhere = { ...identity, host: "elsewhere" };
    const container = { ...identity, bootId: identity.bootId.replace(/\d+\]$/, "1]") };
    expect(await Promise.all([elsewhere, container].map(stateOfSession))).toEqual(["unknown", "unknown"]);
    expect(await stateOfSession({ ...identity, bootId: "earlier pid:[1]" })).toBe("ended");
    await expect(endSession(elsewhere)).rejects.toThrow("cannot be ended from here");
  });
});

describe("which processes are of a session", () => {
  const identity = { pid: 10, startTime: "5", session: 10 };
  const entry = (pid: number, change: Partial<ProcessEntry> = {}): ProcessEntry => ({
    ...{ pid, parent: 1, group: pid, session: 10, startTime: "7", mark: null },
    ...change,
  });
  const leader = entry(10, { startTime: "5" });
  const pidsOf = (entries: ProcessEntry[]): number[] => membersOf(entries, identity).map(({ pid }) => pid);

  it.each<[string, ProcessEntry[], number[]]>([
    ["who shares its id while it lives", [leader, entry(11), entry(12, { session: 12 })], [10, 11]],
    ["who has its mark when it is gone", [entry(11, { mark: "10:5" }), entry(12)], [11]],
    ["who has its mark in another session", [entry(11, { mark: "10:5", session: 11 })], [11]],
    ["nobody of a later session with that id", [entry(10), entry(11, { mark: "10:7" })], []],
    [
      "kin, where no sessions are told",
      [
        { ...leader, session: null },
        entry(11, { session: null, parent: 10 }),
        entry(12, { session: null, parent: 11 }),
        entry(13, { session: null, group: 12 }),
        entry(14, { session: null }),
      ],
      [10, 11, 12, 13],
    ],
  ])("%s", (_what, entries, pids) => expect(pidsOf(entries)).toEqual(pids));

  it("reads what the system tells, whatever a command is called", () => {
    const rest = "0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 998877 1000";
    expect(parseStat(`42 (a) R (b) S 7 42 40 ${rest}`)).toEqual({
      ...{ pid: 42, parent: 7, group: 42, session: 40 },
      startTime: "998877",
    });
    expect(parseStat(`42 (sh) Z 7 42 40 ${rest}`)).toBeNull();
    expect(parseListed("  42   7  42 S    Sun Nov 22 20:36:00 2026  ")).toEqual({
      ...{ pid: 42, parent: 7, group: 42, session: null, mark: null },
      startTime: "Sun Nov 22 20:36:00 2026",
    });
    expect(parseListed("  42   7  42 Z    Sun Nov 22 20:36:00 2026")).toBeNull();
    expect(markIn("A=1\0GATEHOUSE_SESSION=10:5\0B=2")).toBe("10:5");
    expect(markIn("A=1")).toBeNull();
  });
});
