/** What was there after the last run and is not in the state: all of it is refused, and a part of it told. */
import {
  lostStateProblem,
  missingFrom,
  missingWarning,
  othersStateProblem,
} from "../../../../service/engine/automation/run/lost-state.ts";
import type { ToldStep } from "../../../../service/engine/automation/run/told-steps.ts";
import type { StackResource } from "../../../../service/engine/engine.ts";

const urnOf = (name: string): string => `urn:pulumi:s::gatehouse::aws:sns/topic:Topic::${name}`;

const held = (name: string): StackResource => ({
  ...{ urn: urnOf(name), type: "aws:sns/topic:Topic", name, id: name },
  ...{ account: null, region: null, retainOnDelete: false },
});

const state = {
  id: "a",
  custom: true,
  provider: "p",
  inputs: {},
  outputs: {},
  retainOnDelete: false,
  protect: false,
  delete: false,
};

const step = (op: string, name: string, old: ToldStep["old"] = state, type = "aws:sns/topic:Topic"): ToldStep => ({
  ...{ op, urn: urnOf(name), type, old, new: state, detailedDiff: null, diffs: [], keys: [] },
});

const told = (plan: ToldStep[], reads: ToldStep[] = []) => ({ plan, reads });

describe("a state", () => {
  it("is lost where it has nothing of what was there", () => {
    const created = told([step("create", "a", null), step("create", "b", null)]);
    expect(lostStateProblem(created, [held("a"), held("b")])).toMatchObject({ failure: "checkpoint_lost", urn: null });
    expect(lostStateProblem(told([]), [held("a")])).not.toBeNull();
  });

  it.each([
    ["nothing was there", told([step("create", "a", null)]), []],
    ["a part of it is", told([step("same", "a"), step("create", "b", null)]), [held("a"), held("b")]],
    ["it is deleted", told([step("delete", "a")]), [held("a")]],
    ["a look at the account told of it", told([step("create", "a", null)], [step("refresh", "a")]), [held("a")]],
  ])("is not lost where %s", (_where, given, known) => expect(lostStateProblem(given, known)).toBeNull());

  it("has not what is only imported, nor what no account holds", () => {
    const given = told([
      step("import", "a", null),
      step("update", "a"),
      step("same", "b", { ...state, custom: false }),
      step("same", "c", state, "pulumi:providers:aws"),
      step("same", "d"),
    ]);
    expect(missingFrom(given, ["a", "b", "c", "d"].map(held))).toEqual(["a", "b", "c"].map(urnOf));
  });

  it("is another's where nothing was ever applied", () => {
    const never = { resources: [], appliedArguments: null };
    expect(othersStateProblem(told([step("same", "a")]), never)).toMatchObject({ failure: "checkpoint_of_others" });
    const imported = [step("import", "a", null), step("update", "a")];
    for (const plan of [[], [step("create", "a", null)], imported])
      expect(othersStateProblem(told(plan), never)).toBeNull();
    expect(othersStateProblem(told([step("same", "a")]), { ...never, appliedArguments: "seal" })).toBeNull();
    expect(othersStateProblem(told([step("same", "a")]), { ...never, resources: [held("a")] })).toBeNull();
  });

  it("that has a part only is told by what it lacks", () => {
    expect(missingWarning(told([step("same", "a")]), [held("a"), held("b")])).toContain(urnOf("b"));
    expect(missingWarning(told([step("same", "a")]), [held("a")])).toBeNull();
  });
});
