import fc from "../../../support/properties.ts";
import type { Evaluation } from "../../../../stacks/policies/evaluation/evaluate.ts";
import { conditionCases, operatorExamples } from "../../fixtures/evaluation/condition-cases.ts";
import { allow, ask, type Asked } from "./ask.ts";

const text = fc.constantFrom("a", "b", "ab", "*", "a*", "?", "${aws:userid}", "${aws:userid, 'a'}");
const actions = fc.constantFrom("*", "ssm:*", "ssm:StartSession", "ssm:S*", "ec2:*", "ssm:?endCommand");
const resources = fc.constantFrom(
  "*",
  "arn:aws:ec2:*:*:instance/*",
  "arn:aws:ec2:*:1:*",
  "arn:aws:ssm:*",
  "arn:aws:ec2:r:1:instance/${aws:userid}",
);
const operators = fc.constantFrom("StringEquals", "StringNotEquals", "StringLike", "StringNotLike");
const qualified = fc
  .tuple(fc.constantFrom("", "ForAllValues:", "ForAnyValue:"), operators, fc.constantFrom("", "IfExists"))
  .map((parts) => parts.join(""));
const keys = fc.constantFrom("ssm:resourceTag/project", "aws:SourceIp", "aws:userid", "aws:TagKeys");
const conditions = fc.dictionary(
  qualified,
  fc.dictionary(keys, fc.uniqueArray(text, { minLength: 1, maxLength: 3 }), { maxKeys: 2 }),
  {
    maxKeys: 2,
  },
);

const statements = (effect: fc.Arbitrary<string>) =>
  fc
    .record({
      Effect: effect,
      actions: fc.tuple(
        fc.constantFrom("Action", "NotAction"),
        fc.uniqueArray(actions, { minLength: 1, maxLength: 2 }),
      ),
      resources: fc.tuple(
        fc.constantFrom("Resource", "NotResource"),
        fc.uniqueArray(resources, { minLength: 1, maxLength: 2 }),
      ),
      Condition: conditions,
    })
    .map(({ actions: [action, actionList], resources: [resource, resourceList], ...rest }): object => ({
      ...rest,
      [action]: actionList,
      [resource]: resourceList,
    }));

const anyStatement = statements(fc.constantFrom("Allow", "Deny"));
const policies = fc.array(anyStatement, { maxLength: 5 });
const requests: fc.Arbitrary<Asked> = fc.record({
  action: fc.constantFrom("ssm:StartSession", "ssm:SendCommand", "ec2:CreateTags"),
  resource: fc.constantFrom("*", "arn:aws:ec2:r:1:instance/a", "arn:aws:ssm:r:2:document/b"),
  context: fc.dictionary(
    fc.constantFrom("ssm:resourceTag/project", "aws:userid", "aws:TagKeys"),
    fc.uniqueArray(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 2 }),
  ),
  unknown: fc.constant(["aws:sourceip"]),
});

/** How much is granted: undecided stands between. */
const grant = ({ decision }: Evaluation): number =>
  ({ explicit_deny: 0, implicit_deny: 0, undecided: 1, allow: 2 })[decision];

describe("any policy", () => {
  it("is never widened by another Deny", () => {
    fc.assert(
      fc.property(policies, statements(fc.constant("Deny")), requests, (policy, more, asked) => {
        expect(grant(ask([...policy, more], asked))).toBeLessThanOrEqual(grant(ask(policy, asked)));
      }),
      { numRuns: 1000 },
    );
  });

  it("is never narrowed by another Allow", () => {
    fc.assert(
      fc.property(policies, statements(fc.constant("Allow")), requests, (policy, more, asked) => {
        expect(grant(ask([...policy, more], asked))).toBeGreaterThanOrEqual(grant(ask(policy, asked)));
      }),
      { numRuns: 1000 },
    );
  });

  it("does not depend on the order of its statements", () => {
    fc.assert(
      fc.property(policies, fc.infiniteStream(fc.nat()), requests, (policy, order, asked) => {
        const shuffled = policy
          .map((statement) => ({ statement, place: order.next().value ?? 0 }))
          .sort((left, right) => left.place - right.place)
          .map(({ statement }) => statement);
        expect(ask(shuffled, asked).decision).toBe(ask(policy, asked).decision);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives what its first statement gives when it is written twice", () => {
    fc.assert(
      fc.property(anyStatement, requests, (statement, asked) => {
        expect(ask([statement, statement], asked).decision).toBe(ask([statement], asked).decision);
      }),
    );
  });

  it("allows exactly what the opposite elements do not", () => {
    fc.assert(
      fc.property(fc.uniqueArray(actions, { minLength: 1 }), requests, (list, asked) => {
        const only = grant(ask([allow({ Action: list })], asked));
        expect(grant(ask([allow({ Action: undefined, NotAction: list })], asked))).toBe(2 - only);
      }),
    );
  });

  it("grants no less with more values under an operator, and no more under a negated one", () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1 }), text, requests, (values, more, asked) => {
        const given = (operator: string, list: string[]) =>
          grant(ask([allow({ Condition: { [operator]: { "aws:userid": list } } })], asked));
        expect(given("StringLike", [...values, more])).toBeGreaterThanOrEqual(given("StringLike", values));
        expect(given("StringNotLike", [...values, more])).toBeLessThanOrEqual(given("StringNotLike", values));
      }),
    );
  });
});

describe("any operator", () => {
  it.each(operatorExamples)(
    "%s with IfExists equals the operator when the key is there",
    (operator, policy, fits, differs) => {
      for (const value of [fits, differs]) {
        const decide = (name: string) =>
          ask([allow({ Condition: { [name]: { "a:K": policy } } })], { context: { "a:K": value } });
        expect(decide(`${operator}IfExists`).decision).toBe(decide(operator).decision);
      }
    },
  );

  it("says the same of one value with either set operator as without", () => {
    for (const [, , operator, policy, given] of conditionCases) {
      if (operator.includes("For") || operator === "Null" || typeof given !== "string" || given === "") continue;
      const decide = (name: string) =>
        ask([allow({ Condition: { [name]: { "a:K": policy } } })], { context: { "a:K": given } });
      expect(decide(`ForAnyValue:${operator}`).decision).toBe(decide(operator).decision);
      expect(decide(`ForAllValues:${operator}`).decision).toBe(decide(operator).decision);
    }
  });

  it("with wildcards agrees with a regular expression", () => {
    const letters = fc.array(fc.constantFrom("a", "b", ":", "*", "?"), { maxLength: 8 }).map((list) => list.join(""));
    fc.assert(
      fc.property(letters, fc.array(fc.constantFrom("a", "b", ":"), { maxLength: 10 }), (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "u");
        const decision = ask([allow({ Condition: { StringLike: { "a:K": pattern } } })], {
          context: { "a:K": value.join("") },
        });
        expect(decision.decision).toBe(expression.test(value.join("")) ? "allow" : "implicit_deny");
      }),
      { numRuns: 1000 },
    );
  });
});
