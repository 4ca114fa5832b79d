import { actionCases, resourceCases, variableCases } from "../../fixtures/evaluation/pattern-cases.ts";
import { sources } from "../../fixtures/evaluation/sources.ts";
import { allow, ask } from "./ask.ts";

const decision = (covered: boolean): string => (covered ? "allow" : "implicit_deny");

describe("actions", () => {
  it.each(actionCases)("%s (%s): %s, asked %s: %s", (_, __, pattern, action, covered) => {
    expect(ask([allow({ Action: pattern })], { action }).decision).toBe(decision(covered));
    expect(ask([allow({ Action: ["x:Y", pattern] })], { action }).decision).toBe(decision(covered));
  });

  it.each(actionCases)(
    `${sources.notAction}: the opposite of %s (%s): %s, asked %s: %s`,
    (_, __, pattern, action, covered) => {
      expect(ask([allow({ Action: undefined, NotAction: pattern })], { action }).decision).toBe(decision(!covered));
      expect(ask([allow({ Action: undefined, NotAction: ["x:Y", pattern] })], { action }).decision).toBe(
        decision(!covered),
      );
    },
  );
});

describe("resources", () => {
  it.each(resourceCases)("%s (%s): %s, asked %s: %s", (_, __, pattern, resource, covered) => {
    expect(ask([allow({ Resource: pattern })], { resource }).decision).toBe(decision(covered));
    expect(ask([allow({ Resource: ["arn:aws:x:::y", pattern] })], { resource }).decision).toBe(decision(covered));
  });

  it.each(resourceCases)(
    `${sources.notResource}: the opposite of %s (%s): %s, asked %s: %s`,
    (_, __, pattern, resource, covered) => {
      const statement = allow({ Resource: undefined, NotResource: [pattern, "arn:aws:x:::y"] });
      expect(ask([statement], { resource }).decision).toBe(decision(!covered));
    },
  );
});

describe("variables", () => {
  it.each(variableCases)("%s (%s): %s, given %j, asked %s: %s", (_, __, Resource, context, resource, expected) => {
    expect(ask([allow({ Resource })], { context, resource }).decision).toBe(expected);
  });

  it.each([
    ["equals its value", "StringEquals", "${aws:userid}", { "a:K": "AROA:ann", "aws:userid": "AROA:ann" }, "allow"],
    [
      "differs from its value",
      "StringEquals",
      "${aws:userid}",
      { "a:K": "AROA:anna", "aws:userid": "AROA:ann" },
      "implicit_deny",
    ],
    ["no value equals nothing", "StringEquals", "${aws:userid}", { "a:K": "x" }, "implicit_deny"],
    ["no value resembles nothing", "StringLike", "*${aws:userid}*", { "a:K": "x" }, "implicit_deny"],
    ["negated operators match no value", "StringNotEquals", "${aws:userid}", { "a:K": "x" }, "allow"],
    ["negated operators match no value", "StringNotLike", "${aws:userid}", { "a:K": "x" }, "allow"],
    ["with a default", "StringEquals", "${aws:PrincipalTag/team, 'none'}", { "a:K": "none" }, "allow"],
    ["ignoring case", "StringEqualsIgnoreCase", "${aws:userid}", { "a:K": "ANN", "aws:userid": "ann" }, "allow"],
    ["a wildcard beside it", "StringLike", "${aws:userid}-*", { "a:K": "ann-1", "aws:userid": "ann" }, "allow"],
    [
      "a wildcard in its value is text",
      "StringLike",
      "${aws:userid}",
      { "a:K": "ann", "aws:userid": "a*" },
      "implicit_deny",
    ],
    ["a quoted asterisk under equality", "StringEquals", "a${*}", { "a:K": "a*" }, "allow"],
    [
      "a whole ARN",
      "ArnEquals",
      "${aws:PrincipalArn}",
      { "a:K": "arn:aws:iam::1:role/x", "aws:PrincipalArn": "arn:aws:iam::1:role/x" },
      "allow",
    ],
    [
      "part of an ARN",
      "ArnLike",
      "arn:aws:iam::${aws:PrincipalAccount}:role/*",
      { "a:K": "arn:aws:iam::1:role/x", "aws:PrincipalAccount": "1" },
      "allow",
    ],
    ["no ARN", "ArnLike", "${aws:userid}", { "a:K": "arn:aws:iam::1:role/x", "aws:userid": "ann" }, "implicit_deny"],
  ])(`${sources.variables}: in conditions, %s (%s %s, %j): %s`, (_, operator, value, context, expected) => {
    const statement = allow({ Condition: { [operator]: { "a:K": value } } });
    expect(ask([statement], { context }).decision).toBe(expected);
  });

  it(`${sources.version}: are plain text in version 2008-10-17, which is the one when none is written`, () => {
    const Resource = "arn:aws:s3:::b/${aws:username}";
    const asked = { context: { "aws:username": "ann" }, resource: "arn:aws:s3:::b/ann" };
    expect(ask([allow({ Resource })], asked, "2008-10-17").decision).toBe("implicit_deny");
    expect(ask([allow({ Resource })], { ...asked, resource: Resource }, "2008-10-17").decision).toBe("allow");
    const Condition = { StringEquals: { "a:K": "${aws:username}" } };
    expect(ask([allow({ Condition })], { context: { "a:K": "${aws:username}" } }, "2008-10-17").decision).toBe("allow");
  });

  it("cannot be decided when nobody can tell the value, unless another variable has none", () => {
    const unknown = ["aws:principaltag/team"];
    const resource = "arn:aws:s3:::b/x";
    const known = (Resource: string) => ask([allow({ Resource })], { unknown, resource });
    expect(known("arn:aws:s3:::b/${aws:PrincipalTag/team}")).toMatchObject({
      decision: "undecided",
      problems: [{ code: "undecided_resource", pointer: "/Statement/0" }],
    });
    expect(known("arn:aws:s3:::b/${aws:PrincipalTag/team}${aws:username}").decision).toBe("implicit_deny");
    expect(known("arn:aws:s3:::b/${aws:username}${aws:PrincipalTag/team}").decision).toBe("implicit_deny");
  });
});
