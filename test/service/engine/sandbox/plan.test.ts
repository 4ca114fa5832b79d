import fc from "../../../support/properties.ts";
import { holdsUnknown, unknown } from "../../../../service/cloud/provider.ts";
import type { JsonObject } from "../../../../service/domain/json.ts";
import type { StepOp } from "../../../../service/engine/engine.ts";
import { deletionOrder, dependencyOrder } from "../../../../service/engine/sandbox/dependency-order.ts";
import { planDigest, type PlannedStep } from "../../../../service/engine/sandbox/digest.ts";
import { matchesPattern, withIgnoredChanges } from "../../../../service/engine/pulumi/property-path.ts";
import {
  formatPath,
  outputSecrets,
  plainProperties,
  shown,
  shownProperties,
  type Path,
} from "../../../../service/engine/pulumi/properties.ts";
import { createRedactor } from "../../../../service/engine/pulumi/redaction.ts";
import { scopeOf } from "../../../../service/engine/pulumi/scope.ts";
import { makeUrn, providerUrn, urnName, urnType } from "../../../../service/engine/pulumi/urn.ts";
import { fromStruct, toStruct } from "../../../../service/engine/pulumi/wire.ts";

describe("URNs", () => {
  const root = { stack: "s", project: "gatehouse", name: "n" };
  const stack = makeUrn({ ...root, parent: null, type: "pulumi:pulumi:Stack" });
  const outer = makeUrn({ ...root, parent: stack, type: "a:b:Outer" });

  it.each([
    [null, "urn:pulumi:s::gatehouse::t::n"],
    [stack, "urn:pulumi:s::gatehouse::t::n"],
    [outer, "urn:pulumi:s::gatehouse::a:b:Outer$t::n"],
    [makeUrn({ ...root, parent: outer, type: "a:b:Inner" }), "urn:pulumi:s::gatehouse::a:b:Outer$a:b:Inner$t::n"],
  ])("under %s are %s", (parent, expected) => {
    expect(makeUrn({ ...root, parent, type: "t" })).toBe(expected);
  });

  it("give back type and name, whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const urn = makeUrn({ ...root, parent: outer, type: "aws:sns/topic:Topic", name });
        expect(urnType(urn)).toBe("aws:sns/topic:Topic");
        expect(urnName(urn)).toBe(name);
        expect(providerUrn(`${urn}::${unknown}`)).toBe(urn);
      }),
    );
  });
});

describe("dependency order", () => {
  /** Resources that may depend on any of those before them, numbered in a shuffled order. */
  const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 }).chain((wishes) =>
    fc.shuffledSubarray([...wishes.keys()], { minLength: wishes.length }).map((sequences) =>
      wishes.map((wish, index) => ({
        sequence: sequences[index]!,
        urn: `urn-${index}`,
        parent: null,
        provider: null,
        dependencies: index === 0 ? [] : wish.map((number) => `urn-${number % index}`),
        propertyDependencies: {},
      })),
    ),
  );

  it("puts what a resource stands on before it, and deletes the other way round", () => {
    fc.assert(
      fc.property(graphs, (resources) => {
        const order = dependencyOrder(resources).map(({ urn }) => urn);
        expect([...order].sort()).toEqual(resources.map(({ urn }) => urn).sort());
        for (const { urn, dependencies } of resources)
          for (const dependency of dependencies) expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(urn));
        expect(deletionOrder(resources).map(({ urn }) => urn)).toEqual(order.reverse());
      }),
    );
  });
});

describe("plan digest", () => {
  const scope = { account: "111122223333", region: "us-east-1" };
  const step = (name: string, op: StepOp, inputs: JsonObject, secrets: Path[] = []): PlannedStep => ({
    step: { op, urn: `urn:pulumi:s::p::t::${name}`, type: "t", name, diff: [] },
    old: null,
    wanted: { inputs: { values: inputs, secrets }, provider: "p", protect: false, retainOnDelete: false, scope },
    deletesFirst: false,
  });
  const changed = (part: Partial<PlannedStep>): PlannedStep[] => [{ ...steps[0]!, ...part }, ...steps.slice(1)];
  const wanting = (part: Partial<NonNullable<PlannedStep["wanted"]>>): PlannedStep[] =>
    changed({ wanted: { ...steps[0]!.wanted!, ...part } });
  const steps = [step("a", "create", { x: 1, y: 2 }), step("b", "update", { x: "1" }), step("c", "same", {})];
  const digest = planDigest(steps, "key");

  it("does not depend on the order of steps and keys", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(steps, { minLength: 3 }), (shuffled) => {
        expect(planDigest(shuffled, "key")).toBe(digest);
      }),
    );
    expect(planDigest([step("a", "create", { y: 2, x: 1 }), ...steps.slice(1)], "key")).toBe(digest);
  });

  it.each([
    ["another op", [step("a", "update", { x: 1, y: 2 }), ...steps.slice(1)]],
    ["another input", [step("a", "create", { x: 1, y: 3 }), ...steps.slice(1)]],
    ["a step less", steps.slice(1)],
    ["another URN", [step("z", "create", { x: 1, y: 2 }), ...steps.slice(1)]],
    ["another old state", changed({ old: { id: "i", inputs: plainProperties({}), outputs: plainProperties({}) } })],
    ["another provider", wanting({ provider: "q" })],
    ["another account", wanting({ scope: { ...scope, account: "444455556666" } })],
    ["another region", wanting({ scope: { ...scope, region: "eu-west-1" } })],
    ["protection", wanting({ protect: true })],
    ["what becomes of it when it goes", wanting({ retainOnDelete: true })],
    ["what goes first", changed({ deletesFirst: true })],
  ])("changes with %s", (_what, other) => {
    expect(planDigest(other, "key")).not.toBe(digest);
  });

  it("changes with a secret, and with the key that seals it", () => {
    const withSecret = (secret: string) => [step("a", "create", { secret }, [["secret"]])];
    expect(planDigest(withSecret("one"), "key")).not.toBe(planDigest(withSecret("two"), "key"));
    expect(planDigest(withSecret("one"), "key")).not.toBe(planDigest(withSecret("one"), "other key"));
  });
});

describe("properties", () => {
  it.each<[Path, string]>([
    [["tags", "Name"], "tags.Name"],
    [["statements", 0, "actions"], "statements[0].actions"],
    [["tags", "aws:role"], 'tags["aws:role"]'],
  ])("writes the path %j as %s", (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  it.each([
    ["password", [["password"]], "[secret]"],
    ["password.inner", [["password"]], "[secret]"],
    ["list", [["list", 1]], ["a", "[secret]"]],
    ["tags.a:b", [["tags", "a:b"]], "[secret]"],
    ["passwordless", [["password"]], ["a", "b"]],
  ] as [string, Path[], unknown][])("masks what is secret at or inside %s, %j", (path, secrets, expected) => {
    expect(shown(["a", "b"], path, secrets)).toEqual(expected);
  });

  it("shows unknown values as such, at any depth", () => {
    expect(shownProperties(plainProperties({ a: [{ b: unknown }], c: 1 }))).toEqual({ a: [{ b: "[unknown]" }], c: 1 });
    expect([{ a: [unknown] }, { a: [1] }].map(holdsUnknown)).toEqual([true, false]);
  });

  it("carries secrets of inputs over to outputs of the same place, and those that the program names", () => {
    const outputs = { kept: { inner: 1 }, named: 2, plain: 3 };
    expect(outputSecrets(outputs, [["kept", "inner"], ["gone"]], ["named", "absent", "named"])).toEqual([
      ["kept", "inner"],
      ["named"],
    ]);
  });

  it("crosses the wire and back unchanged, secrets with it", () => {
    const bags = fc.record({
      values: fc.dictionary(
        fc.stringMatching(/^[a-z]{1,6}$/),
        fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null), fc.array(fc.string())),
        { minKeys: 1 },
      ),
    });
    fc.assert(
      fc.property(bags, ({ values }) => {
        const bag = { values, secrets: [[Object.keys(values)[0]!]] };
        expect(fromStruct(toStruct(bag))).toEqual(bag);
      }),
    );
  });

  it("redacts secrets from messages, the longer ones first, and leaves short words alone", () => {
    const redactor = createRedactor();
    redactor.learn({ values: { a: "secret", b: ["secretive", "no"] }, secrets: [["a"], ["b"]] });
    expect(redactor.redact("no secretive secret")).toBe("no [secret] [secret]");
  });
});

describe("property paths of options", () => {
  it.each([
    ["tags.Name", "tags.Name", true],
    ["tags.Name", "tags", true],
    ["tags", "tags.Name", true],
    ["tags.Name", "*", true],
    ["rules[3].port", "rules[*].port", true],
    ["rules[3].port", "rules[2].port", false],
    ["tagsAll", "tags", false],
    ['tags["a.b"]', 'tags["a.b"]', true],
  ])("%s against %s: %s", (changed, pattern, expected) => {
    expect(matchesPattern(changed, pattern)).toBe(expected);
  });

  it.each<[JsonObject, JsonObject, string[], JsonObject]>([
    [{ a: 1, b: 1 }, { a: 2, b: 2 }, ["a"], { a: 1, b: 2 }],
    [{ tags: { x: "1" } }, { tags: { x: "2", y: "2" } }, ["tags.y"], { tags: { x: "2" } }],
    [{ tags: { x: "1" } }, {}, ["tags.x"], { tags: { x: "1" } }],
    [{ list: [{ p: 1 }] }, { list: [{ p: 2 }, { p: 3 }] }, ["list[*].p"], { list: [{ p: 1 }, {}] }],
    [{}, { a: 1 }, ["a"], {}],
  ])("from %j to %j ignoring %j gives %j", (before, after, ignored, expected) => {
    expect(withIgnoredChanges(before, after, ignored)).toEqual(expected);
  });
});

describe("scopes", () => {
  const home = { account: "999999999999", region: "eu-west-1" };
  const role = JSON.stringify([{ roleArn: "arn:aws:iam::222222222222:role/gatehouse" }]);
  it.each<[JsonObject, JsonObject, { account: string; region: string }]>([
    [
      { allowedAccountIds: '["111111111111"]', region: "us-east-1" },
      {},
      { account: "111111111111", region: "us-east-1" },
    ],
    [{ assumeRoles: role }, { region: "us-west-2" }, { account: "222222222222", region: "us-west-2" }],
    [{ region: "us-east-1" }, { region: unknown }, { account: "999999999999", region: "us-east-1" }],
    [{}, {}, home],
  ])("of the provider %j and the inputs %j is %j", (configuration, inputs, expected) => {
    expect(scopeOf(configuration, inputs, home)).toEqual(expected);
  });
});
