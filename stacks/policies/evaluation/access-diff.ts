import type { AccessReason, AccessAnswer } from "./check-access.ts";
import { type AccessRow, rowIdentity } from "./access-matrix.ts";

/** What people see of a decision: both kinds of denial are one. */
export type Outcome = "allow" | "deny" | "undecided";

/** Access that a change gives or takes. */
export type AccessChange = Pick<
  AccessRow,
  "principal" | "action" | "node" | "nodeKind" | "account" | "region" | "document" | "sessionOwner" | "key"
> & {
  from: Outcome;
  to: Outcome;
  /** Statements that decide after the change; those that did before, when nothing speaks of it any more. */
  because: AccessReason[];
};

const outcomes: Record<AccessAnswer["decision"], Outcome> = {
  allow: "allow",
  explicit_deny: "deny",
  implicit_deny: "deny",
  undecided: "undecided",
};

const byIdentity = (rows: readonly AccessRow[]): Map<string, AccessRow> =>
  new Map(rows.map((row) => [rowIdentity(row), row]));

const outcomeOf = (row: AccessRow | undefined): Outcome => (row === undefined ? "deny" : outcomes[row.decision]);

const changeOf = (shown: AccessRow, before: AccessRow | undefined, after: AccessRow | undefined): AccessChange[] => {
  const [from, to] = [outcomeOf(before), outcomeOf(after)];
  if (from === to) return [];
  const { principal, action, node, nodeKind, account, region, document, sessionOwner, key } = shown;
  const because = [after, before].map((row) => row?.because ?? []).find((reasons) => reasons.length > 0) ?? [];
  return [{ principal, action, node, nodeKind, account, region, document, sessionOwner, key, from, to, because }];
};

/** What differs between two matrices. A row that only one of them has is denied in the other. */
export const accessDiff = (before: readonly AccessRow[], after: readonly AccessRow[]): AccessChange[] => {
  const [earlier, later] = [byIdentity(before), byIdentity(after)];
  return [
    ...[...later].flatMap(([key, row]) => changeOf(row, earlier.get(key), row)),
    ...[...earlier].filter(([key]) => !later.has(key)).flatMap(([, row]) => changeOf(row, row, undefined)),
  ];
};
