/**
 * What AWS and the provider compute: the simulated account, asked through the plugin as the CLI asks, held to what was read of
 * the provider's documentation and to what the pinned SDK declares. Neither of them comes from this project.
 */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { functionTokens } from "../../../service/cloud/simulated/functions.ts";
import { resourceType, resourceTypes } from "../../../service/cloud/simulated/types/all-types.ts";
import type { JsonObject } from "../../../service/domain/json.ts";
import { pluginCalls, struct } from "../../support/plugin-calls.ts";
import { calling, startPlugin, type ServedPlugin } from "../../support/plugin-client.ts";
import {
  declaredAnswers,
  declaredOutputs,
  documentation,
  documentedFunctions,
  documentedResources,
  faultsOf,
  marksSecrets,
} from "../../support/provider-documentation/documentation.ts";
import { hasForm, type Made } from "../../support/provider-documentation/forms.ts";
import { createTestAccount, home, instance, type TestAccount } from "./account.ts";
import { group, user } from "./sample-inputs.ts";
import { build, samples, type Sample } from "./samples.ts";

let test: TestAccount;
let plugin: ServedPlugin;
let calls: ReturnType<typeof pluginCalls>;
beforeAll(async () => {
  test = await createTestAccount();
  plugin = await startPlugin(() => test.provider, home);
  calls = pluginCalls(plugin.client);
});
beforeEach(() => test.clear());
afterAll(async () => {
  plugin.close();
  await test.drop();
});

const configure = ({ account, region }: { account: string; region: string }) =>
  calling((done) =>
    plugin.client.configure(
      new messages.ConfigureRequest().setArgs(struct({ region, allowedAccountIds: JSON.stringify([account]) })),
      done,
    ),
  );

/** What a type does not require, and cannot be made without: one of several is. */
const oneOfSeveral = new Set(["eventPattern"]);

const bare = ({ type }: Sample, inputs: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(inputs).filter(
      ([name]) => oneOfSeveral.has(name) || resourceType(type).properties[name]?.required === true,
    ),
  );

/** Makes a sample as the CLI does, and reads it back. */
async function make(sample: Sample, given: (inputs: JsonObject) => JsonObject) {
  const { inputs, scope } = await build(test, sample);
  await configure(scope);
  const checked = await calls.check(sample.type, given(inputs));
  expect(checked.failures).toEqual([]);
  const created = await calls.create(sample.type, checked.values);
  const read = await calls.read(sample.type, created.id, checked.values, created.values);
  const made: Made = { ...scope, logicalName: "a", inputs: given(inputs), outputs: created.values };
  return { made, created, read };
}

it("has a source for everything it says, and says it of every type and function", () => {
  for (const [file, content] of documentation) {
    const named = new Set(
      [...JSON.stringify(content).matchAll(/"sources":\[([^\]]*)\]/g)].flatMap(([, list = ""]) =>
        list.match(/[^",]+/g),
      ),
    );
    expect([file, [...named].sort()]).toEqual([file, Object.keys(content.sources).sort()]);
    for (const { read, page, commit } of Object.values(content.sources)) {
      expect(page ?? commit ?? read).toMatch(/^https:|^[0-9a-f]{40}$|^@pulumi\/aws 7\.48\.0/);
    }
  }
  expect([...documentedResources.keys()].sort()).toEqual([...resourceTypes.keys()].sort());
  expect([...documentedFunctions.keys()].sort()).toEqual([...functionTokens].sort());
});

it("says what is wrong with an output that is missing, additional or of another form, and with another id", () => {
  const type = "aws:identitystore/group:Group";
  const inputs = { identityStoreId: instance.identityStoreId, displayName: "Operators" };
  const groupId = "01234567-89ab-cdef-0123-456789abcdef";
  const arn = `arn:aws:identitystore:::group/${groupId}`;
  const outputs: JsonObject = { ...inputs, arn, groupId, externalIds: [], region: home.region };
  const { arn: _arn, ...withoutArn } = outputs;
  const faults = (id: string, told: JsonObject): string[] =>
    faultsOf(type, id, { ...home, logicalName: "a", inputs, outputs: told });
  const id = `${instance.identityStoreId}/${groupId}`;
  expect(faults(id, outputs)).toEqual([]);
  expect(faults(id, withoutArn)).toEqual(["arn is missing"]);
  expect(faults(id, { ...outputs, colour: "blue" })).toEqual(["colour is additional"]);
  expect(faults(id, { ...outputs, arn: `${arn}/more` })).toEqual([`arn is "${arn}/more"`]);
  expect(faults(id, { ...outputs, region: "eu-west-3" })).toEqual(["region is another"]);
  expect(faults(groupId, outputs)).toEqual([`id is ${groupId}`]);
});

describe.each(samples)("$type", (sample) => {
  const { type } = sample;

  it("is told with every output that is always there, none beside the declared, and none secret", () => {
    const { computed, defaults, notSimulated = {} } = documentedResources.get(type)!;
    const declared = declaredOutputs(type);
    const named = [...Object.keys(computed), ...Object.keys(defaults), ...Object.keys(resourceType(type).properties)];
    expect([...named, ...Object.keys(notSimulated)].filter((name) => !declared.has(name))).toEqual([]);
    const told = new Set([
      ...Object.keys(computed),
      ...Object.keys(defaults),
      ...Object.keys(notSimulated),
      ...Object.entries(resourceType(type).properties).flatMap(([name, { required }]) => (required ? [name] : [])),
      "region",
    ]);
    expect([...declared].filter(([name, when]) => when === "always" && !told.has(name))).toEqual([]);
    expect(marksSecrets(type)).toBe(false);
  });

  it("has the documented defaults", () => {
    const own = Object.entries(resourceType(type).properties).flatMap(([name, property]) =>
      property.default === undefined ? [] : [[name, property.default] as const],
    );
    const documented = Object.entries(documentedResources.get(type)!.defaults).map(([name, { value }]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(own)).toEqual(Object.fromEntries(documented));
  });

  it.each([
    ["as in the programs", (inputs: JsonObject) => inputs],
    ["with nothing that is optional", (inputs: JsonObject) => bare(sample, inputs)],
  ])("computes what the provider computes, %s, and reads the same back", async (_how, given) => {
    const { made, created, read } = await make(sample, given);
    expect(faultsOf(type, created.id, made)).toEqual([]);
    expect(created.secrets).toEqual([]);
    expect(read.outputs).toEqual(created.values);
    expect(read.id).toBe(created.id);
  });
});

describe.each([...documentedFunctions])("%s", (token, { answers }) => {
  const { identityStoreId } = instance;
  const by = (attributePath: string, attributeValue: string) => ({
    identityStoreId,
    alternateIdentifier: { uniqueAttribute: { attributePath, attributeValue } },
  });
  const questions: Record<string, JsonObject> = {
    "aws:identitystore/getGroup:getGroup": by("DisplayName", group().displayName),
    "aws:identitystore/getUser:getUser": by("UserName", user().userName),
  };

  it("answers all that is declared, and in the provider's forms", async () => {
    await test.provider.create("aws:identitystore/group:Group", "a", group(), home);
    await test.provider.create("aws:identitystore/user:User", "a", user(), home);
    await configure(home);
    const question = questions[token] ?? {};
    const answer = await calls.invoke(token, question);
    const made: Made = { ...home, logicalName: "", inputs: question, outputs: answer };
    expect(Object.entries(answers).filter(([name, { form }]) => !hasForm(name, form, made))).toEqual([]);
    const declared = declaredAnswers(token);
    expect([...declared].filter(([name, when]) => when === "always" && answer[name] === undefined)).toEqual([]);
    expect(Object.keys(answer).filter((name) => !declared.has(name))).toEqual([]);
  });
});
