/** W3C's profile of ISO 8601: year, month, day, or a time with its zone. */
const w3c = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/u;

const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/**
 * A date of a policy or a request in milliseconds: one of W3C's ISO 8601 forms, or seconds since 1970 (four digits alone are a
 * year). `null`: neither.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Date condition operators".
 */
export const instantOf = (text: string): number | null => {
  if (/^(?:\d{1,3}|\d{5,12})(?:\.\d+)?$/u.test(text)) return Number(text) * 1000;
  const [, year, month, day] = w3c.exec(text) ?? [];
  if (year === undefined) return null;
  if (day !== undefined && Number(day) > daysInMonth(Number(year), Number(month))) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
};
