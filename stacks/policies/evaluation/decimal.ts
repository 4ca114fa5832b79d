/** A number of a policy or a request, exactly: `digits` over ten to the power of `places`. */
export interface Decimal {
  digits: bigint;
  places: number;
}

/**
 * An integer or a decimal number, however long: as a floating point number, 9007199254740993 would equal 9007199254740992.
 * `null`: neither. Exponents are not among the forms that AWS documents.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Numeric condition operators".
 */
export const decimalOf = (text: string): Decimal | null => {
  const [, sign = "", whole, fraction = ""] = /^([+-]?)(\d{1,400})(?:\.(\d{1,400}))?$/u.exec(text) ?? [];
  if (whole === undefined) return null;
  const digits = BigInt(`${whole}${fraction}`);
  return { digits: sign === "-" ? -digits : digits, places: fraction.length };
};

const scaled = ({ digits, places }: Decimal, to: number): bigint => digits * 10n ** BigInt(to - places);

/** Negative, zero or positive, as for sorting. */
export const compareDecimals = (left: Decimal, right: Decimal): number => {
  const places = Math.max(left.places, right.places);
  const [one, other] = [scaled(left, places), scaled(right, places)];
  return one === other ? 0 : one < other ? -1 : 1;
};
