/** What the digest of a plan by the CLI covers: everything that what is done, and to what, can differ in. */
import { planDigest } from "../../../../service/engine/automation/run/plan-digest.ts";
import type { ToldState, ToldStep } from "../../../../service/engine/automation/run/told-steps.ts";

const type = "aws:sns/topic:Topic";
const urn = `urn:pulumi:s::gatehouse::${type}::a`;
const state: ToldState = {
  ...{ id: "arn:a", custom: true, provider: "urn:p::1", inputs: { name: "a" }, outputs: { arn: "arn:a" } },
  ...{ retainOnDelete: false, protect: false, delete: false },
};
const told = (part: Partial<ToldStep> = {}): ToldStep => ({
  ...{ op: "update", urn, type, old: state, new: state, detailedDiff: { name: "update" }, diffs: ["name"], keys: [] },
  ...part,
});
const other: ToldStep = told({ op: "same", urn: `${urn}-other` });
const digest = (steps: readonly ToldStep[], seals: (string | null)[] = ["new", "old"]): string =>
  planDigest({ told: steps, seals });
const approved = digest([told(), other]);

it("is the same in whichever order steps are told", () => {
  expect(digest([other, told()])).toBe(approved);
});

it.each<[string, Partial<ToldStep>]>([
  ["another op", { op: "create" }],
  ["another URN", { urn: `${urn}-b` }],
  ["another id before", { old: { ...state, id: "arn:b" } }],
  ["other inputs before", { old: { ...state, inputs: { name: "b" } } }],
  ["other outputs before", { old: { ...state, outputs: { arn: "arn:b" } } }],
  ["other inputs", { new: { ...state, inputs: { name: "b" } } }],
  ["another id, as an import has it", { new: { ...state, id: "arn:b" } }],
  ["another provider", { new: { ...state, provider: "urn:q::1" } }],
  ["protection", { new: { ...state, protect: true } }],
  ["what becomes of it when it goes", { new: { ...state, retainOnDelete: true } }],
  ["another kind of difference", { detailedDiff: { name: "update-replace" } }],
  ["another property that differs", { diffs: ["displayName"] }],
  ["another property that replaces", { keys: ["name"] }],
])("changes with %s", (_what, part) => {
  expect(digest([told(part), other])).not.toBe(approved);
});

it("is the same whatever name the provider makes up, and changes with one that the program gives", () => {
  const named = (name: string, defaults: string[]): string =>
    digest([
      told({ op: "create", old: null, new: { ...state, inputs: { name, display: "a", __defaults: defaults } } }),
    ]);
  expect(named("a-ce25592", ["name"])).toBe(named("a-eb92a1f", ["name"]));
  expect(named("a-ce25592", [])).not.toBe(named("a-eb92a1f", []));
});

it("changes with secrets, of what is applied and of what was applied last", () => {
  expect(digest([told(), other], ["newer", "old"])).not.toBe(approved);
  expect(digest([told(), other], ["new", "older"])).not.toBe(approved);
});

it("tells a replacement that deletes first from one that creates first, by the order of its parts alone", () => {
  const [create, replace, remove] = ["create-replacement", "replace", "delete-replaced"].map((op) => told({ op }));
  const createFirst = digest([create!, replace!, other, remove!]);
  expect(digest([other, create!, replace!, remove!])).toBe(createFirst);
  expect(digest([remove!, replace!, create!, other])).not.toBe(createFirst);
});
