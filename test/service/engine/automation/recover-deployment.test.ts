/** Pulumi's state as recovery reads and changes it. */
import { unknown } from "../../../../service/cloud/provider.ts";
import type { BegunWrite } from "../../../../service/engine/automation/recovery/begun-writes.ts";
import {
  comparable,
  doubtsOf,
  parseState,
  providerSettings,
  settledState,
  unreadOf,
} from "../../../../service/engine/automation/recovery/recover-deployment.ts";
import { refreshNews, stackResourcesOf } from "../../../../service/engine/automation/recovery/recover.ts";

const at = new Date("2026-11-22T20:00:00Z");
const urnOf = (name: string): string => `urn:pulumi:environment.a::gatehouse::aws:sns/topic:Topic::${name}`;
const providerUrn = "urn:pulumi:environment.a::gatehouse::pulumi:providers:aws::account";
const provider = {
  ...{ urn: providerUrn, type: "pulumi:providers:aws", custom: true, id: "1" },
  inputs: { region: "eu-west-1", allowedAccountIds: '["111122223333"]' },
};
const topic = (name: string, more: object = {}) => ({
  ...{ urn: urnOf(name), type: "aws:sns/topic:Topic", custom: true, provider: `${providerUrn}::1` },
  ...{ inputs: { name }, parent: "stack", ...more },
});
const state = (resources: object[], pending: object[] = []) =>
  parseState(
    JSON.stringify({ version: 3, deployment: { manifest: { magic: "m" }, resources, pending_operations: pending } }),
  );
const begun = (name: string, more: Partial<BegunWrite> = {}): BegunWrite => ({
  ...{ urn: urnOf(name), type: "aws:sns/topic:Topic", kind: "creating", id: null, startedAt: at },
  ...{ draft: topic(name), ...more },
});
const told = (...parameters: Parameters<typeof doubtsOf>): string[] =>
  doubtsOf(...parameters).map(
    ({ kind, urn, startedAt }) => `${kind} ${urn.split("::").at(-1) ?? ""} ${startedAt === null ? "" : "timed"}`,
  );

describe("what is in doubt", () => {
  it.each<[string, string[], Parameters<typeof doubtsOf>]>([
    ["nothing of a state without notes", [], [state([provider, topic("a", { id: "arn:a" })]), []]],
    [
      "what Pulumi noted, but reads and imports",
      ["creating a ", "updating b ", "deleting c "],
      [
        state(
          [],
          [
            { type: "creating", resource: topic("a") },
            { type: "updating", resource: topic("b", { id: "arn:b" }) },
            { type: "deleting", resource: topic("c", { id: "arn:c" }) },
            { type: "reading", resource: topic("d") },
            { type: "importing", resource: topic("e") },
          ],
        ),
        [],
      ],
    ],
    [
      "once what was noted and begun",
      ["creating a timed"],
      [state([], [{ type: "creating", resource: topic("a") }]), [begun("a")]],
    ],
    ["a create that was begun and is nowhere", ["creating a timed"], [state([provider]), [begun("a")]]],
    ["no create that is recorded", [], [state([topic("a", { id: "arn:a" })]), [begun("a")]]],
    [
      "a replacement that is not recorded",
      ["creating a timed"],
      [state([topic("a", { id: "arn:old" })]), [begun("a", { id: "arn:old" })]],
    ],
    [
      "an update that is not recorded",
      ["updating a timed"],
      [
        state([topic("a", { id: "arn:a" })]),
        [begun("a", { kind: "updating", id: "arn:a", draft: topic("a", { inputs: { name: "a", tags: {} } }) })],
      ],
    ],
    [
      "no update that is recorded",
      [],
      [state([topic("a", { id: "arn:a" })]), [begun("a", { kind: "updating", id: "arn:a", draft: topic("a") })]],
    ],
    [
      "a delete of what is still recorded",
      ["deleting a timed"],
      [state([topic("a", { id: "arn:a" })]), [begun("a", { kind: "deleting", id: "arn:a", draft: null })]],
    ],
    ["no delete that is recorded", [], [state([]), [begun("a", { kind: "deleting", id: "arn:a", draft: null })]]],
  ])("is %s", (_what, doubts, parameters) => expect(told(...parameters)).toEqual(doubts));

  it("is not guessed from what is no state", () => {
    expect(() => parseState('{"version":3,"deployment":{"resources":[{"urn":1}]}}')).toThrow(
      "deployment.resources.0.urn",
    );
    expect(doubtsOf(parseState('{"version":3,"deployment":{}}'), [])).toEqual([]);
  });
});

describe("a state that is settled", () => {
  const before = state([provider, topic("old", { id: "arn:old" })], [{ type: "creating", resource: topic("a") }]);
  const doubts = doubtsOf(before, []);
  const resourcesOf = (created: [string, string][]) =>
    (settledState(before, doubts, new Map(created)).deployment.resources ?? []).map(({ urn, id }) => [urn, id]);

  it("holds what was created, and no note any more", () => {
    const settled = settledState(before, doubts, new Map([[urnOf("a"), "arn:a"]]));
    expect(settled.deployment.pending_operations).toBeUndefined();
    expect(settled.deployment["manifest"]).toEqual({ magic: "m" });
    expect(settled.deployment.resources?.at(-1)).toMatchObject({ ...topic("a"), id: "arn:a" });
    expect(resourcesOf([])).toEqual([
      [providerUrn, "1"],
      [urnOf("old"), "arn:old"],
    ]);
  });

  it("holds a replacement before what it replaces, which waits for its delete", () => {
    const replacing = state(
      [provider, topic("a", { id: "arn:1" }), topic("b", { id: "arn:b" })],
      [{ type: "creating", resource: topic("a") }],
    );
    const settled = settledState(replacing, doubtsOf(replacing, []), new Map([[urnOf("a"), "arn:2"]]));
    expect(settled.deployment.resources?.slice(1).map((each) => [each.id, each.delete ?? false])).toEqual([
      ["arn:2", false],
      ["arn:1", true],
      ["arn:b", false],
    ]);
  });

  it("never holds a mask in place of a secret, and keeps as a secret what the provider shows", () => {
    const urn = "urn:pulumi:environment.a::gatehouse::aws:ssm/activation:Activation::x";
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const type = "aws:ssm/activation:Activation";
    const draft = { ...topic("x", { inputs: { name: "x", description: secret } }), urn, type };
    const settled = settledState(
      before,
      doubtsOf(state([]), [begun("x", { urn, type, draft })]),
      new Map([[urn, "1"]]),
    );
    expect(settled.deployment.resources?.at(-1)).toMatchObject({
      inputs: { name: "x" },
      additionalSecretOutputs: ["activationCode"],
    });
    expect(JSON.stringify(settled)).not.toContain("[secret]");
    expect(comparable({ a: [secret], b: 1 })).toEqual({ a: [unknown], b: 1 });
  });

  it("tells the settings of a resource's provider, and what is held in which account", () => {
    expect(providerSettings(before, doubts[0]!.draft!)).toEqual(provider.inputs);
    const home = { account: "999988887777", region: "us-east-1" };
    expect(stackResourcesOf(before, home)).toEqual([
      {
        ...{ urn: urnOf("old"), type: "aws:sns/topic:Topic", name: "old", id: "arn:old" },
        ...{ account: "111122223333", region: null, retainOnDelete: false },
      },
    ]);
  });
});

it("what a refresh found is told by resource", () => {
  const before = state([provider, ...["gone", "drifted", "read", "same"].map((name) => topic(name, { id: name }))]);
  const after = state([
    { ...provider, outputs: { version: "2" } },
    topic("drifted", { id: "drifted", inputs: { name: "drifted", tags: { a: "b" } } }),
    topic("read", { id: "read", outputs: { arn: "read" } }),
    topic("same", { id: "same" }),
  ]);
  expect(refreshNews(before, after).map(({ urn, message }) => [urn, message])).toEqual([
    [urnOf("gone"), "gone does not exist any more: it is forgotten."],
    [urnOf("drifted"), "It differs from what was recorded: tags."],
    [urnOf("read"), "Its outputs are read anew."],
  ]);
});

it("knows what was recorded and never read, which no unlock may leave behind", () => {
  const read = topic("read", { id: "arn:read", outputs: { arn: "arn:read" } });
  const found = settledState(
    state([provider, read], [{ type: "creating", resource: topic("found") }]),
    doubtsOf(state([provider, read], [{ type: "creating", resource: topic("found") }]), []),
    new Map([[urnOf("found"), "arn:found"]]),
  );
  expect(unreadOf(found).map(({ urn }) => urn)).toEqual([urnOf("found")]);
  expect(unreadOf(state([provider, read]))).toEqual([]);
});
