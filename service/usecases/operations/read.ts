import { DomainError } from "../../domain/errors.ts";
import type { Operation, Page } from "../../domain/operation.ts";
import { environmentStack, foundationStack, type StackKind } from "../../domain/stacks.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Dependencies } from "../dependencies.ts";
import { presentEnvironment, presentFoundation, presentOperation, type LatestOperations } from "./present.ts";
import type { OperationQuery, PageQuery, UseCases } from "../usecases.ts";

type Reads = Pick<
  UseCases,
  "getOperation" | "listOperations" | "getEnvironment" | "listEnvironments" | "getFoundation" | "listFoundations"
>;

/**
 * Cursors are the key of the last row of a page: a row's key never changes, so a row that was there when the first page was
 * read is on exactly one page, whatever arrives meanwhile. Sequence numbers become visible out of order, as their
 * transactions end: one that is seen late stands above or below the cursor like any other that arrived since, and is shown
 * once or not. (Whoever reads oldest first and stops at the end could miss it for good; these lists go newest first, or by
 * name.)
 */
export const encodeCursor = (key: string): string => Buffer.from(key).toString("base64url");

export const decodeCursor = (cursor: string, valid: RegExp): string => {
  const key = Buffer.from(cursor, "base64url").toString();
  if (!valid.test(key) || encodeCursor(key) !== cursor)
    throw new DomainError("invalid_request", "The cursor is not one that this list gave.", {
      errors: [{ pointer: "/cursor", message: "must be the nextCursor of an earlier page of the same list" }],
    });
  return key;
};

/** A cursor of one list is none of the other. */
export const stackNames: Record<StackKind, RegExp> = {
  environment: /^environment\/[a-z0-9-]{1,64}$/,
  foundation: /^foundation\/\d{12}\/[a-z0-9-]{1,32}$/,
};

/** One row more than asked for tells whether there is a next page. */
const page = <Row, Item>(
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

export const notFound = (what: string): DomainError => new DomainError("not_found", `There is no ${what}.`);

export const createReads = ({ store }: Dependencies): Reads => {
  const getStack = async <Item>(
    name: string,
    present: (row: StackRow, latest: LatestOperations | undefined) => Item,
  ): Promise<Item> => {
    const row = await store.stacks.find(name);
    if (row === null) throw notFound(name.replace("/", " "));
    return present(row, (await store.operations.latest([name])).get(name));
  };

  const listStacks = async <Item>(
    kind: StackKind,
    { limit, cursor }: PageQuery,
    present: (row: StackRow, latest: LatestOperations | undefined) => Item,
  ): Promise<Page<Item>> => {
    const after = cursor === null ? null : decodeCursor(cursor, stackNames[kind]);
    const rows = await store.stacks.list(kind, limit + 1, after);
    const latest = await store.operations.latest(rows.map(({ name }) => name));
    return page(
      rows,
      limit,
      (row) => present(row, latest.get(row.name)),
      (row) => row.name,
    );
  };

  return {
    async getOperation(id): Promise<Operation> {
      const row = await store.operations.find(id);
      if (row === null) throw notFound(`operation ${id}`);
      return presentOperation(row);
    },

    async listOperations({ limit, cursor, ...filter }: OperationQuery): Promise<Page<Operation>> {
      const before = cursor === null ? null : Number(decodeCursor(cursor, /^\d{1,15}$/));
      const rows = await store.operations.list(filter, limit + 1, before);
      return page(rows, limit, presentOperation, ({ sequence }) => String(sequence));
    },

    getEnvironment: (name) => getStack(environmentStack(name), presentEnvironment),
    listEnvironments: (query) => listStacks("environment", query, presentEnvironment),
    getFoundation: (account, region) => getStack(foundationStack(account, region), presentFoundation),
    listFoundations: (query) => listStacks("foundation", query, presentFoundation),
  };
};
