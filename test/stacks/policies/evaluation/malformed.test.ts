import { allow, ask, problemsOf, understood } from "./ask.ts";

const statement = (rest: object) => ({ Version: "2012-10-17", Statement: [allow(rest)] });
const condition = (Condition: unknown) => statement({ Condition });
const key = (operator: string, value: unknown) => condition({ [operator]: { "a:K": value } });

const refused: [what: string, document: unknown, code: string, pointer: string][] = [
  ["text", "{}", "malformed_policy", ""],
  ["null", null, "malformed_policy", ""],
  ["a list", [], "malformed_policy", ""],
  ["no statement", { Version: "2012-10-17" }, "malformed_policy", "/Statement"],
  ["an unknown version", { Version: "2020-01-01", Statement: [] }, "malformed_policy", "/Version"],
  ["an unknown element", { Version: "2012-10-17", Statement: [], Principal: "*" }, "malformed_policy", "/Principal"],
  ["a statement of text", { Statement: ["x"] }, "malformed_policy", "/Statement/0"],
  ["no effect", statement({ Effect: undefined }), "malformed_policy", "/Statement/0/Effect"],
  ["an effect in another case", statement({ Effect: "allow" }), "malformed_policy", "/Statement/0/Effect"],
  ["a principal", statement({ Principal: "*" }), "malformed_policy", "/Statement/0/Principal"],
  ["a misspelt element", statement({ Actions: "*" }), "malformed_policy", "/Statement/0/Actions"],
  ["a Sid that is no text", statement({ Sid: 7 }), "malformed_policy", "/Statement/0/Sid"],
  ["no action", statement({ Action: undefined }), "malformed_policy", "/Statement/0"],
  ["Action and NotAction", statement({ NotAction: "x:Y" }), "malformed_policy", "/Statement/0"],
  ["no resource", statement({ Resource: undefined }), "malformed_policy", "/Statement/0"],
  ["Resource and NotResource", statement({ NotResource: "*" }), "malformed_policy", "/Statement/0"],
  ["an empty list of actions", statement({ Action: [] }), "malformed_policy", "/Statement/0/Action"],
  ["an action that is no text", statement({ Action: 7 }), "malformed_policy", "/Statement/0/Action"],
  ["an action without service", statement({ Action: "StartSession" }), "malformed_value", "/Statement/0/Action"],
  ["a service with a wildcard", statement({ Action: ["x:Y", "ss*:Z"] }), "malformed_value", "/Statement/0/Action/1"],
  ["an action with a variable", statement({ Action: "x:${aws:a}" }), "malformed_value", "/Statement/0/Action"],
  ["a resource that is no ARN", statement({ Resource: "bucket" }), "malformed_value", "/Statement/0/Resource"],
  ["a wildcard that is no ARN", statement({ Resource: "a*" }), "malformed_value", "/Statement/0/Resource"],
  [
    "a service with a wildcard in an ARN",
    statement({ Resource: "arn:aws:*:::x" }),
    "malformed_value",
    "/Statement/0/Resource",
  ],
  [
    "a variable as account",
    statement({ Resource: ["arn:aws:s3::${aws:a}:x"] }),
    "unknown_variable",
    "/Statement/0/Resource/0",
  ],
  ["an empty variable", statement({ Resource: "arn:aws:s3:::${}" }), "unknown_variable", "/Statement/0/Resource"],
  ["an open variable", statement({ Resource: "arn:aws:s3:::${aws:a" }), "unknown_variable", "/Statement/0/Resource"],
  [
    "a variable without prefix",
    statement({ Resource: "arn:aws:s3:::${user}" }),
    "unknown_variable",
    "/Statement/0/Resource",
  ],
  [
    "a default without quotes",
    statement({ Resource: "arn:aws:s3:::${aws:a, b}" }),
    "unknown_variable",
    "/Statement/0/Resource",
  ],
  [
    "a variable in a default",
    statement({ Resource: "arn:aws:s3:::${aws:a, '${aws:b}'}" }),
    "unknown_variable",
    "/Statement/0/Resource",
  ],
  [
    "spaces around a name",
    statement({ Resource: "arn:aws:s3:::${ aws:a }" }),
    "unknown_variable",
    "/Statement/0/Resource",
  ],
  [
    "an unknown variable in a condition",
    key("StringEquals", "${x}"),
    "unknown_variable",
    "/Statement/0/Condition/StringEquals/a:K",
  ],
  [
    "an unknown variable in an ARN",
    key("ArnLike", "arn:aws:iam::${x}:role/y"),
    "unknown_variable",
    "/Statement/0/Condition/ArnLike/a:K",
  ],
  ["a condition that is text", condition("x"), "malformed_policy", "/Statement/0/Condition"],
  ["an unknown operator", key("StringMatches", "x"), "unknown_operator", "/Statement/0/Condition/StringMatches"],
  [
    "an unknown set operator",
    key("ForSomeValues:StringEquals", "x"),
    "unknown_operator",
    "/Statement/0/Condition/ForSomeValues:StringEquals",
  ],
  ["Null with IfExists", key("NullIfExists", "true"), "unknown_operator", "/Statement/0/Condition/NullIfExists"],
  ["a set operator alone", key("ForAllValues:", "x"), "unknown_operator", "/Statement/0/Condition/ForAllValues:"],
  [
    "an operator without keys",
    condition({ StringEquals: "x" }),
    "malformed_policy",
    "/Statement/0/Condition/StringEquals",
  ],
  [
    "a key without prefix",
    condition({ StringEquals: { key: "x" } }),
    "malformed_policy",
    "/Statement/0/Condition/StringEquals/key",
  ],
  [
    "a key twice, in different case",
    condition({ StringEquals: { "a:K": "x", "A:k": "y" } }),
    "malformed_policy",
    "/Statement/0/Condition/StringEquals/A:k",
  ],
  ["no value", key("StringEquals", []), "malformed_policy", "/Statement/0/Condition/StringEquals/a:K"],
  ["an object as value", key("StringEquals", { a: 1 }), "malformed_policy", "/Statement/0/Condition/StringEquals/a:K"],
  [
    "null among values",
    key("StringEquals", ["a", null]),
    "malformed_policy",
    "/Statement/0/Condition/StringEquals/a:K/1",
  ],
  ["a text as number", key("NumericEquals", "ten"), "malformed_value", "/Statement/0/Condition/NumericEquals/a:K"],
  [
    "a variable as number",
    key("NumericEquals", "${aws:a}"),
    "malformed_value",
    "/Statement/0/Condition/NumericEquals/a:K",
  ],
  ["a text as date", key("DateLessThan", "tomorrow"), "malformed_value", "/Statement/0/Condition/DateLessThan/a:K"],
  [
    "a date without zone",
    key("DateLessThan", "2024-01-01T00:00:00"),
    "malformed_value",
    "/Statement/0/Condition/DateLessThan/a:K",
  ],
  [
    "a date that is none",
    key("DateLessThan", "2024-02-30"),
    "malformed_value",
    "/Statement/0/Condition/DateLessThan/a:K",
  ],
  ["a text as boolean", key("Bool", "yes"), "malformed_value", "/Statement/0/Condition/Bool/a:K"],
  [
    "a word that objects know as boolean",
    key("Bool", "constructor"),
    "malformed_value",
    "/Statement/0/Condition/Bool/a:K",
  ],
  [
    "a word that objects know as presence",
    key("Null", "__proto__"),
    "malformed_value",
    "/Statement/0/Condition/Null/a:K",
  ],
  [
    "a number with an exponent",
    key("NumericEquals", "1e3"),
    "malformed_value",
    "/Statement/0/Condition/NumericEquals/a:K",
  ],
  [
    "a set operator with Null",
    key("ForAnyValue:Null", "true"),
    "unknown_operator",
    "/Statement/0/Condition/ForAnyValue:Null",
  ],
  ["a text as presence", key("Null", "maybe"), "malformed_value", "/Statement/0/Condition/Null/a:K"],
  ["a text as base64", key("BinaryEquals", "?"), "malformed_value", "/Statement/0/Condition/BinaryEquals/a:K"],
  ["a name as address", key("IpAddress", "example.com"), "malformed_value", "/Statement/0/Condition/IpAddress/a:K"],
  [
    "a prefix that is too long",
    key("IpAddress", "10.0.0.0/33"),
    "malformed_value",
    "/Statement/0/Condition/IpAddress/a:K",
  ],
  ["a range without start", key("IpAddress", "/8"), "malformed_value", "/Statement/0/Condition/IpAddress/a:K"],
  ["a text as ARN", key("ArnLike", "*"), "malformed_value", "/Statement/0/Condition/ArnLike/a:K"],
  [
    "an ARN of five segments",
    key("ArnLike", "arn:aws:sns:*:topic"),
    "malformed_value",
    "/Statement/0/Condition/ArnLike/a:K",
  ],
];

describe("a policy that is not understood", () => {
  it.each(refused)("with %s is refused whole: %j is %s at %s", (_, document, code, pointer) => {
    const problem = problemsOf(document).find((candidate) => candidate.code === code && candidate.pointer === pointer);
    expect(problem).toMatchObject({
      policy: "policy",
      message: expect.stringMatching(/^(?:must|is no|differs)/) as string,
    });
  });

  it("tells everything that is wrong at once, at its place", () => {
    const document = { Version: "1", Statement: [allow({ Action: "x", Resource: "y" }), { Effect: "No" }] };
    expect(problemsOf(document).map(({ pointer }) => pointer)).toEqual([
      "/Version",
      "/Statement/0/Action",
      "/Statement/0/Resource",
      "/Statement/1/Effect",
      "/Statement/1",
      "/Statement/1",
    ]);
  });

  it("escapes pointers as RFC 6901 does", () => {
    const document = condition({ NumericEquals: { "a:b/c~d": "x" } });
    expect(problemsOf(document)[0]?.pointer).toBe("/Statement/0/Condition/NumericEquals/a:b~1c~0d");
  });
});

describe("a policy that is understood", () => {
  it.each([
    ["one statement that is no list", { Version: "2012-10-17", Statement: allow() }],
    ["an id", { Id: "x", Statement: [allow()] }],
    ["no statements", { Statement: [] }],
    ["an empty condition", statement({ Condition: {} })],
    ["an operator with no keys", condition({ StringEquals: {} })],
    ["numbers and booleans without quotes", key("StringEquals", [1, true, "x"])],
  ])("may have %s", (_, document) => {
    expect(understood(document).statements.length).toBeLessThan(2);
  });

  it("points at the only statement without a number", () => {
    expect(problemsOf({ Statement: allow({ Action: "x" }) })[0]?.pointer).toBe("/Statement/Action");
  });

  it("keeps order, place and Sid of its statements", () => {
    const { statements } = understood({ Statement: [allow({ Sid: "First" }), allow()] });
    expect(statements.map(({ sid, index }) => [sid, index])).toEqual([
      ["First", 0],
      [null, 1],
    ]);
    expect(ask([allow()]).decision).toBe("allow");
  });
});
