/** Pages of lists, and the cursors that lead from one to the next. */
import { DomainError } from "../../domain/errors.ts";
import type { Page } from "../../domain/operation.ts";
import type { StackKind } from "../../domain/stacks.ts";

/**
 * Cursors are the key of the last row of a page: a row's key never changes, so a row that was there when the first page was
 * read is on exactly one page, whatever arrives meanwhile. Sequence numbers become visible out of order, as their
 * transactions end: one that is seen late stands above or below the cursor like any other that arrived since, and is shown
 * once or not. (Whoever reads oldest first and stops at the end could miss it for good; these lists go newest first, or by
 * name.)
 */
const encodeCursor = (key: string): string => Buffer.from(key).toString("base64url");

/** @throws DomainError `invalid_request` for a cursor that the list did not give */
export const decodeCursor = (cursor: string, valid: RegExp): string => {
  const key = Buffer.from(cursor, "base64url").toString();
  if (!valid.test(key) || encodeCursor(key) !== cursor)
    throw new DomainError("invalid_request", "The cursor is not one that this list gave.", {
      errors: [{ pointer: "/cursor", message: "must be the nextCursor of an earlier page of the same list" }],
    });
  return key;
};

/** What the cursors of the lists of stacks hold; a cursor of one list is none of the other. */
export const stackNames: Record<StackKind, RegExp> = {
  environment: /^environment\/[a-z0-9-]{1,64}$/,
  foundation: /^foundation\/\d{12}\/[a-z0-9-]{1,32}$/,
};

/** A page of a list. One row more than asked for tells whether there is a next one. */
export const pageOf = <Row, Item>(
  rows: Row[],
  limit: number,
  present: (row: Row) => Item,
  key: (row: Row) => string,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(present),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null,
  };
};
