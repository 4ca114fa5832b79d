import type { Operation, Page } from "../../domain/operation.ts";
import { environmentStack, foundationStack, type StackKind } from "../../domain/stacks.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Dependencies } from "../dependencies.ts";
import { notFound, stackNotFound } from "./not-found.ts";
import { decodeCursor, pageOf, stackNames } from "./pages.ts";
import { presentEnvironment, presentFoundation, presentOperation, type LatestOperations } from "./present.ts";
import type { OperationQuery, PageQuery, UseCases } from "../usecases.ts";

type Reads = Pick<
  UseCases,
  "getOperation" | "listOperations" | "getEnvironment" | "listEnvironments" | "getFoundation" | "listFoundations"
>;

/** Reading operations, environments and foundations, as the contract shows them. */
export const createReads = ({ store }: Dependencies): Reads => {
  const getStack = async <Item>(
    name: string,
    present: (row: StackRow, latest: LatestOperations | undefined) => Item,
  ): Promise<Item> => {
    const row = await store.stacks.find(name);
    if (row === null) throw stackNotFound(name);
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
    return pageOf(
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
      return pageOf(rows, limit, presentOperation, ({ sequence }) => String(sequence));
    },

    getEnvironment: (name) => getStack(environmentStack(name), presentEnvironment),
    listEnvironments: (query) => listStacks("environment", query, presentEnvironment),
    getFoundation: (account, region) => getStack(foundationStack(account, region), presentFoundation),
    listFoundations: (query) => listStacks("foundation", query, presentFoundation),
  };
};
