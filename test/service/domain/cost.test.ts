import { estimateCost } from "../../../service/domain/cost.ts";
import { cost } from "../../../service/domain/operation.ts";

const key = { type: "aws:kms/key:Key", name: "production-key" } as const;

describe("the cost of a plan", () => {
  it("is nothing for steps that change nothing", () => {
    expect(estimateCost([{ ...key, op: "same" }])).toEqual({ monthlyUsd: 0, items: [], unknown: [] });
  });

  it.each([
    ["a new key adds a dollar", { op: "create" as const }, 1],
    ["a deleted key takes one away", { op: "delete" as const }, -1],
    ["a key that stays in the account is still charged", { op: "delete" as const, retain: true as const }, 0],
    ["a replaced key costs what it did", { op: "replace" as const }, 0],
    ["a key taken over costs what it did", { op: "import" as const }, 0],
  ])("%s", (_, step, monthlyUsd) => {
    const estimate = estimateCost([{ ...key, ...step }]);
    expect(estimate.monthlyUsd).toBe(monthlyUsd);
    expect(estimate.items.map((item) => item.monthlyUsd)).toEqual(monthlyUsd === 0 ? [] : [monthlyUsd]);
  });

  it("names what has no figure once, with the page to look at", () => {
    const group = { op: "create" as const, type: "aws:cloudwatch/logGroup:LogGroup" };
    const estimate = estimateCost([
      { ...group, name: "a" },
      { ...group, name: "b" },
      { op: "create", type: "aws:ssm/activation:Activation", name: "c" },
      { op: "create", type: "aws:identitystore/group:Group", name: "d" },
    ]);
    expect(estimate.monthlyUsd).toBe(0);
    expect(estimate.unknown).toHaveLength(2);
    expect(estimate.unknown.every((line) => line.includes("https://aws.amazon.com/"))).toBe(true);
    expect(cost.parse(estimate)).toEqual(estimate);
  });
});
