/** The plugin's process that a service has for all of its runs: it lives as long as the service, and is replaced when it dies. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import { pluginVersion } from "../../../../service/engine/automation/plugin/environment.ts";
import { startSharedPlugin, type SharedPlugin } from "../../../../service/engine/automation/plugin/shared-plugin.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { callsOf, faultIsUsedUp, scope } from "../../../support/engine.ts";
import { pluginCalls, struct } from "../../../support/plugin-calls.ts";
import { calling, connectTo } from "../../../support/plugin-client.ts";
import { processes } from "../../../support/processes.ts";
import { until } from "../../../support/until.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const settings = () => ({ databaseUrl: database.url, home: scope });

const portOf = ({ PULUMI_DEBUG_PROVIDERS: attached = "" }: Record<string, string>): number =>
  Number(/^aws:(\d+)$/.exec(attached)?.[1]);

const pluginsOf = async (owner: number): Promise<number[]> =>
  (await processes())
    .filter(({ parent, command }) => parent === owner && command.includes("plugin/shared.ts"))
    .map(({ pid }) => pid);

const isGone = (pid: number) => async (): Promise<boolean> => !(await processes()).some((each) => each.pid === pid);

const versionAt = async (port: number): Promise<string> => {
  const client = connectTo(port);
  const info = await calling<{ getVersion(): string }>((done) => client.getPluginInfo(new emptyMessages.Empty(), done));
  client.close();
  return info.getVersion();
};

describe("the plugin of a service", () => {
  const troubles: string[] = [];
  let plugin: SharedPlugin;
  beforeAll(async () => {
    plugin = await startSharedPlugin({ settings: settings(), onTrouble: (message) => troubles.push(message) });
  });
  afterAll(() => plugin.close());

  it("is another process at the same port when it was killed, and that is told", async () => {
    const port = portOf(plugin.environment);
    expect(await versionAt(port)).toBe(pluginVersion);
    const [first = 0] = await pluginsOf(process.pid);
    process.kill(first, "SIGKILL");
    await until(() => Promise.resolve(troubles.length > 0));
    expect(troubles).toEqual([expect.stringContaining("ended unexpectedly")]);
    expect(await versionAt(port)).toBe(pluginVersion);
    expect(await pluginsOf(process.pid)).not.toContain(first);
  });

  it("leaves no connection open that it was not handed before it died", async () => {
    const [pid = 0] = await pluginsOf(process.pid);
    process.kill(pid, "SIGSTOP");
    const dialed = [1, 2, 3].map(() => connect(portOf(plugin.environment), "127.0.0.1"));
    const closed = dialed.map(async (socket) => {
      socket.on("error", () => undefined).resume();
      await once(socket, "close");
    });
    await Promise.all(dialed.map((socket) => once(socket, "connect")));
    // Accepted one after the other: the last is behind those that the stopped process has not taken.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    process.kill(pid, "SIGKILL");
    await Promise.all(closed);
    expect(await versionAt(portOf(plugin.environment))).toBe(pluginVersion);
  });

  (process.platform === "linux" ? it : it.skip)("is told nothing by its environment", async () => {
    const [pid = 0] = await pluginsOf(process.pid);
    const names = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").map((each) => each.split("=")[0]);
    expect(names.filter((name) => !/^(?:PATH|HOME|NODE_\w+|)$/.test(name ?? ""))).toEqual([]);
  });

  it("is gone when it is closed", async () => {
    const [pid = 0] = await pluginsOf(process.pid);
    await plugin.close();
    expect(await isGone(pid)()).toBe(true);
  });
});

describe("the plugin of a service that is killed", () => {
  it("lets the write end that is under way, and ends", async () => {
    const owner = fork(new URL("../../../support/plugin-owner.ts", import.meta.url), { execArgv: [] });
    owner.send(settings());
    const [environment] = (await once(owner, "message")) as [Record<string, string>];
    const client = connectTo(portOf(environment));
    await calling((done) => client.configure(new messages.ConfigureRequest().setArgs(struct({})), done));
    await injectFault(database.pool, { namePattern: "a", latencyMilliseconds: 500 });
    const made = pluginCalls(client).create("aws:sns/topic:Topic", { name: "under-way" });
    await until(() => faultIsUsedUp(database, "a"));
    const [plugin = 0] = await pluginsOf(owner.pid ?? 0);
    owner.kill("SIGKILL");
    expect((await made).id).toContain("under-way");
    expect(await callsOf(database, "under-way")).toEqual(["create"]);
    client.close();
    await until(isGone(plugin));
  });
});
