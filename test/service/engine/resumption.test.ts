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
