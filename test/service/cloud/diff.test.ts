import fc from "../../support/properties.ts";
import type { JsonObject } from "../../../service/domain/json.ts";
import { unknown } from "../../../service/cloud/provider.ts";
import { diffInputs, pathOf } from "../../../service/cloud/simulated/diff.ts";
import { sameMeaning } from "../../../service/cloud/simulated/equivalence.ts";
import { resourceType, resourceTypes } from "../../../service/cloud/simulated/types/all-types.ts";

const permissionSet = "aws:ssoadmin/permissionSet:PermissionSet";
const logGroup = "aws:cloudwatch/logGroup:LogGroup";
const policy = "aws:iam/policy:Policy";
const key = "aws:kms/key:Key";
const activation = "aws:ssm/activation:Activation";
const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";

const diff = (type: string, from: JsonObject, to: JsonObject, outputs: JsonObject = {}) =>
  diffInputs(resourceType(type), from, to, outputs).changes;

const statement = (more: JsonObject) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...more }] });

describe("nothing changed", () => {
  it.each<[string, string, JsonObject, JsonObject, JsonObject]>([
    ["a default that is written out", permissionSet, {}, { sessionDuration: "PT1H" }, {}],
    ["a default that is left out", logGroup, { retentionInDays: 0 }, {}, {}],
    ["a name that AWS chose and nobody gives", logGroup, {}, {}, { name: "logs-1a2b3c4" }],
    ["a value that AWS chose, now given as it is", key, {}, { description: "" }, { description: "" }],
    ["the region that it is in", logGroup, {}, { region: "eu-west-1" }, { region: "eu-west-1" }],
    ["null, empty texts and empty objects", permissionSet, { description: "", tags: {} }, { description: null }, {}],
    ["merged tags", permissionSet, {}, { tagsAll: { a: "b" } }, {}],
    [
      "white space and order of keys in a policy",
      policy,
      { policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"}]}' },
      {
        policy: '{ "Statement": { "Resource": ["*"], "Action": ["a:B"], "Effect": "Allow" }, "Version": "2012-10-17" }',
      },
      {},
    ],
    [
      "order of actions",
      policy,
      { policy: statement({ Action: ["a:B", "a:C"] }) },
      { policy: statement({ Action: ["a:C", "a:B"] }) },
      {},
    ],
    [
      "an instant in another zone",
      activation,
      { expirationDate: "2026-10-15T12:00:00Z" },
      { expirationDate: "2026-10-15T20:00:00+08:00" },
      {},
    ],
    [
      "a key by id or by ARN",
      "aws:kms/alias:Alias",
      { targetKeyId: "k1" },
      { targetKeyId: "arn:aws:kms:eu-west-1:111122223333:key/k1" },
      {},
    ],
    ["order in a set", encryption, { rules: [{ a: 1 }, { b: 2 }] }, { rules: [{ b: 2 }, { a: 1 }] }, {}],
    [
      "a document's white space",
      "aws:ssm/document:Document",
      { content: '{"a":1,"b":2}' },
      { content: '{ "b": 2, "a": 1 }' },
      {},
    ],
  ])("%s", (_what, type, from, to, outputs) => {
    expect(diff(type, from, to, outputs)).toEqual([]);
  });
});

describe("something changed", () => {
  it("gives each tag by its path, as Pulumi writes paths", () => {
    const from = { tags: { Name: "a", "cost:center": "1", gone: "x" } };
    const to = { tags: { Name: "b", "cost:center": "2", more: "y" } };
    expect(diff(permissionSet, from, to)).toEqual([
      { path: "tags.Name", from: "a", to: "b", replaces: false },
      { path: 'tags["cost:center"]', from: "1", to: "2", replaces: false },
      { path: "tags.gone", from: "x", to: undefined, replaces: false },
      { path: "tags.more", from: undefined, to: "y", replaces: false },
    ]);
  });

  it("shows a removed value going back to its default", () => {
    expect(diff(permissionSet, { sessionDuration: "PT4H" }, {})).toEqual([
      { path: "sessionDuration", from: "PT4H", to: "PT1H", replaces: false },
    ]);
  });

  it("goes down into lists", () => {
    const rules = (days: number) => ({ rules: [{ id: "expire", expiration: { days } }] });
    expect(diff("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", rules(30), rules(60))).toEqual([
      { path: "rules[0].expiration.days", from: 30, to: 60, replaces: false },
    ]);
  });

  it("replaces an activation for a tag", () => {
    expect(diff(activation, { tags: { project: "A" } }, { tags: { project: "B" } })).toEqual([
      { path: "tags.project", from: "A", to: "B", replaces: true },
    ]);
  });

  it("replaces what moves to another region, unless it has none", () => {
    expect(diff(logGroup, {}, { region: "eu-west-1" }, { region: "us-east-1" })).toEqual([
      { path: "region", from: "us-east-1", to: "eu-west-1", replaces: true },
    ]);
  });

  it.each<[string, string, JsonObject, JsonObject]>([
    ["an effect", policy, { policy: statement({ Effect: "Deny" }) }, { policy: statement({ Effect: "Allow" }) }],
    [
      "the order of statements' contents",
      policy,
      { policy: statement({ Action: "a:B" }) },
      { policy: statement({ Action: "a:C" }) },
    ],
    ["a policy that is no JSON", policy, { policy: "{" }, { policy: "}" }],
  ])("sees %s", (_what, type, from, to) => {
    expect(diff(type, from, to)).toHaveLength(1);
  });

  it("takes what is not known yet for changed, where it stands", () => {
    expect(diff(policy, { policy: statement({}) }, { policy: unknown }).map(({ path }) => path)).toEqual(["policy"]);
    expect(
      diff(permissionSet, { tags: { a: "1", b: "2" } }, { tags: { a: unknown, b: "2" } }).map(({ path }) => path),
    ).toEqual(["tags.a"]);
    expect(diff(encryption, { rules: [{ a: 1 }] }, { rules: [{ a: unknown }] }).map(({ path }) => path)).toEqual([
      "rules",
    ]);
  });
});

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonObject[string]>;

describe("properties of the comparison", () => {
  it("finds nothing between a thing and itself, for every type and any values", () => {
    fc.assert(
      fc.property(fc.constantFrom(...resourceTypes.values()), fc.dictionary(fc.string(), json), (type, inputs) => {
        expect(diffInputs(type, inputs, inputs, {}).changes).toEqual([]);
      }),
    );
  });

  it("is the same from both sides", () => {
    const comparison = fc.constantFrom("value", "json", "policy", "set", "instant", "key" as const);
    fc.assert(
      fc.property(json, json, comparison, (one, other, by) => {
        expect(sameMeaning(one, other, by)).toBe(sameMeaning(other, one, by));
      }),
    );
  });

  it("never gives one path to two keys", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(pathOf("tags", one) === pathOf("tags", other)).toBe(one === other);
      }),
    );
  });
});
