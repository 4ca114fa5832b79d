import { requestContext } from "../../../../stacks/policies/evaluation/context.ts";
import { evaluate } from "../../../../stacks/policies/evaluation/evaluate.ts";
import { sources } from "../../fixtures/evaluation/sources.ts";
import { allow, ask, deny, understood } from "./ask.ts";

const onKey = (value: string) => ({ Condition: { StringEquals: { "a:K": value } } });
/** Nobody can tell whether it applies. */
const doubtful = { Condition: { StringEquals: { "aws:SourceIp": "x" } } };
const unknown = ["aws:sourceip"];

describe(sources.evaluation, () => {
  it.each([
    ["nothing: implicit deny", [], "implicit_deny"],
    ["an Allow", [allow()], "allow"],
    ["a Deny", [deny()], "explicit_deny"],
    ["a Deny wins over an Allow", [allow(), deny()], "explicit_deny"],
    ["a Deny wins over an Allow, in either order", [deny(), allow()], "explicit_deny"],
    ["an Allow of another action", [allow({ Action: "x:Y" })], "implicit_deny"],
    ["an Allow of another resource", [allow({ Resource: "arn:aws:s3:::b" })], "implicit_deny"],
    ["an Allow under a condition that fails", [allow(onKey("no"))], "implicit_deny"],
    ["a Deny of another action", [allow(), deny({ Action: "x:Y" })], "allow"],
    ["a Deny of another resource", [allow(), deny({ Resource: "arn:aws:s3:::b" })], "allow"],
    ["a Deny under a condition that fails", [allow(), deny(onKey("no"))], "allow"],
    ["a Deny under a condition that holds", [allow(), deny(onKey("yes"))], "explicit_deny"],
    ["a doubtful Allow alone", [allow(doubtful)], "undecided"],
    ["a doubtful Allow beside a certain one", [allow(doubtful), allow()], "allow"],
    ["a doubtful Deny beside an Allow", [allow(), deny(doubtful)], "undecided"],
    ["a doubtful Deny alone denies either way", [deny(doubtful)], "implicit_deny"],
    ["a doubtful Deny beside a certain one", [allow(), deny(doubtful), deny()], "explicit_deny"],
    ["both doubtful", [allow(doubtful), deny(doubtful)], "undecided"],
    [
      "Deny of all actions but one, which is asked",
      [allow(), deny({ Action: undefined, NotAction: "svc:*" })],
      "allow",
    ],
    ["Deny of all actions but others", [allow(), deny({ Action: undefined, NotAction: "x:*" })], "explicit_deny"],
    [
      "Deny of all resources but one",
      [allow(), deny({ Resource: undefined, NotResource: "arn:aws:s3:::b" })],
      "explicit_deny",
    ],
  ])("%s", (_, statements, expected) => {
    expect(ask(statements, { context: { "a:K": "yes" }, unknown }).decision).toBe(expected);
  });

  it("names every statement that decided, by policy, Sid and place", () => {
    const first = understood({ Statement: [allow({ Sid: "A" }), deny({ Sid: "B", Action: "x:*" })] }, "first");
    const second = understood({ Statement: [allow({ Action: "svc:*" })] }, "second");
    const request = { action: "svc:Act", resource: "*", context: requestContext({}) };
    expect(evaluate([first, second], request)).toEqual({
      decision: "allow",
      because: [
        { policy: "first", sid: "A", index: 0, effect: "Allow" },
        { policy: "second", sid: null, index: 0, effect: "Allow" },
      ],
    });
    expect(evaluate([first, second], { ...request, action: "x:Y" })).toEqual({
      decision: "explicit_deny",
      because: [{ policy: "first", sid: "B", index: 1, effect: "Deny" }],
    });
    expect(evaluate([], request)).toEqual({ decision: "implicit_deny", because: [] });
  });

  it("names what cannot be decided, and only where it matters", () => {
    const both = ask([allow(doubtful), deny(doubtful)], { unknown });
    expect("problems" in both && both.problems.map(({ pointer }) => pointer)).toEqual([
      "/Statement/1/Condition/StringEquals/aws:SourceIp",
      "/Statement/0/Condition/StringEquals/aws:SourceIp",
    ]);
    const granted = ask([allow(), allow(doubtful), deny(doubtful)], { unknown });
    expect(granted).toMatchObject({ because: [{ index: 0 }], problems: [{ pointer: expect.stringContaining("/2/") }] });
  });
});
