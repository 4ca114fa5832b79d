/** What every resource type does alike: made, read, compared, changed, deleted, each counted once. */
import type { JsonObject } from "../../../service/domain/json.ts";
import { listCalls } from "../../../service/cloud/simulated/out-of-band.ts";
import { resourceTypes } from "../../../service/cloud/simulated/types/all-types.ts";
import { asKept, createTestAccount, home } from "./account.ts";
import type { TestAccount } from "./account.ts";
import { build, samples } from "./samples.ts";

let test: TestAccount;
beforeAll(async () => {
  test = await createTestAccount();
});
beforeEach(() => test.clear());
afterAll(() => test.drop());

it("has a sample of every type", () => {
  expect(samples.map(({ type }) => type).sort()).toEqual([...resourceTypes.keys()].sort());
});

describe.each(samples)("$type", (sample) => {
  it("is made, read, found unchanged, and deleted", async () => {
    const { provider } = test;
    const { inputs, scope } = await build(test, sample);
    expect(provider.check(sample.type, inputs, scope)).toEqual([]);
    const made = await provider.create(sample.type, "sample", inputs, scope);
    expect(made.id).toMatch(sample.id);
    const read = await provider.read(sample.type, made.id, scope);
    expect(read).toEqual({ inputs: asKept(sample.type, inputs, made.outputs), outputs: made.outputs });
    expect(provider.diff(sample.type, inputs, inputs, made.outputs).changes).toEqual([]);
    await provider.delete(sample.type, made.id, scope);
    const type = resourceTypes.get(sample.type)!;
    if (type.unset === undefined) expect(await provider.read(sample.type, made.id, scope)).toBeNull();
    await provider.delete(sample.type, made.id, scope);
    const own = (await listCalls(test.account)).filter((call) => call.type === sample.type && call.id === made.id);
    expect(own.map(({ verb }) => verb)).toEqual(["create", "delete"]);
  });

  it("shows every computed output that its table names, and the region", async () => {
    const { inputs, scope } = await build(test, sample);
    const { outputs } = await test.provider.create(sample.type, "sample", inputs, scope);
    const type = resourceTypes.get(sample.type)!;
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(Object.keys(type.computed)));
    expect(outputs["region"]).toBe(
      { global: undefined, regional: scope.region, "identity-center": home.region }[type.scope],
    );
  });

  if (sample.change !== undefined) {
    const { change } = sample;
    it(`changes ${Object.keys(change).join(", ")} in place and keeps its id`, async () => {
      const { provider } = test;
      const { inputs, scope } = await build(test, sample);
      const made = await provider.create(sample.type, "sample", inputs, scope);
      const changed: JsonObject = { ...inputs, ...change };
      const { changes } = provider.diff(sample.type, inputs, changed, made.outputs);
      expect(changes.length).toBeGreaterThan(0);
      expect(changes.filter(({ replaces }) => replaces)).toEqual([]);
      const outputs = await provider.update(sample.type, made.id, changed, scope);
      expect(outputs).toMatchObject(change);
      expect(await provider.read(sample.type, made.id, scope)).toEqual({
        inputs: asKept(sample.type, changed, outputs),
        outputs,
      });
      expect(provider.diff(sample.type, changed, changed, outputs).changes).toEqual([]);
    });
  }

  it("replaces on exactly the properties that its table says", async () => {
    const { provider } = test;
    const { inputs, scope } = await build(test, sample);
    const made = await provider.create(sample.type, "sample", inputs, scope);
    const type = resourceTypes.get(sample.type)!;
    for (const [property, { replaces, compare }] of Object.entries(type.properties)) {
      if (compare === "policy" || compare === "json") continue;
      const { changes } = provider.diff(sample.type, inputs, { ...inputs, [property]: "something-else" }, made.outputs);
      expect({ property, replaces: changes.map((change) => change.replaces) }).toEqual({
        property,
        replaces: [replaces === true],
      });
    }
  });

  it("refuses a property that it does not know, and misses the required ones", () => {
    const type = resourceTypes.get(sample.type)!;
    const required = Object.entries(type.properties).flatMap(([name, property]) => (property.required ? [name] : []));
    const failures = test.provider.check(sample.type, { colour: "blue" }, home);
    expect(failures.map(({ property }) => property)).toEqual(expect.arrayContaining(["colour", ...required]));
  });
});
