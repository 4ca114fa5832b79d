import type { CloudNode } from "../../../service/cloud/access-reader.ts";
import { isOlder, nodeProblems, type NodeExpectations } from "../../../service/usecases/access/node-problems.ts";
import fc from "../../support/properties.ts";

const node = (change: Partial<CloudNode> = {}): CloudNode => ({
  account: "111122223333",
  region: "ap-southeast-1",
  id: "i-0123456789abcdef0",
  kind: "ec2",
  tags: { project: "Production" },
  instanceState: "running",
  agent: { version: "3.3.40.0", pingStatus: "online", lastPingAt: null },
  role: "NodeRole",
  ...change,
});
const expected: NodeExpectations = {
  environment: "production",
  tag: { key: "project", value: "Production" },
  decision: "allow",
  others: [],
  mayLog: true,
};
const agent = (version: string, pingStatus: "online" | "inactive" = "online") => ({
  version,
  pingStatus,
  lastPingAt: null,
});

describe("what keeps sessions from a node", () => {
  it.each<[string, Partial<CloudNode>, Partial<NodeExpectations>, string[]]>([
    ["nothing", {}, {}, []],
    ["a server on premises is as good", { kind: "managed", id: "mi-0123456789abcdef0", instanceState: null }, {}, []],
    [
      "stopped: nothing else can be said of it",
      { instanceState: "stopped", agent: null, role: null },
      {},
      ["instance_not_running"],
    ],
    ["no role", { agent: null, role: null }, {}, ["no_role"]],
    ["a role, and never registered", { agent: null }, {}, ["not_registered"]],
    ["registered without a role: credentials of its own", { role: null }, { mayLog: null }, []],
    ["not heard of any more", { agent: agent("3.3.2299.0", "inactive") }, {}, ["offline"]],
    ["an agent one too old", { agent: agent("3.3.39.9999") }, {}, ["agent_too_old"]],
    ["an agent that only sorts after", { agent: agent("3.10.0.0") }, {}, []],
    [
      "two keys that differ in case",
      { tags: { project: "Production", PROJECT: "x" } },
      { decision: "undecided" },
      ["tag_key_twice"],
    ],
    ["one key in another case", { tags: { PROJECT: "Production" } }, {}, []],
    ["a policy that does not reach it", {}, { decision: "implicit_deny" }, ["not_granted"]],
    ["another environment's tag", {}, { others: ["billing"] }, ["in_two_environments"]],
    ["a role that may not log", {}, { mayLog: false }, ["outside_logging_role"]],
  ])("%s", (_what, change, expectations, codes) => {
    const problems = nodeProblems(node(change), { ...expected, ...expectations });
    expect(problems.map(({ code }) => code)).toEqual(codes);
    for (const { message, toDo } of problems) expect([message, toDo]).not.toContain("");
  });
});

describe("versions", () => {
  it("are compared by number, part by part", () => {
    const version = fc.array(fc.nat(4000), { minLength: 1, maxLength: 4 });
    const weightOf = (parts: number[]): bigint =>
      [0, 1, 2, 3].reduce((sum, index) => sum * 10_000n + BigInt(parts[index] ?? 0), 0n);
    fc.assert(
      fc.property(version, fc.array(fc.nat(4000), { minLength: 4, maxLength: 4 }), (given, least) => {
        expect(isOlder(given.join("."), least.join("."))).toBe(weightOf(given) < weightOf(least));
      }),
    );
  });
});
