import { z } from "zod";
import { choice, dictionary, fields, text } from "./fields.ts";

/**
 * Statements that a caller adds to the inline policy: plain IAM JSON, without the elements that a permission set cannot hold
 * (`Principal`). Every string stays in Latin-1, since the whole policy must (IAM Identity Center API Reference,
 * PutInlinePolicyToPermissionSet). The size of the whole policy is counted when it is made.
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language".
 */
const latin = /^[\u0020-\u007e\u00a0-\u00ff]+$/;

/** One string, or a list of them that is not empty. */
const oneOrMany = (rule: { allowed: string; pattern: RegExp }) => {
  const one = text({ ...rule, max: 2048 });
  const error = (complaint: { input?: unknown }) =>
    complaint.input === undefined
      ? `is required: ${rule.allowed}`
      : `must be ${rule.allowed}, or a list of 1 to 100 of them`;
  return z.union([one, z.array(one, { error }).min(1, { error }).max(100, { error })], { error });
};

const actions = () =>
  oneOrMany({
    allowed: 'an action such as "ssm:DescribeParameters", with * and ? as wildcards',
    pattern: /^(?:\*|\*:\*|[A-Za-z0-9-]{1,64}:[A-Za-z0-9*?]{1,128})$/,
  });

const resources = () =>
  oneOrMany({
    allowed: 'a resource ARN (arn:partition:service:region:account:resource), or "*"',
    pattern: /^(?:\*|arn:[\u0020-\u007e\u00a0-\u00ff]+)$/,
  });

const comparisons = [
  ...[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
  ],
  ...[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
  ],
  ...["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
  ...["Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
];

/** Operators of conditions. Source: IAM User Guide, "IAM JSON policy elements: Condition operators". */
const operator = text({
  allowed: "a condition operator of IAM",
  max: 64,
  pattern: new RegExp(`^(?:(?:ForAllValues:|ForAnyValue:)?(?:${comparisons.join("|")})(?:IfExists)?|Null)$`),
});

/** Keys of web identity providers begin with a host name, or a host name and a path. */
const conditionKey = text({
  allowed: "a condition key",
  max: 512,
  pattern: /^[A-Za-z0-9._/-]+:[\u0020-\u007e\u00a0-\u00ff]+$/,
});
const conditionValue = oneOrMany({
  allowed: "a Latin-1 string (numbers and truth values in quotes too)",
  pattern: latin,
});

/** One statement. Exactly one of `Action` and `NotAction`, and of `Resource` and `NotResource`, which is checked with the document. */
export const extraStatement = fields({
  Sid: text({ allowed: "1 to 64 ASCII letters and digits", max: 64, pattern: /^[A-Za-z0-9]+$/ })
    .optional()
    .describe("Name of the statement, unique among these."),
  Effect: choice(["Allow", "Deny"]).describe("Allow or Deny."),
  Action: actions().optional().describe("Actions that it covers."),
  NotAction: actions().optional().describe("Actions that it does not cover."),
  Resource: resources().optional().describe("Resources that it covers."),
  NotResource: resources().optional().describe("Resources that it does not cover."),
  Condition: dictionary(
    operator,
    dictionary(conditionKey, conditionValue, 'an object of condition keys, such as "aws:SourceIp", with strings'),
    'an object of IAM condition operators, such as "StringEquals", with an object of condition keys each',
  )
    .optional()
    .describe("Conditions, as in IAM."),
});
