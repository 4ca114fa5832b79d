import type { PreparedEnvironment } from "../../../../stacks/policies/evaluation/access-environment.ts";
import { accessDiff } from "../../../../stacks/policies/evaluation/access-diff.ts";
import { accessMatrix, nodeLabel, nodesOf, rowIdentity } from "../../../../stacks/policies/evaluation/access-matrix.ts";
import { both, devServer01, environment, prodServer01 } from "../../fixtures/evaluation/reference.ts";

const matrix = (environments: PreparedEnvironment[]) => accessMatrix(environments, [prodServer01(), devServer01()]);
const allowed = (environments: PreparedEnvironment[], action: string) =>
  matrix(environments)
    .filter((row) => row.action === action && row.decision === "allow")
    .map(({ principal, node, document, sessionOwner }) => [principal, node, document, sessionOwner]);

describe("the matrix", () => {
  it("shows the guide's tests 1 and 2, each environment with its own document", () => {
    expect(allowed(both(), "ssm:StartSession")).toEqual([
      ["production", "project=Production", "Gatehouse-production", null],
      ["development", "project=Development", "Gatehouse-development", null],
    ]);
    expect(allowed(both("whitepaper"), "ssm:StartSession")).toEqual([
      ["production", "project=Production", null, null],
      ["development", "project=Development", null, null],
    ]);
  });

  it("has each row once", () => {
    const rows = matrix([...both(), ...both("whitepaper").map((item) => ({ ...item, name: `${item.name}-guide` }))]);
    expect(new Set(rows.map(rowIdentity)).size).toBe(rows.length);
  });

  it("shows own sessions, and keys that are one's own", () => {
    const one = [environment("production")];
    expect(allowed(one, "ssm:TerminateSession").map((row) => row[3])).toEqual(["self", "self"]);
    const keys = matrix(one).filter((row) => row.action === "kms:GenerateDataKey" && row.decision === "allow");
    expect(new Set(keys.map(({ key }) => key))).toEqual(new Set(["own"]));
  });

  it("shows other ways in that extra statements open", () => {
    const open = environment("production", "hardened", {
      extraStatements: [{ Effect: "Allow", Action: ["ssm:SendCommand", "sts:AssumeRole"], Resource: "*" }],
    });
    expect(allowed([open], "ssm:SendCommand")).toHaveLength(2);
    expect(allowed([open], "sts:AssumeRole")).toHaveLength(2);
    expect(matrix([environment("production")]).some(({ action }) => action === "ssm:SendCommand")).toBe(false);
  });

  it("makes nodes of both kinds for each target, and labels them by their tags in order", () => {
    expect(nodesOf(environment("production")).map(({ kind }) => kind)).toEqual(["ec2", "managed"]);
    expect(nodeLabel({ team: "a", project: "b" })).toBe("project=b, team=a");
    expect(nodeLabel({})).toBe("");
  });
});

describe("the difference of two matrices", () => {
  const changes = (before: PreparedEnvironment[], after: PreparedEnvironment[]) =>
    accessDiff(matrix(before), matrix(after));

  it("is empty when nothing changes", () => {
    expect(changes(both(), both())).toEqual([]);
  });

  it("of a new environment is everything that it allows", () => {
    const gained = changes([], [environment("production")]);
    expect(gained.every(({ from, to }) => from === "deny" && to === "allow")).toBe(true);
    expect(gained).toContainEqual(
      expect.objectContaining({
        principal: "production",
        action: "ssm:StartSession",
        node: "project=Production",
        from: "deny",
        to: "allow",
        because: [
          expect.objectContaining({ sid: "StartSessionOnTaggedNodes" }),
          expect.objectContaining({ sid: "StartSessionWithDocuments" }),
        ],
      }),
    );
  });

  it("of an environment that goes is everything that it allowed, with what had allowed it", () => {
    const lost = changes([environment("production")], []);
    expect(lost.every(({ from, to, because }) => from === "allow" && to === "deny" && because.length > 0)).toBe(true);
    expect(lost).toHaveLength(changes([], [environment("production")]).length);
  });

  it("from the whitepaper's to the hardened profile shows that own sessions can be ended", () => {
    const moved = changes([environment("production", "whitepaper")], [environment("production")]);
    expect(moved).toContainEqual(
      expect.objectContaining({ action: "ssm:TerminateSession", sessionOwner: "self", from: "deny", to: "allow" }),
    );
    expect(moved).toContainEqual(
      expect.objectContaining({ action: "ssm:StartSession", document: null, from: "allow", to: "deny" }),
    );
    expect(moved.some(({ sessionOwner }) => sessionOwner === "other")).toBe(false);
  });

  it("of a tag that moves shows nodes gained and lost", () => {
    const moved = changes(
      [environment("production")],
      [environment("production", "hardened", { tag: { key: "project", value: "Development" } })],
    ).filter(({ action }) => action === "ssm:StartSession");
    expect(moved.map(({ node, to }) => [node, to])).toEqual([
      ["project=Production", "deny"],
      ["project=Development", "allow"],
    ]);
  });

  it("says undecided where it cannot be told", () => {
    const doubtful = environment("production", "hardened", {
      extraStatements: [
        {
          Effect: "Deny",
          Action: "ssm:StartSession",
          Resource: "*",
          Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } },
        },
      ],
    });
    expect(changes([environment("production")], [doubtful])).toEqual([
      expect.objectContaining({ action: "ssm:StartSession", from: "allow", to: "undecided" }),
    ]);
  });

  it("from undecided to denied has no statement to show: nothing speaks of it any more", () => {
    const doubtful = environment("production", "hardened", {
      extraStatements: [
        {
          Effect: "Allow",
          Action: "s3:ListAllMyBuckets",
          Resource: "*",
          Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
        },
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Resource: "*",
          Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
        },
      ],
    });
    const changed = changes([doubtful], [environment("production")]);
    expect(changed.map(({ action, node, from, to, because }) => [action, node, from, to, because])).toEqual([
      ["sts:AssumeRole", "project=Production", "undecided", "deny", []],
      ["sts:AssumeRole", "project=Development", "undecided", "deny", []],
    ]);
  });
});
