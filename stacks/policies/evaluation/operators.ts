import {
  compareInstants,
  compareNumbers,
  type Compile,
  equalBoolean,
  equalBytes,
  equalText,
  equalTextIgnoringCase,
  likeArn,
  likeText,
  withinRange,
} from "./comparisons.ts";

/** How a condition operator compares: `negated` operators hold when no value of the policy fits. */
interface Family {
  compile: Compile;
  negated: boolean;
}

/** `single`: no set operator; `all`: `ForAllValues`; `any`: `ForAnyValue`. */
export type Quantifier = "single" | "all" | "any";

/** `Null` looks at the key's presence alone; every other compares values. */
export type Operator =
  | { presence: true }
  | { presence: false; compile: Compile; negated: boolean; quantifier: Quantifier; ifExists: boolean };

const asIs = (compile: Compile): Family => ({ compile, negated: false });
const negated = (compile: Compile): Family => ({ compile, negated: true });

/** Of the sign of a comparison. */
type Order = (sign: number) => boolean;
const equal: Order = (sign) => sign === 0;
const less: Order = (sign) => sign < 0;
const lessOrEqual: Order = (sign) => sign <= 0;
const greater: Order = (sign) => sign > 0;
const greaterOrEqual: Order = (sign) => sign >= 0;

/** Every operator of the reference, in lower case. Source: IAM User Guide, "IAM JSON policy elements: Condition operators". */
const families = new Map<string, Family>([
  ["stringequals", asIs(equalText)],
  ["stringnotequals", negated(equalText)],
  ["stringequalsignorecase", asIs(equalTextIgnoringCase)],
  ["stringnotequalsignorecase", negated(equalTextIgnoringCase)],
  ["stringlike", asIs(likeText)],
  ["stringnotlike", negated(likeText)],
  ["arnequals", asIs(likeArn)],
  ["arnlike", asIs(likeArn)],
  ["arnnotequals", negated(likeArn)],
  ["arnnotlike", negated(likeArn)],
  ["numericequals", asIs(compareNumbers(equal))],
  ["numericnotequals", negated(compareNumbers(equal))],
  ["numericlessthan", asIs(compareNumbers(less))],
  ["numericlessthanequals", asIs(compareNumbers(lessOrEqual))],
  ["numericgreaterthan", asIs(compareNumbers(greater))],
  ["numericgreaterthanequals", asIs(compareNumbers(greaterOrEqual))],
  ["dateequals", asIs(compareInstants(equal))],
  ["datenotequals", negated(compareInstants(equal))],
  ["datelessthan", asIs(compareInstants(less))],
  ["datelessthanequals", asIs(compareInstants(lessOrEqual))],
  ["dategreaterthan", asIs(compareInstants(greater))],
  ["dategreaterthanequals", asIs(compareInstants(greaterOrEqual))],
  ["bool", asIs(equalBoolean)],
  ["binaryequals", asIs(equalBytes)],
  ["ipaddress", asIs(withinRange)],
  ["notipaddress", negated(withinRange)],
]);

const quantifiers: readonly [prefix: string, quantifier: Quantifier][] = [
  ["forallvalues:", "all"],
  ["foranyvalue:", "any"],
  ["", "single"],
];

/** Every name that an operator may go by, in lower case. */
const operators = new Map<string, Operator>([
  ["null", { presence: true }],
  ...quantifiers.flatMap(([prefix, quantifier]) =>
    [...families].flatMap(([base, family]) =>
      [false, true].map((ifExists): [string, Operator] => [
        `${prefix}${base}${ifExists ? "ifexists" : ""}`,
        { presence: false, ...family, quantifier, ifExists },
      ]),
    ),
  ),
]);

/** The operator of that name (case aside), or `null`: there is none, and what it would mean nobody can tell. */
export const operatorOf = (name: string): Operator | null => operators.get(name.toLowerCase()) ?? null;
