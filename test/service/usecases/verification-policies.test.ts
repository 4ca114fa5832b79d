import { policyDifferences } from "../../../service/usecases/access/policy-differences.ts";

const statement = (Sid: string, more: object = {}) => ({
  Sid,
  Effect: "Allow",
  Action: ["a:B", "a:C"],
  Resource: "*",
  ...more,
});
const policy = (...statements: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const approved = policy(statement("One"), statement("Two", { Condition: { StringEquals: { "aws:k": ["x", "y"] } } }));

describe("an inline policy against the approved one", () => {
  it.each<[string, string, string[]]>([
    ["the same", approved, []],
    [
      "written otherwise",
      JSON.stringify({
        Statement: [
          statement("Two", { Condition: { StringEquals: { "aws:k": ["y", "x"] } } }),
          statement("One", { Resource: ["*"], Action: ["a:C", "a:B"] }),
        ],
        Version: "2012-10-17",
      }),
      [],
    ],
    ["a statement less", policy(statement("One")), ["Two is missing"]],
    ["a condition less", policy(statement("One"), statement("Two")), ["Two is another"]],
    [
      "a value in another case",
      policy(statement("One"), statement("Two", { Condition: { StringEquals: { "aws:k": ["X", "y"] } } })),
      ["Two is another"],
    ],
    [
      "a statement more",
      policy(
        statement("One"),
        statement("Two", { Condition: { StringEquals: { "aws:k": ["x", "y"] } } }),
        statement("Three"),
      ),
      ["Three was added"],
    ],
    [
      "one statement without a list",
      JSON.stringify({ Version: "2012-10-17", Statement: statement("One") }),
      ["Two is missing"],
    ],
    ["no policy", "{}", ["the text is no policy"]],
    ["no JSON", "{", ["the text is no policy"]],
  ])("%s", (_what, found, differences) => {
    expect(policyDifferences(approved, found)).toEqual(differences);
  });

  it("knows statements without a name by what they say, wherever they stand", () => {
    const unnamed = (Action: string) => ({ Effect: "Allow", Action, Resource: "*" });
    const both = policy(unnamed("a:B"), unnamed("a:C"));
    expect(policyDifferences(both, policy(unnamed("a:C"), unnamed("a:B")))).toEqual([]);
    expect(policyDifferences(both, policy(unnamed("a:C"), unnamed("a:D")))).toEqual([
      "statement 2 was added",
      "statement 1 is missing",
    ]);
    expect(policyDifferences(policy(unnamed("a:B"), unnamed("a:B")), policy(unnamed("a:B")))).toEqual([
      "statement 2 is missing",
    ]);
  });

  it("is another under another version of the language", () => {
    expect(policyDifferences(approved, approved.replace("2012-10-17", "2008-10-17"))).toEqual([
      "what stands beside the statements is another",
    ]);
  });
});
