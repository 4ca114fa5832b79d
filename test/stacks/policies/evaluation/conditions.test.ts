import { conditionCases, operatorExamples } from "../../fixtures/evaluation/condition-cases.ts";
import { sources } from "../../fixtures/evaluation/sources.ts";
import { allow, ask } from "./ask.ts";

describe("a condition", () => {
  it.each(
    conditionCases.map(([source, rule, operator, policy, given, expected]) => {
      const shown = `${sources[source]} (${rule}): ${operator} ${JSON.stringify(policy)}, given ${JSON.stringify(given)}`;
      return { shown, operator, policy, given, expected };
    }),
  )("$shown: $expected", ({ operator, policy, given, expected }) => {
    const statement = allow({ Condition: { [operator]: { "test:Key": policy } } });
    const context = given === undefined ? {} : { "test:Key": given };
    expect(ask([statement], { context }).decision).toBe(expected);
  });

  it("covers every operator of the reference in the table of examples", () => {
    expect(new Set(operatorExamples.map(([operator]) => operator)).size).toBe(26);
    expect(conditionCases.length).toBeGreaterThan(300);
  });

  const block = { StringEquals: { "a:One": "1", "a:Two": "2" }, Bool: { "a:Three": "true" } };
  it.each([
    ["all keys and operators must hold", { "a:One": "1", "a:Two": "2", "a:Three": "true" }, "allow"],
    ["one key fails", { "a:One": "1", "a:Two": "x", "a:Three": "true" }, "implicit_deny"],
    ["one operator fails", { "a:One": "1", "a:Two": "2", "a:Three": "false" }, "implicit_deny"],
    ["one failure outweighs what cannot be decided", { "a:One": ["1", "2"], "a:Two": "x" }, "implicit_deny"],
    ["one is undecided", { "a:One": ["1", "2"], "a:Two": "2", "a:Three": "true" }, "undecided"],
  ])(`${sources.logic}: %s`, (_, context, expected) => {
    expect(ask([allow({ Condition: block })], { context }).decision).toBe(expected);
  });

  it.each([
    ["aws:ResourceTag/project", "aws:resourcetag/PROJECT"],
    ["ssm:resourceTag/Project", "SSM:RESOURCETAG/project"],
    ["aws:SourceIp", "AWS:sourceip"],
    ["token.actions.githubusercontent.com:sub", "Token.Actions.GitHubUserContent.com:sub"],
    ["oidc.eks.eu-west-1.amazonaws.com/id/0A1B:aud", "oidc.eks.eu-west-1.amazonaws.com/id/0a1b:aud"],
  ])(`${sources.condition}: key names are compared without case (%s, %s)`, (written, given) => {
    const statement = allow({ Condition: { StringEquals: { [written]: "v" } } });
    expect(ask([statement], { context: { [given]: "v" } }).decision).toBe("allow");
    expect(ask([statement], { context: { [given]: "V" } }).decision).toBe("implicit_deny");
  });

  it("cannot be decided on a tag that a resource carries twice, in different case", () => {
    const statement = allow({ Condition: { StringEquals: { "aws:ResourceTag/project": "a" } } });
    const context = { "aws:ResourceTag/project": "a", "aws:ResourceTag/Project": "b" };
    expect(ask([statement], { context })).toMatchObject({
      decision: "undecided",
      problems: [
        { code: "undecided_condition", pointer: "/Statement/0/Condition/StringEquals/aws:ResourceTag~1project" },
      ],
    });
  });

  it.each(["StringEquals", "StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null"])(
    "cannot be decided on a key whose value nobody can tell (%s)",
    (operator) => {
      const statement = allow({ Condition: { [operator]: { "aws:SourceIp": "true" } } });
      expect(ask([statement], { unknown: ["aws:sourceip"] }).decision).toBe("undecided");
    },
  );

  it("takes operator names without case", () => {
    const statement = allow({ Condition: { "forAnyValue:stringequalsifexists": { "a:Key": "x" } } });
    expect(ask([statement], { context: { "a:Key": ["x", "y"] } }).decision).toBe("allow");
  });
});
