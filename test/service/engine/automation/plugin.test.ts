/** The plugin by its calls, as the CLI makes them. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { JsonObject } from "../../../../service/domain/json.ts";
import { unknown } from "../../../../service/cloud/provider.ts";
import { injectFault } from "../../../../service/cloud/simulated/faults.ts";
import { pluginCalls, struct } from "../../../support/plugin-calls.ts";
import { calling, startPlugin, type ServedPlugin } from "../../../support/plugin-client.ts";
import { createTestAccount, home, target, trustPolicy, type TestAccount } from "../../cloud/account.ts";

const topic = "aws:sns/topic:Topic";
const role = "aws:iam/role:Role";
const logGroup = "aws:cloudwatch/logGroup:LogGroup";

let account: TestAccount;
let plugin: ServedPlugin;
let calls: ReturnType<typeof pluginCalls>;

const configure = (settings: JsonObject) =>
  calling<{ getAcceptsecrets(): boolean }>((done) =>
    plugin.client.configure(new messages.ConfigureRequest().setArgs(struct(settings)), done),
  );

beforeAll(async () => {
  account = await createTestAccount();
  plugin = await startPlugin(() => account.provider, home);
  calls = pluginCalls(plugin.client);
});
beforeEach(async () => {
  await account.clear();
  await configure({ region: target.region, allowedAccountIds: JSON.stringify([target.account]) });
});
afterAll(async () => {
  plugin.close();
  await account.drop();
});

const topicArn = (name: string, region = target.region): string => `arn:aws:sns:${region}:${target.account}:${name}`;

describe("the plugin as such", () => {
  it("tells the version of the package, and a schema without types", async () => {
    const info = await calling<{ getVersion(): string }>((done) =>
      plugin.client.getPluginInfo(new emptyMessages.Empty(), done),
    );
    const schema = await calling<messages.GetSchemaResponse>((done) =>
      plugin.client.getSchema(new messages.GetSchemaRequest(), done),
    );
    expect(JSON.parse(schema.getSchema())).toEqual({ name: "aws", version: info.getVersion() });
  });

  it("takes secrets and previews", async () => {
    const response = await calling<messages.ConfigureResponse>((done) =>
      plugin.client.configure(new messages.ConfigureRequest().setArgs(struct({})), done),
    );
    expect(response.toObject()).toMatchObject({ acceptsecrets: true, supportspreview: true, acceptresources: false });
  });

  it("answers cancel and attach, and has no components", async () => {
    await calling((done) => plugin.client.cancel(new emptyMessages.Empty(), done));
    const construct = calling((done) => plugin.client.construct(new messages.ConstructRequest(), done));
    await expect(construct).rejects.toThrow("UNIMPLEMENTED");
  });
});

describe("configuration", () => {
  it.each([
    ["the account that it may work in", { allowedAccountIds: '["123456789012"]' }, "123456789012"],
    [
      "the account of the role that it assumes",
      { assumeRoles: '[{"roleArn":"arn:aws:iam::210987654321:role/Gatehouse"}]' },
      "210987654321",
    ],
    ["home", {}, home.account],
  ])("works in %s", async (_which, settings, expected) => {
    await configure({ ...settings, region: "eu-central-1" });
    expect(await calls.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})).toMatchObject({
      accountId: expected,
    });
    expect(await calls.invoke("aws:ssoadmin/getInstances:getInstances", {})).toMatchObject({ region: "eu-central-1" });
  });

  const diffConfig = async (before: JsonObject, after: JsonObject): Promise<string[]> => {
    const request = new messages.DiffRequest().setOldInputs(struct(before)).setNews(struct(after));
    const response = await calling<messages.DiffResponse>((done) => plugin.client.diffConfig(request, done));
    return [...response.getDiffsList(), ...response.getReplacesList().map((path) => `replaces: ${path}`)];
  };

  it("is another provider in another region, and the same one with other ways in", async () => {
    const before = { region: "eu-west-1", allowedAccountIds: "[]" };
    expect(await diffConfig(before, before)).toEqual([]);
    expect(await diffConfig(before, { ...before, region: "eu-west-2" })).toEqual(["region", "replaces: region"]);
    expect(await diffConfig(before, { ...before, allowedAccountIds: '["1"]' })).toEqual(["allowedAccountIds"]);
  });
});

describe("check", () => {
  it("fills in defaults, and says which", async () => {
    const { values, failures } = await calls.check(role, { name: "r", assumeRolePolicy: trustPolicy() });
    expect(failures).toEqual([]);
    expect(values).toEqual({
      name: "r",
      assumeRolePolicy: trustPolicy(),
      path: "/",
      maxSessionDuration: 3600,
      forceDetachPolicies: false,
      __defaults: ["forceDetachPolicies", "maxSessionDuration", "path"],
    });
  });

  it("makes a name up where none is given, and keeps it", async () => {
    const first = await calls.check(topic, {});
    expect(first.values["name"]).toMatch(/^a-[0-9a-f]{7}$/);
    expect(first.values["__defaults"]).toContain("name");
    expect((await calls.check(topic, {}, first.values, [], "other")).values["name"]).toBe(first.values["name"]);
    expect((await calls.check(topic, {}, {}, [], "other")).values["name"]).not.toBe(first.values["name"]);
  });

  it("passes what is not known yet, and what is secret as a secret", async () => {
    const { values, secrets, failures } = await calls.check(
      topic,
      { name: "t", displayName: "s", kmsMasterKeyId: unknown },
      {},
      [["displayName"]],
    );
    expect(failures).toEqual([]);
    expect(values).toMatchObject({ displayName: "s", kmsMasterKeyId: unknown });
    expect(secrets).toEqual([["displayName"]]);
  });

  it("names what AWS would refuse", async () => {
    const { failures } = await calls.check(logGroup, { name: "g", retentionInDays: 2 });
    expect(failures).toEqual([expect.stringMatching(/^retentionInDays: retentionInDays must be one of/)]);
    expect((await calls.check("aws:ec2/instance:Instance", {})).failures).toEqual([
      expect.stringContaining("aws:ec2/instance:Instance is no resource type"),
    ]);
  });
});

describe("diff", () => {
  const { ADD, DELETE, UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;

  it("finds nothing between inputs that mean the same", async () => {
    const before = (await calls.check(role, { name: "r", assumeRolePolicy: trustPolicy() })).values;
    const after = (await calls.check(role, { name: "r", assumeRolePolicy: ` ${trustPolicy()}`, path: "/" }, before))
      .values;
    expect(await calls.diff(role, before, after)).toEqual({
      changed: false,
      diffs: [],
      replaces: [],
      deleteFirst: false,
      kinds: {},
    });
  });

  it("tells what is added, changed and taken away, by path", async () => {
    const before = { name: "t", displayName: "x", tags: { old: "1", kept: "1" } };
    const after = { name: "t", displayName: "y", tags: { new: "1", kept: "1" } };
    expect(await calls.diff(topic, before, after)).toMatchObject({
      changed: true,
      diffs: ["displayName", "tags"],
      replaces: [],
      kinds: { displayName: UPDATE, "tags.new": ADD, "tags.old": DELETE },
    });
  });

  it("takes what is not known yet for changed", async () => {
    const told = await calls.diff(topic, { name: "t", kmsMasterKeyId: "k" }, { name: "t", kmsMasterKeyId: unknown });
    expect(told.kinds).toEqual({ kmsMasterKeyId: UPDATE });
  });

  it("makes room first where the program's own name stays, and not where it was made up", async () => {
    const own = await calls.diff(topic, { name: "t" }, { name: "t", fifoTopic: true });
    expect(own).toMatchObject({ replaces: ["fifoTopic"], deleteFirst: true, kinds: { fifoTopic: UPDATE_REPLACE } });
    const renamed = await calls.diff(topic, { name: "t" }, { name: "u" });
    expect(renamed).toMatchObject({ replaces: ["name"], deleteFirst: false });
    const before = (await calls.check(topic, {})).values;
    const after = (await calls.check(topic, { fifoTopic: true }, before)).values;
    expect(await calls.diff(topic, before, after)).toMatchObject({ replaces: ["fifoTopic"], deleteFirst: false });
  });
});

describe("writes", () => {
  it("previews a creation with what is known only", async () => {
    const { values } = await calls.check(topic, { name: "t" });
    expect(await calls.create(topic, values, { preview: true })).toEqual({
      id: "",
      values: { name: "t" },
      secrets: [],
    });
    expect((await calls.read(topic, topicArn("t"))).id).toBe("");
  });

  it("makes, reads, changes and deletes; defaults are not the account's business", async () => {
    const { values } = await calls.check(topic, { name: "t", displayName: "one" });
    const made = await calls.create(topic, values);
    expect(made).toMatchObject({
      id: topicArn("t"),
      values: { arn: topicArn("t"), displayName: "one", fifoTopic: false },
    });
    expect((await account.provider.read(topic, made.id, target))?.inputs).toEqual({ name: "t", displayName: "one" });
    expect(await calls.read(topic, made.id, values, made.values)).toEqual({
      id: made.id,
      inputs: values,
      outputs: made.values,
    });

    const news = { ...values, displayName: "two" };
    const planned = await calls.update(topic, made.id, values, news, made.values, true);
    expect(planned.values).toMatchObject({ displayName: "two", arn: made.id });
    const changed = await calls.update(topic, made.id, values, news, made.values);
    expect(changed.values).toEqual({ ...made.values, displayName: "two" });

    await calls.remove(topic, made.id);
    expect((await calls.read(topic, made.id)).id).toBe("");
    await calls.remove(topic, made.id);
  });

  it("works in the region that a resource names", async () => {
    const inputs = { name: "t", region: "eu-north-1" };
    const { id } = await calls.create(topic, inputs);
    expect(id).toBe(topicArn("t", "eu-north-1"));
    expect((await calls.read(topic, id)).id).toBe("");
    expect((await calls.read(topic, id, inputs)).id).toBe(id);
    // An import is told nothing but the id.
    expect(await calls.read(topic, `${id}@eu-north-1`)).toMatchObject({ id, inputs });
    expect((await calls.read(topic, `${id}@eu-west-1`)).id).toBe("");
    await calls.remove(topic, id);
    const request = new messages.DeleteRequest().setType(topic).setId(id).setOldInputs(struct(inputs));
    await calling((done) => plugin.client.delete(request, done));
    expect((await calls.read(topic, id, inputs)).id).toBe("");
  });

  it("keeps a made-up name marked as one when it is read back", async () => {
    const { values } = await calls.check(topic, {});
    const { id, values: outputs } = await calls.create(topic, values);
    expect((await calls.read(topic, id, values, outputs)).inputs).toEqual(values);
  });

  it("gives secrets back as secrets", async () => {
    const made = await calls.create(topic, { name: "t", displayName: "s" }, { secrets: [["displayName"]] });
    expect(made.secrets).toEqual([["displayName"]]);
    const planned = await calls.create(
      topic,
      { name: "u", displayName: "s" },
      { secrets: [["displayName"]], preview: true },
    );
    expect(planned.secrets).toEqual([["displayName"]]);
  });

  it("says what AWS says, in the provider's words", async () => {
    const inputs = { name: "r", assumeRolePolicy: trustPolicy() };
    await calls.create(role, inputs);
    await expect(calls.create(role, inputs)).rejects.toMatchObject({
      details: expect.stringMatching(
        /^creating IAM Role \(a\): operation error IAM: CreateRole, https response error StatusCode: 400, RequestID: [0-9-]+, EntityAlreadyExists: /,
      ),
    });
    const error = { code: "ThrottlingException", message: "Rate exceeded" };
    await injectFault(account.account.pool, { verb: "delete", error });
    await expect(calls.remove(role, "r")).rejects.toMatchObject({
      details: expect.stringContaining("ThrottlingException: Rate"),
    });
    await expect(calls.create("aws:ec2/instance:Instance", {})).rejects.toMatchObject({
      details: expect.stringContaining("knows no aws:ec2/instance:Instance"),
    });
  });
});

describe("functions", () => {
  it("answers them, and says what AWS says where there is nothing", async () => {
    expect(await calls.invoke("aws:index/getPartition:getPartition", { region: "cn-north-1" })).toMatchObject({
      partition: "aws-cn",
    });
    const nobody = { identityStoreId: "d-0123456789", groupId: "nobody" };
    await expect(calls.invoke("aws:identitystore/getGroup:getGroup", nobody)).rejects.toMatchObject({
      details: expect.stringMatching(/^calling .*GetGroup \(\): .*ResourceNotFoundException: GROUP not found/),
    });
  });
});
