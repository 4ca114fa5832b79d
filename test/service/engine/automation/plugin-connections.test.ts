/** Many connections to one plugin, as the CLI makes one for each provider of each run: nothing of one is another's. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import { accountLock } from "../../../../service/cloud/simulated/simulated-account.ts";
import { simulatedProvider } from "../../../../service/cloud/simulated/simulated-provider.ts";
import { createConfiguration } from "../../../../service/engine/automation/plugin/configuration.ts";
import type { ProviderFor } from "../../../../service/engine/automation/plugin/server.ts";
import { callsOf, faultIsUsedUp } from "../../../support/engine.ts";
import { pluginCalls, struct } from "../../../support/plugin-calls.ts";
import { calling, connectTo, connectToCut, startPlugin, type ServedPlugin } from "../../../support/plugin-client.ts";
import { until } from "../../../support/until.ts";
import { createTestAccount, home, target, type TestAccount } from "../../cloud/account.ts";

const topic = "aws:sns/topic:Topic";

let account: TestAccount;
let plugin: ServedPlugin;
/** Of each connection, in the order in which they came. */
let signals: AbortSignal[];
/** How each create ended. */
let creates: Promise<string>[];

beforeEach(() => {
  signals = [];
  creates = [];
});
beforeAll(async () => {
  account = await createTestAccount();
  const providerFor: ProviderFor = (gone) => {
    signals.push(gone);
    const provider = simulatedProvider({ ...account.account, gone });
    return {
      ...provider,
      create: (...given) => {
        const created = provider.create(...given);
        creates.push(created.then(({ id }) => id, String));
        return created;
      },
    };
  };
  plugin = await startPlugin(providerFor, home);
});
afterAll(async () => {
  plugin.close();
  await account.drop();
});

const configure = (client: ResourceProviderClient, { account: id, region }: typeof target) =>
  calling((done) =>
    client.configure(
      new messages.ConfigureRequest().setArgs(struct({ region, allowedAccountIds: JSON.stringify([id]) })),
      done,
    ),
  );

describe("connections to one plugin", () => {
  it("have configurations of their own, whatever comes between", async () => {
    const places = [target, { account: "222233334444", region: "eu-west-1" }];
    const clients = places.map(() => connectTo(plugin.port));
    await Promise.all(clients.map((client, index) => configure(client, places[index]!)));
    const made = await Promise.all(
      clients.flatMap((client, index) =>
        ["a", "b", "c"].map((name) => pluginCalls(client).create(topic, { name: `${name}${index}` })),
      ),
    );
    expect(made.map(({ id }) => id)).toEqual(
      places.flatMap(({ account: id, region }, index) =>
        ["a", "b", "c"].map((name) => `arn:aws:sns:${region}:${id}:${name}${index}`),
      ),
    );
    for (const client of clients) client.close();
  });

  it("work nowhere before they are configured", async () => {
    const client = connectTo(plugin.port);
    await expect(pluginCalls(client).create(topic, { name: "nowhere" })).rejects.toThrow(/has no configuration/);
    expect(await callsOf(account.account, "nowhere")).toEqual([]);
    client.close();
  });

  it("go on where an earlier one slept, in a process of one provider", async () => {
    const configuration = createConfiguration(home);
    const own = await startPlugin(
      () => account.provider,
      home,
      () => configuration,
    );
    await configure(own.client, target);
    own.client.close();
    const again = connectTo(own.port);
    expect(await pluginCalls(again).create(topic, { name: "awake" })).toMatchObject({
      id: `arn:aws:sns:${target.region}:${target.account}:awake`,
    });
    again.close();
    own.close();
  });

  /** Loses the connection of a write that is under way. */
  async function losingAWrite(name: string, underWay: () => Promise<boolean>): Promise<void> {
    const { client, cut } = await connectToCut(plugin.port);
    await configure(client, target);
    const answer = pluginCalls(client).create(topic, { name }).catch(String);
    await until(underWay);
    cut();
    await until(() => Promise.resolve(signals.every(({ aborted }) => aborted)));
    expect(await answer).toMatch(/UNAVAILABLE|CANCELLED/);
  }

  it("that are lost while AWS takes its time leave the write undone", async () => {
    const { account: simulated } = account;
    // The calls of a test are all of a resource named `a`.
    await injectFault(simulated.pool, { namePattern: "a", latencyMilliseconds: 600_000 });
    await losingAWrite("slow", () => faultIsUsedUp(simulated, "a"));
    expect(await Promise.all(creates)).toEqual([expect.stringContaining("abort")]);
    expect(await callsOf(simulated, "slow")).toEqual([]);
  });

  it("that are lost in the middle of a write leave it undone", async () => {
    const { account: simulated } = account;
    const other = await simulated.pool.connect();
    await other.query(`BEGIN; ${accountLock(target.account)}`);
    await losingAWrite("queued", async () => {
      const { rows } = await other.query(
        `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
         WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`,
      );
      return rows.length > 0;
    });
    await other.query("COMMIT");
    other.release();
    expect(await Promise.all(creates)).toEqual([expect.stringContaining("was closed")]);
    expect(await callsOf(simulated, "queued")).toEqual([]);
  });
});
