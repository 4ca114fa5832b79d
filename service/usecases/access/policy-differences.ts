/** Where policies and statements differ for IAM: order and the form of lists aside. */
import { z } from "zod";
import { canonical } from "../digest.ts";

/** A policy as it is compared; whatever else stands in a statement counts too. */
const statementsOfPolicy = z.looseObject({
  Statement: z.union([z.array(z.looseObject({})), z.looseObject({}).transform((statement) => [statement])]),
});

const parsedPolicy = (text: string) => {
  try {
    return statementsOfPolicy.safeParse(JSON.parse(text));
  } catch (error) {
    // What is no JSON is no policy either: AWS never gives such a text, and if it did it would not be the approved one.
    if (error instanceof SyntaxError) return statementsOfPolicy.safeParse(null);
    throw error;
  }
};

/** One text or a list of one are the same to IAM, and so is any order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const items = value.map(sorted).toSorted((one, other) => (canonical(one) < canonical(other) ? -1 : 1));
    return items.length === 1 ? items[0] : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
};

const meaning = (statement: object): string => canonical(sorted(statement));

/** Those of the first list that the second has not, each counted as often as it stands there, with their places. */
const without = (statements: readonly object[], others: readonly object[]): number[] => {
  const left = new Map<string, number>();
  for (const text of others.map(meaning)) left.set(text, (left.get(text) ?? 0) + 1);
  return statements.flatMap((statement, index) => {
    const text = meaning(statement);
    const count = left.get(text) ?? 0;
    if (count === 0) return [index];
    left.set(text, count - 1);
    return [];
  });
};

/** Statements that come and that go, each in the order of its own list. One that changed is in both. */
export const statementDifferences = <Statement extends object>(
  before: readonly Statement[],
  after: readonly Statement[],
): { added: Statement[]; removed: Statement[] } => {
  const [removed, added] = [new Set(without(before, after)), new Set(without(after, before))];
  return {
    added: after.filter((_, index) => added.has(index)),
    removed: before.filter((_, index) => removed.has(index)),
  };
};

const sidOf = (statement: object | undefined): string | null =>
  statement !== undefined && "Sid" in statement && typeof statement.Sid === "string" ? statement.Sid : null;

/** Where two policies differ, by statement: added, which may give more than was approved, then missing or changed. Those without Sid go by their place. */
export const policyDifferences = (wanted: string, found: string): string[] => {
  const [approved, actual] = [parsedPolicy(wanted), parsedPolicy(found)];
  if (!approved.success || !actual.success) return ["the text is no policy"];
  const [before, after] = [approved.data.Statement, actual.data.Statement];
  const [missing, added] = [without(before, after), without(after, before)];
  const sidsOf = (statements: object[], places: number[]) => new Set(places.map((place) => sidOf(statements[place])));
  const [missingSids, addedSids] = [sidsOf(before, missing), sidsOf(after, added)];
  const named = (statements: object[], place: number) => sidOf(statements[place]) ?? `statement ${place + 1}`;
  const isAnother = (sid: string | null, others: Set<string | null>) => sid !== null && others.has(sid);
  const rest = ({ Statement: _statement, ...others }: z.output<typeof statementsOfPolicy>) => meaning(others);
  return [
    ...added
      .filter((place) => !isAnother(sidOf(after[place]), missingSids))
      .map((place) => `${named(after, place)} was added`),
    ...missing.map(
      (place) => `${named(before, place)} is ${isAnother(sidOf(before[place]), addedSids) ? "another" : "missing"}`,
    ),
    ...(rest(approved.data) === rest(actual.data) ? [] : ["what stands beside the statements is another"]),
  ];
};
