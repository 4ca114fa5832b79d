import type { PreparedEnvironment } from "../../../../stacks/policies/evaluation/access-environment.ts";
import {
  type AccessAnswer,
  type Asker,
  checkAccess,
  type PartialQuestion,
} from "../../../../stacks/policies/evaluation/check-access.ts";
import { prepareEnvironment } from "../../../../stacks/policies/evaluation/access-environment.ts";
import { both, devServer01, environment, prodServer01, server } from "../../fixtures/evaluation/reference.ts";

const user = (userName: string): Asker => ({ userName });
const production: Asker = { environment: "production" };

const start = (
  environments: PreparedEnvironment[],
  asker: Asker,
  node = prodServer01(),
  rest: Partial<PartialQuestion> = {},
): AccessAnswer => checkAccess(environments, asker, { action: "ssm:StartSession", node, ...rest });

describe.each(["whitepaper", "hardened"] as const)("the guide's tests, %s profile", (profile) => {
  describe.each(["ec2", "managed"] as const)("%s", (kind) => {
    it.each([
      ["testuser01", "prod-server01", prodServer01(kind), "allow"],
      ["testuser01", "dev-server01", devServer01(kind), "implicit_deny"],
      ["testuser02", "prod-server01", prodServer01(kind), "implicit_deny"],
      ["testuser02", "dev-server01", devServer01(kind), "allow"],
      ["a stranger", "prod-server01", prodServer01(kind), "implicit_deny"],
    ])("%s on %s: %s", (userName, _, node, expected) => {
      expect(start(both(profile), user(userName), node).decision).toBe(expected);
    });
  });

  it("names the environment and the statements that decided", () => {
    const { because } = start(both(profile), user("testuser01"));
    expect(because[0]).toMatchObject({ environment: "production", policy: "inline", effect: "Allow" });
    expect(because).toHaveLength(profile === "hardened" ? 2 : 1);
  });
});

describe("starting a session", () => {
  it("needs node and document, each allowed apart", () => {
    expect(start(both(), production).because.map(({ sid }) => sid)).toEqual([
      "StartSessionOnTaggedNodes",
      "StartSessionWithDocuments",
    ]);
    expect(start(both(), production, prodServer01(), { document: "AWS-StartSSHSession" }).decision).toBe(
      "implicit_deny",
    );
  });

  it("needs a document by name under the hardened profile, so the console's plain start is refused", () => {
    expect(start(both(), production, prodServer01(), { document: null }).decision).toBe("implicit_deny");
    const granted = environment("production", "hardened", {
      extraStatements: [
        {
          Effect: "Allow",
          Action: "ssm:StartSession",
          Resource: "arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell",
        },
      ],
    });
    expect(start([granted], production, prodServer01(), { document: null }).decision).toBe("implicit_deny");
    expect(start([granted], production, prodServer01(), { document: "SSM-SessionManagerRunShell" }).decision).toBe(
      "allow",
    );
  });

  it("takes a document by ARN, and one of another account is not granted", () => {
    const document = "arn:aws:ssm:ap-southeast-1:111122223333:document/Gatehouse-production";
    expect(start(both(), production, prodServer01(), { document }).decision).toBe("allow");
    const foreign = document.replace("111122223333", "444455556666");
    expect(start(both(), production, prodServer01(), { document: foreign }).decision).toBe("implicit_deny");
    expect(start(both(), production, prodServer01(), { document: "arn:aws" }).decision).toBe("implicit_deny");
  });

  it("answers as in 2021, with warnings, where a policy grants neither document nor data channel", () => {
    const { decision, warnings } = start(both("whitepaper"), production);
    expect(decision).toBe("allow");
    expect(warnings.map(({ code }) => code)).toEqual(["document_not_granted", "data_channel_not_granted"]);
    expect(start(both(), production).warnings).toEqual([]);
  });

  it("warns of nothing that the policy grants", () => {
    const granted = environment("production", "whitepaper", {
      extraStatements: [
        { Effect: "Allow", Action: "ssmmessages:OpenDataChannel", Resource: "*" },
        { Effect: "Allow", Action: "ssm:StartSession", Resource: "arn:aws:ssm:*:*:document/*" },
      ],
    });
    expect(start([granted], production).warnings).toEqual([]);
  });

  it.each([
    ["port-forwarding", "AWS-StartPortForwardingSession", "allow"],
    ["ssh", "AWS-StartSSHSession", "allow"],
    ["port-forwarding", "AWS-StartPortForwardingSessionToRemoteHost", "implicit_deny"],
    ["ssh", "AWS-StartPortForwardingSession", "implicit_deny"],
  ] as const)("with %s: %s is %s", (kind, document, expected) => {
    const only = environment("production", "hardened", { sessionDocuments: [kind] });
    expect(start([only], production, prodServer01(), { document }).decision).toBe(expected);
    expect(only.sessionDocument).toMatch(/^AWS-Start/);
  });

  it("without any document there is none to name, and nothing starts", () => {
    const none = environment("production", "hardened", { sessionDocuments: [] });
    expect(none.sessionDocument).toBeNull();
    expect(start([none], production).decision).toBe("implicit_deny");
  });

  it.each([
    ["another value", server("production")],
    ["no tag", server("", "ec2", { tags: {} })],
    ["another region", server("Production", "ec2", { region: "eu-west-1" })],
    ["an account without assignment", server("Production", "ec2", { account: "444455556666" })],
  ])("is refused on a node with %s", (_, node) => {
    expect(start(both(), production, node).decision).toBe("implicit_deny");
  });

  it("takes tag keys without case, and cannot decide on a node that has the key twice", () => {
    expect(start(both(), production, server("", "ec2", { tags: { Project: "Production" } })).decision).toBe("allow");
    const twice = server("", "ec2", { tags: { project: "Production", Project: "Development" } });
    expect(start(both(), production, twice)).toMatchObject({
      decision: "undecided",
      problems: [{ environment: "production", code: "undecided_condition" }],
    });
  });

  it("is refused on premises when the environment has no on-premises servers", () => {
    const cloudOnly = environment("production", "hardened", { onPremises: null });
    expect(start([cloudOnly], production, prodServer01("managed")).decision).toBe("implicit_deny");
    expect(start([cloudOnly], production).decision).toBe("allow");
  });

  it("speaks of the partition of the node's region", () => {
    const targets = [{ account: "111122223333", region: "cn-north-1" }];
    const china = environment("production", "hardened", { targets });
    expect(start([china], production, server("Production", "ec2", { region: "cn-north-1" })).decision).toBe("allow");
  });
});

describe("sessions", () => {
  const on = (profile: "hardened" | "whitepaper", action: string, asker: Asker, sessionOwner: string | null) => {
    const onPremises = profile === "whitepaper" ? null : {};
    return checkAccess(
      [environment("production", profile, { onPremises, members: ["ann", "anna", "o'hara"] })],
      asker,
      {
        action,
        node: prodServer01(),
        sessionOwner,
      },
    ).decision;
  };

  it.each(["ssm:TerminateSession", "ssm:ResumeSession"])(
    "%s: one's own, by equality, under the hardened profile",
    (action) => {
      expect(on("hardened", action, user("ann"), null)).toBe("allow");
      expect(on("hardened", action, user("ann"), "ann")).toBe("allow");
      expect(on("hardened", action, user("ann"), "anna")).toBe("implicit_deny");
      expect(on("hardened", action, user("anna"), "ann")).toBe("implicit_deny");
      expect(on("hardened", action, production, null)).toBe("allow");
    },
  );

  it("nobody's under the whitepaper profile: a federated user has no aws:username", () => {
    expect(on("whitepaper", "ssm:TerminateSession", user("ann"), "ann")).toBe("implicit_deny");
  });

  it("not one's own, where the user name has a character that Session Manager's tag cannot hold", () => {
    expect(on("hardened", "ssm:TerminateSession", user("o'hara"), null)).toBe("implicit_deny");
  });
});

describe("who asks", () => {
  const ann = (name: "production" | "development") => environment(name, "hardened", { members: ["Ann"] });

  it("a person with two assignments may do what either role may", () => {
    const two = [ann("production"), ann("development")];
    expect(start(two, user("ann"), prodServer01())).toMatchObject({ known: true, decision: "allow" });
    expect(start(two, user("ann"), devServer01()).because[0]?.environment).toBe("development");
  });

  it("a Deny binds its own role only", () => {
    const barred = environment("development", "hardened", {
      members: ["ann"],
      extraStatements: [{ Effect: "Deny", Action: "ssm:StartSession", Resource: "*" }],
    });
    expect(start([ann("production"), barred], user("ann")).decision).toBe("allow");
    expect(start([ann("production"), barred], user("ann"), devServer01())).toMatchObject({
      decision: "explicit_deny",
      because: [{ environment: "development", effect: "Deny" }],
    });
  });

  it.each([user("nobody"), { environment: "nowhere" }])("an unknown one is not known, and denied (%j)", (asker) => {
    expect(start(both(), asker)).toEqual({
      known: false,
      decision: "implicit_deny",
      because: [],
      problems: [],
      warnings: [],
    });
  });

  it("an environment whose policy is not understood is undecided, and says what", () => {
    const broken = prepareEnvironment({ ...environment("production"), policy: { Statement: [{ Effect: "Maybe" }] } });
    expect(broken.reach).toEqual([]);
    expect(start([broken], production)).toMatchObject({
      known: true,
      decision: "undecided",
      problems: expect.arrayContaining([
        expect.objectContaining({ environment: "production", pointer: "/Statement/0/Effect" }),
      ]),
    });
  });

  it("what a request does not tell beforehand cannot be decided", () => {
    const nights = environment("production", "hardened", {
      extraStatements: [
        {
          Effect: "Deny",
          Action: "ssm:StartSession",
          Resource: "*",
          Condition: { DateGreaterThan: { "aws:CurrentTime": "2030-01-01T00:00:00Z" } },
        },
      ],
    });
    expect(start([nights], production)).toMatchObject({ decision: "undecided" });
    const team = environment("production", "hardened", {
      extraStatements: [
        {
          Effect: "Deny",
          Action: "ssm:StartSession",
          Resource: "*",
          Condition: { StringEquals: { "aws:PrincipalTag/team": "red" } },
        },
      ],
    });
    expect(start([team], user("testuser01"))).toMatchObject({ decision: "undecided" });
  });
});

describe("an action that is about no node", () => {
  const reading = (...statements: object[]) =>
    checkAccess(
      [prepareEnvironment({ ...environment("production"), policy: { Version: "2012-10-17", Statement: statements } })],
      production,
      { action: "s3:GetObject", node: prodServer01() },
    );
  const allowed = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
  const bucket = "arn:aws:s3:::handbook/*";

  it.each([
    ["allowed on everything", [allowed], "allow"],
    ["allowed on a resource that the question cannot name", [{ ...allowed, Resource: bucket }], "undecided"],
    ["allowed on all but one", [{ ...allowed, Resource: undefined, NotResource: bucket }], "undecided"],
    ["allowed on nothing", [{ ...allowed, Resource: undefined, NotResource: "*" }], "implicit_deny"],
    ["denied on one resource", [allowed, { ...allowed, Effect: "Deny", Resource: bucket }], "undecided"],
    ["denied on everything", [allowed, { ...allowed, Effect: "Deny" }], "explicit_deny"],
    [
      "unless the object has a tag, which nobody told",
      [{ ...allowed, Condition: { StringNotEquals: { "s3:ExistingObjectTag/class": "secret" } } }],
      "undecided",
    ],
    [
      "denied for a prefix, which nobody told",
      [allowed, { ...allowed, Effect: "Deny", Condition: { StringLike: { "s3:prefix": "x/*" } } }],
      "undecided",
    ],
    [
      "by a name that federated users have not",
      [{ ...allowed, Condition: { StringEquals: { "aws:username": "ann" } } }],
      "implicit_deny",
    ],
    ["another action", [{ ...allowed, Action: "s3:PutObject" }], "implicit_deny"],
  ])("%s", (_, statements, decision) => {
    expect(reading(...statements).decision).toBe(decision);
  });

  it("says that the resource is what it turns on", () => {
    expect(reading({ ...allowed, Resource: bucket }).problems).toMatchObject([
      { code: "undecided_resource", message: expect.stringContaining("does not name") as string },
    ]);
  });
});
