import type { Step, StepOp } from "../../../service/engine/engine.ts";
import {
  demandOfReading,
  demandOfSteps,
  shareOfRemaining,
  workOf,
} from "../../../service/usecases/operations/identity-center-budget.ts";

const types = {
  group: "aws:identitystore/group:Group",
  membership: "aws:identitystore/groupMembership:GroupMembership",
  permissionSet: "aws:ssoadmin/permissionSet:PermissionSet",
  inlinePolicy: "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
  assignment: "aws:ssoadmin/accountAssignment:AccountAssignment",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
};
let count = 0;
const step = (op: StepOp, type: keyof typeof types, more: Partial<Step> = {}): Step => {
  count += 1;
  return { op, urn: `urn:${count}`, type: types[type], name: `${type}-${count}`, diff: [], ...more };
};
const firstUp = (accounts: number, members: number): Step[] => [
  step("create", "group"),
  ...Array.from({ length: members }, () => step("create", "membership")),
  step("create", "permissionSet"),
  step("create", "inlinePolicy"),
  ...Array.from({ length: accounts }, () => step("create", "assignment")),
  step("create", "logGroup"),
];

describe("what a run asks of Identity Center's limits", () => {
  it.each<[string, Step[], ReturnType<typeof demandOfSteps>]>([
    [
      "a first up: each assignment, one provisioning, and the memberships",
      firstUp(3, 2),
      { assignments: 3, provisionings: 1, requests: 2, storeRequests: 2 },
    ],
    [
      "one more account: its assignment alone",
      [step("same", "permissionSet"), step("same", "inlinePolicy"), step("create", "assignment")],
      { assignments: 1, provisionings: 0, requests: 0, storeRequests: 0 },
    ],
    [
      "a policy that changes: a provisioning",
      [step("update", "inlinePolicy"), step("same", "assignment")],
      { assignments: 0, provisionings: 1, requests: 2, storeRequests: 0 },
    ],
    [
      "a replaced assignment: one that is made and one that is deleted",
      [step("replace", "assignment")],
      { assignments: 2, provisionings: 0, requests: 0, storeRequests: 0 },
    ],
    [
      "a destroy",
      [step("delete", "assignment"), step("delete", "inlinePolicy"), step("delete", "permissionSet")],
      { assignments: 1, provisionings: 1, requests: 2, storeRequests: 0 },
    ],
    [
      "a permission set that is taken over, and may be changed in the same up",
      [step("import", "permissionSet")],
      { assignments: 0, provisionings: 1, requests: 2, storeRequests: 0 },
    ],
    ["what stays in the account", [step("delete", "group", { retain: true })], null],
    ["nothing that lies in Identity Center", [step("create", "logGroup"), step("same", "assignment")], null],
  ])("is, of %s", (_what, steps, demand) => {
    expect(demandOfSteps(steps)).toEqual(demand);
  });

  it("counts the reads of a run that begins with a refresh, and has many of them one after the other", () => {
    const held = firstUp(2, 3).map(({ type }) => ({ type }));
    expect(demandOfReading(held)).toEqual({ assignments: 0, provisionings: 0, requests: 5, storeRequests: 3 });
    const many = firstUp(20, 0).map(({ type }) => ({ type }));
    expect(demandOfReading(many, [step("update", "inlinePolicy")])).toEqual({
      assignments: 0,
      provisionings: 1,
      requests: 10,
      storeRequests: 1,
      parallelism: 1,
    });
    expect(demandOfReading([{ type: types.logGroup }])).toBeNull();
  });

  it("gets smaller with each step that is done, and never larger than what was given", () => {
    const steps = firstUp(3, 2);
    const given = { assignments: 2, provisionings: 1, requests: 2, storeRequests: 2, parallelism: 2 };
    const after = steps.map((_step, index) => {
      const { assignments, provisionings, requests, storeRequests } = shareOfRemaining(
        given,
        workOf(steps.slice(index + 1)),
      );
      return [assignments, provisionings, requests, storeRequests];
    });
    expect(after).toEqual([
      [2, 1, 2, 2],
      [2, 1, 2, 1],
      [2, 1, 2, 0],
      [2, 1, 2, 0],
      [2, 0, 1.6, 0],
      [2, 0, 1.6, 0],
      [1, 0, 0.8, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(shareOfRemaining(given, workOf([])).parallelism).toBe(2);
  });
});
