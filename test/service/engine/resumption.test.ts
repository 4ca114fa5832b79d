import type { Json } from "../../../service/domain/json.ts";
import type { Step, StepOp } from "../../../service/engine/engine.ts";
import { beyondPlan, wholeOperation } from "../../../service/engine/resumption.ts";

const step = (text: string): Step => {
  const [op, name] = text.split(" ") as [StepOp, string];
  return { op, urn: `urn:pulumi:s::p::t::${name}`, type: "t", name, diff: [] };
};
const steps = (...texts: string[]): Step[] => texts.map(step);
const told = (list: readonly Step[]): string[] => list.map(({ op, name }) => `${op} ${name}`);

describe("what is left of a plan", () => {
  it.each<[StepOp, StepOp[]]>([
    ["create", ["create", "same"]],
    ["update", ["update", "same"]],
    ["replace", ["replace", "create", "update", "delete", "same"]],
    ["import", ["import", "update", "same"]],
    ["delete", ["delete", "same"]],
    ["same", ["same"]],
  ])("of a planned %s is at most %j", (planned, allowed) => {
    for (const op of ["create", "update", "replace", "import", "delete", "same"] as const)
      expect([op, beyondPlan(steps(`${planned} a`), steps(`${op} a`)).length === 0]).toEqual([
        op,
        allowed.includes(op),
      ]);
  });

  it("has no resource that the plan did not have", () => {
    expect(told(beyondPlan(steps("create a"), steps("create a", "create b", "same c")))).toEqual(["create b"]);
  });
});

describe("what is left of a step", () => {
  const setting = (text: string, diff: Record<string, Json>): Step => ({
    ...step(text),
    diff: Object.entries(diff).map(([path, to]) => ({ path, from: null, to })),
  });
  it.each<[string, string, Record<string, Json>, string, Record<string, Json>]>([
    ["the same", "update a", { retention: 7 }, "update a", { retention: 7 }],
    ["less", "update a", { retention: 7, tags: {} }, "update a", { retention: 7 }],
    ["what the plan did not know", "create a", { arn: "[unknown]" }, "create a", { arn: "arn:a" }],
    ["what it did not know within", "create a", { p: { id: "[unknown]", n: 1 } }, "create a", { p: { id: "i", n: 1 } }],
    ["what it did not show", "update a", { code: "[secret]" }, "update a", { code: "[secret]" }],
    ["a part of it, told apart", "update a", { tags: { Name: "[unknown]" } }, "update a", { "tags.Name": "x" }],
    ["the whole, told as one", "update a", { "tags.Name": "x" }, "update a", { tags: { Name: "x" } }],
    ["a create of a replacement", "replace a", { name: "b" }, "create a", { name: "b", retention: 7 }],
    ["a change of an import", "import a", { retention: 7 }, "update a", { retention: 7 }],
  ])("may be %s", (_what, first, planned, now, set) => {
    expect(beyondPlan([setting(first, planned)], [setting(now, set)])).toEqual([]);
  });
  it.each<[string, string, Record<string, Json>, string, Record<string, Json>]>([
    ["set another value", "update a", { retention: 7 }, "update a", { retention: 30 }],
    ["set another property", "update a", { retention: 7 }, "update a", { kmsKeyId: "key" }],
    ["set another value within", "create a", { p: { id: "[unknown]", n: 1 } }, "create a", { p: { id: "i", n: 2 } }],
    ["set more within", "create a", { list: ["x"] }, "create a", { list: ["x", "y"] }],
    ["create it with something else", "create a", { name: "a" }, "create a", { name: "a", policy: "*" }],
    ["replace it by something else", "replace a", { name: "b" }, "create a", { name: "c" }],
    ["change what was to be imported as it is", "import a", {}, "update a", { retention: 7 }],
  ])("may not %s", (_what, first, planned, now, set) => {
    expect(beyondPlan([setting(first, planned)], [setting(now, set)])).toHaveLength(1);
  });
});

describe("an operation in several runs", () => {
  it.each([
    ["one run", ["create a", "same b"], [], ["create a", "same b"], ["a", "b"], ["create a", "same b"]],
    [
      "what an earlier run did",
      ["create a", "create b"],
      ["create a"],
      ["same a", "create b"],
      ["a", "b"],
      ["create a", "create b"],
    ],
    [
      "deletes of an earlier run",
      ["delete a", "update b"],
      ["delete a"],
      ["update b"],
      ["b"],
      ["delete a", "update b"],
    ],
    ["a replacement whose old one was deleted first", ["replace a"], [], ["create a"], ["a"], ["replace a"]],
    [
      "a replacement whose old one was still to go",
      ["replace a"],
      ["replace a"],
      ["same a", "delete a"],
      ["a"],
      ["replace a"],
    ],
    ["a replacement in three runs", ["replace a"], ["create a"], ["same a", "delete a"], ["a"], ["replace a"]],
    ["an import whose update was left", ["import a"], [], ["update a"], ["a"], ["import a"]],
    ["what vanished with a replacement", ["delete a", "replace b"], [], ["create b"], ["b"], ["replace b", "delete a"]],
    ["an update that came to nothing", ["update a"], [], ["same a"], ["a"], ["same a"]],
  ])("tells %s", (_what, planned, earlier, now, held, expected) => {
    const urns = new Set(held.map((name) => step(`same ${name}`).urn));
    const whole = wholeOperation({
      planned: steps(...planned),
      earlier: steps(...earlier),
      now: steps(...now),
      held: urns,
    });
    expect(told(whole)).toEqual(expected);
  });
});
