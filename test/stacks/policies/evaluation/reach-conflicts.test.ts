import type { PolicyStatement } from "../../../../stacks/arguments.ts";
import { prepareEnvironment } from "../../../../stacks/policies/evaluation/access-environment.ts";
import { reachActions } from "../../../../stacks/policies/evaluation/reach-actions.ts";
import { reachConflicts } from "../../../../stacks/policies/evaluation/reach-conflicts.ts";
import { environment } from "../../fixtures/evaluation/reference.ts";

const development = environment("development");
const withExtra = (...extraStatements: PolicyStatement[]) =>
  environment("production", "whitepaper", { extraStatements });
const start = (rest: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action: "ssm:StartSession",
  Resource: "*",
  ...rest,
});
const onTag = (operator: string, value: string) =>
  start({ Condition: { [operator]: { "ssm:resourceTag/project": value } } });
const reached = (changed: ReturnType<typeof withExtra>, others = [development]) =>
  reachConflicts(changed, others).map(({ environment: from, reaches, action }) => [from, reaches, action]);

describe("reach", () => {
  it.each(["hardened", "whitepaper"] as const)("of the guide's two environments does not meet (%s)", (profile) => {
    expect(reachConflicts(environment("production", profile), [environment("development", profile)])).toEqual([]);
  });

  it("into another environment's tag is a conflict, with the statement", () => {
    expect(reachConflicts(withExtra(onTag("StringEquals", "Development")), [development])).toEqual([
      expect.objectContaining({
        environment: "production",
        reaches: "development",
        tag: { key: "project", value: "Development" },
        action: "ssm:StartSession",
        decision: "allow",
        because: [expect.objectContaining({ effect: "Allow", index: 4 })],
      }),
    ]);
  });

  it("from another environment that is there already is a conflict too", () => {
    expect(reached(development, [withExtra(onTag("StringEquals", "Development"))])).toEqual([
      ["production", "development", "ssm:StartSession"],
    ]);
  });

  it.each([
    ["no condition", start()],
    ["a wildcard", onTag("StringLike", "*")],
    ["a negated condition", onTag("StringNotEquals", "Production")],
    ["a condition that holds for nodes without tag", onTag("StringEqualsIfExists", "Production")],
  ])("of every node, by %s, is a conflict without any other environment", (_, statement) => {
    expect(reached(withExtra(statement), [])).toEqual([["production", null, "ssm:StartSession"]]);
  });

  it("by a pattern that fits another environment's tag is a conflict with that one alone", () => {
    expect(reached(withExtra(onTag("StringLike", "Dev*")))).toEqual([
      ["production", "development", "ssm:StartSession"],
    ]);
  });

  it("that may be, for what a request does not tell, is a conflict", () => {
    const statement = start({ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } });
    expect(reachConflicts(withExtra(statement), [])).toEqual([
      expect.objectContaining({ reaches: null, decision: "undecided" }),
    ]);
  });

  const account = "111122223333";
  const instance = (region: string, id: string) => `arn:aws:ec2:${region}:${account}:instance/${id}`;

  it.each<[string, Partial<PolicyStatement>]>([
    ["one server", { Resource: instance("ap-southeast-1", "i-0fedcba9876543210") }],
    ["servers whose ids begin alike", { Resource: instance("*", "i-0f*") }],
    ["servers with some character somewhere", { Resource: instance("ap-southeast-?", "i-0????????????????") }],
    ["one server on premises", { Resource: `arn:aws:ssm:*:${account}:managed-instance/mi-0fedcba9876543210` }],
    ["whatever comes after three segments", { Resource: "arn:aws:ec2" }],
    ["a variable's value", { Resource: `${instance("*", "")}\${aws:PrincipalTag/server}` }],
    ["all but one server", { Resource: undefined, NotResource: instance("ap-southeast-1", "i-0fedcba9876543210") }],
    ["another region", { Resource: instance("us-east-1", "*") }],
    ["another region, by a condition", { Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } }],
    ["another tag", { Condition: { StringEquals: { "ssm:resourceTag/role": "web" } } }],
    ["another tag that is missing", { Condition: { Null: { "aws:ResourceTag/role": "true" } } }],
    ["every node, where no document is named", { Condition: { Bool: { "ssm:SessionDocumentAccessCheck": "false" } } }],
    ["a key that nobody knows", { Condition: { StringEquals: { "ec2:InstanceType": "t3.micro" } } }],
  ])("of %s, whatever its tags, is a conflict without any other environment", (_, rest) => {
    const { Resource, ...others } = start(rest);
    const statement = Resource === undefined ? others : { ...others, Resource };
    expect(reached(withExtra(statement), [])).toEqual([["production", null, "ssm:StartSession"]]);
  });

  it.each<[string, Partial<PolicyStatement>]>([
    ["another account's servers", { Resource: "arn:aws:ec2:*:444455556666:instance/*" }],
    ["another partition's", { Resource: "arn:aws-cn:ec2:*:*:instance/*" }],
    ["another service, of whatever comes after it", { Resource: "arn:aws:s3" }],
    ["documents", { Resource: `arn:aws:ssm:*:${account}:document/Other` }],
    ["ids that no server has", { Resource: instance("*", "vpc-0*") }],
    ["a variable that is never set", { Resource: `${instance("*", "")}\${aws:username}` }],
    ["all but nodes", { Resource: undefined, NotResource: [instance("*", "*"), "arn:aws:ssm:*:*:managed-instance/*"] }],
  ])("of %s is none", (_, rest) => {
    const { Resource, ...others } = start(rest);
    expect(reached(withExtra(Resource === undefined ? others : { ...others, Resource }), [])).toEqual([]);
  });

  it("that a Deny takes away from some servers only is one", () => {
    const but = (rest: Partial<PolicyStatement>): PolicyStatement => ({ ...start(rest), Effect: "Deny" });
    const open: PolicyStatement[] = [
      but({ Resource: instance("*", "i-0123456789abcdef0") }),
      but({ Resource: instance("*", "i-?????????????????") }),
      but({ Condition: { StringEquals: { "ssm:resourceTag/role": "web" } } }),
    ];
    for (const deny of open) expect(reached(withExtra(start(), deny), [])).toHaveLength(1);
    const closed: PolicyStatement[] = [
      but({ Condition: { StringNotEquals: { "aws:ResourceTag/Project": "Production" } } }),
      but({ Resource: ["arn:aws:ec2:*:*:instance/i-*", "arn:aws:ssm:*"] }),
    ];
    for (const deny of closed) expect(reached(withExtra(start(), deny), [])).toEqual([]);
  });

  it("of another's node by its id and tag is a conflict with that one", () => {
    const statement = {
      ...onTag("StringEquals", "Development"),
      Resource: instance("ap-southeast-1", "i-0fedcba9876543210"),
    };
    expect(reached(withExtra(statement))).toEqual([["production", "development", "ssm:StartSession"]]);
  });

  it("of others' sessions counts, of one's own does not", () => {
    const resume = (rest: Partial<PolicyStatement>) => withExtra(start({ Action: "ssm:ResumeSession", ...rest }));
    const session = "ssm:resourceTag/aws:ssmmessages:session-id";
    for (const rest of [
      { Resource: "arn:aws:ssm:*:*:session/*" },
      { Resource: `arn:aws:ssm:*:${account}:session/testuser02-*` },
    ]) {
      expect(reached(resume(rest), [])).toEqual([["production", null, "ssm:ResumeSession"]]);
    }
    for (const rest of [
      { Condition: { StringEquals: { [session]: "${aws:userid}" } } },
      { Condition: { StringLike: { [session]: "${aws:userid}*" } } },
      { Resource: "arn:aws:ssm:*:*:session/${aws:username}-*" },
    ]) {
      expect(reached(resume(rest), [])).toEqual([]);
    }
  });

  it("that a Deny takes away is none", () => {
    const barred = withExtra(start(), { Effect: "Deny", Action: "ssm:StartSession", Resource: "*" });
    expect(reached(barred)).toEqual([]);
  });

  it.each(reachActions.map(({ action, scope }) => [action, scope] as const))("by %s (on the %s) counts", (action) => {
    const open = withExtra({ Effect: "Allow", Action: action, Resource: "*" });
    expect(reached(open, [])).toEqual([["production", null, action]]);
    expect(
      reached(
        environment("production", "hardened", { extraStatements: [{ Effect: "Deny", Action: action, Resource: "*" }] }),
        [],
      ),
    ).toEqual([]);
  });

  it("by another way in, guarded by the environment's own tag, is none", () => {
    const statement = { ...onTag("StringEquals", "Production"), Action: "ssm:SendCommand" };
    expect(reached(withExtra(statement))).toEqual([]);
    const keys: PolicyStatement = {
      Effect: "Allow",
      Action: "ec2-instance-connect:SendSSHPublicKey",
      Resource: "arn:aws:ec2:*:*:instance/*",
      Condition: { StringEquals: { "aws:ResourceTag/project": "Development" } },
    };
    expect(reached(withExtra(keys))).toEqual([["production", "development", "ec2-instance-connect:SendSSHPublicKey"]]);
  });

  it("by NotAction and by everything counts", () => {
    expect(reached(withExtra({ Effect: "Allow", Action: "*", Resource: "*" }), []).length).toBe(reachActions.length);
    const most: PolicyStatement = { Effect: "Allow", NotAction: "ssm:StartSession", Resource: "*" };
    expect(reached(withExtra(most), []).length).toBe(reachActions.length - 1);
  });

  it("a Deny that leaves something open takes nothing away", () => {
    const own = { StringEquals: { "aws:RequestedRegion": "eu-west-1" } };
    const partial: PolicyStatement[] = [
      { Effect: "Deny", Action: "iam:PassRole", Resource: "arn:aws:iam::*:role/x" },
      { Effect: "Deny", Action: "iam:PassRole", Resource: "*", Condition: own },
      { Effect: "Deny", Action: "iam:PassRole", NotResource: "*" },
    ];
    for (const statement of partial) {
      expect(
        reached(withExtra({ Effect: "Allow", Action: "iam:PassRole", Resource: "*" }, statement), []),
      ).toHaveLength(1);
    }
  });

  it("of one tag by two environments is a conflict, unless both share it on purpose", () => {
    const twin = (sharedTag: boolean, value = "Production") =>
      environment("development", "hardened", { tag: { key: "Project", value }, sharedTag });
    const own = (sharedTag: boolean) => environment("production", "hardened", { sharedTag });
    expect(reached(own(true), [twin(true)])).toEqual([]);
    expect(reached(own(true), [twin(false)])).toHaveLength(2);
    expect(reachConflicts(own(true), [twin(false)]).map(({ decision }) => decision)).toEqual(["allow", "allow"]);
    expect(reached(own(false), [twin(true)])).toHaveLength(2);
    expect(reached(own(true), [twin(true, "production")])).toEqual([]);
    const intruder = withExtra(onTag("StringEquals", "Development"));
    expect(
      reached({ ...intruder, sharedTag: true }, [environment("development", "hardened", { sharedTag: true })]),
    ).toHaveLength(1);
  });

  it("needs an account in common", () => {
    const targets = [{ account: "444455556666", region: "ap-southeast-1" }];
    const elsewhere = environment("development", "hardened", { targets, tag: { key: "project", value: "Production" } });
    expect(reached(environment("production"), [elsewhere])).toEqual([]);
  });

  it("of a policy that is not understood is not claimed: it is refused before", () => {
    const broken = prepareEnvironment({ ...environment("production"), policy: { Statement: 1 } });
    expect(reached(broken)).toEqual([]);
    expect(reached({ ...broken, reach: reachActions.filter(({ scope }) => scope === "node") })).toEqual([]);
  });
});
