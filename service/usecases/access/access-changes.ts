/** Who gains and who loses access by an operation on an environment. */
import type { AccessChange, OperationAccess } from "../../domain/access.ts";
import { environmentDocument } from "../../domain/environment-document.ts";
import { stackKind } from "../../domain/stacks.ts";
import type { OperationRow } from "../../store/operations.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import { accessDiff, type AccessChange as RowChange } from "../../../stacks/policies/evaluation/access-diff.ts";
import type { AccessNode, PreparedEnvironment } from "../../../stacks/policies/evaluation/access-environment.ts";
import { accessMatrix, nodesOf } from "../../../stacks/policies/evaluation/access-matrix.ts";
import { personRows } from "../../../stacks/policies/evaluation/person-rows.ts";
import { accessOf, accessOfStored } from "./access-environments.ts";
import { gathered } from "./access-places.ts";
import { statementDifferences } from "./policy-differences.ts";

/**
 * The difference between the policy that the stack would write and the one that it has applied, for the nodes of the
 * environment as it was and as it will be: no request may change what its people can do on others' (`checkReach`). A line
 * with `principalKind` `environment` holds for whoever its people are; those who join or leave have lines of their own, with
 * every other environment counted that they are in. The caller's own statements that come and go are told whether they lead
 * to a node or not.
 *
 * @returns null for a foundation
 */
export const accessOfOperation = async (
  tables: Tables,
  stack: StackRow,
  operation: OperationRow,
): Promise<OperationAccess | null> => {
  if (stackKind(stack.name) === "foundation") return null;
  const destroys = (operation.previewOf ?? operation.kind) === "destroy";
  const applied = stack.spec === null ? null : environmentDocument.parse(stack.spec);
  const wanted = destroys ? null : environmentDocument.parse(operation.spec);
  const before = applied === null ? null : accessOf(applied);
  const after = wanted === null ? null : accessOf(wanted);
  const nodes = distinctNodes(
    [before, after].flatMap((environment) => (environment === null ? [] : nodesOf(environment))),
  );
  const rows = (environment: PreparedEnvironment | null) =>
    environment === null ? [] : accessMatrix([environment], nodes);
  return {
    changes: [
      ...gathered<RowChange, Omit<AccessChange, "places">>(accessDiff(rows(before), rows(after)), (change) => ({
        ...change,
        principalKind: "environment",
      })),
      ...(await changesOfPeople(tables, stack.name, before, after, nodes)),
    ],
    extraStatements: statementDifferences(applied?.extraStatements ?? [], wanted?.extraStatements ?? []),
  };
};

const distinctNodes = (nodes: AccessNode[]): AccessNode[] => [
  ...new Map(nodes.map((node) => [JSON.stringify(node), node])).values(),
];

const lowerCase = (text: string): string => text.toLowerCase();

/** People of one list that the other has not, in whatever case. */
const missingFrom = (people: string[], others: string[]): string[] => {
  const known = new Set(others.map(lowerCase));
  return people.filter((userName) => !known.has(lowerCase(userName)));
};

const changesOfPeople = async (
  tables: Tables,
  stack: string,
  before: PreparedEnvironment | null,
  after: PreparedEnvironment | null,
  nodes: AccessNode[],
): Promise<AccessChange[]> => {
  const [had, has] = [before?.members ?? [], after?.members ?? []];
  const moving = [...missingFrom(has, had), ...missingFrom(had, has)];
  if (moving.length === 0) return [];
  // Only one that shares the tag, and so says nothing that this one does not, can keep somebody on these nodes.
  const tags = [before, after].flatMap((environment) => (environment === null ? [] : [environment.tag]));
  const sharing = (await Promise.all(tags.map((tag) => tables.stacks.applied({ tag })))).flat();
  const others = [...new Map(sharing.map((other) => [other.stack, other])).values()]
    .filter((other) => other.stack !== stack)
    .map(({ spec }) => accessOfStored(spec));
  const rows = (environment: PreparedEnvironment | null, userName: string) =>
    personRows(environment === null ? others : [...others, environment], userName, nodes);
  return moving.flatMap((userName) =>
    gathered<RowChange, Omit<AccessChange, "places">>(
      accessDiff(rows(before, userName), rows(after, userName)),
      (change) => ({ ...change, principalKind: "person" }),
    ),
  );
};
