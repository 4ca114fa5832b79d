/** Who can reach what now, by the documents that were applied. */
import { setImmediate } from "node:timers/promises";
import type {
  AccessCheck,
  AccessCheckAnswer,
  AccessDecided,
  AccessMatrix,
  AccessMatrixQuery,
} from "../../domain/access.ts";
import { environmentDocument, type EnvironmentSpec } from "../../domain/environment-document.ts";
import { environmentStack } from "../../domain/stacks.ts";
import type { AccessNode } from "../../../stacks/policies/evaluation/access-environment.ts";
import { accessMatrix, nodesOf, type AccessRow } from "../../../stacks/policies/evaluation/access-matrix.ts";
import { checkAccess, type AccessAnswer } from "../../../stacks/policies/evaluation/check-access.ts";
import { accessOf, accessOfStored } from "../access/access-environments.ts";
import { gathered } from "../access/access-places.ts";
import type { Dependencies } from "../dependencies.ts";
import { standingStatements } from "../access/extra-statements.ts";
import { stackNotFound } from "../operations/not-found.ts";
import { decodeCursor, pageOf, stackNames } from "../operations/pages.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { UseCases } from "../usecases.ts";

type AccessReads = Pick<UseCases, "readAccessMatrix" | "checkAccess">;

/** Whose people, and the nodes that they are asked about. */
interface Pair {
  spec: EnvironmentSpec;
  nodes: AccessNode[];
}

/** Ids where the question names none: any will do, as no policy of ours names a node. */
const anyId = { ec2: "i-0123456789abcdef0", managed: "mi-0123456789abcdef0" } as const;

/** The people of an applied environment with its own nodes; none where nothing is applied. */
const pairOf = ({ spec: stored }: StackRow): Pair[] => {
  if (stored === null) return [];
  const spec = environmentDocument.parse(stored);
  return [{ spec, nodes: nodesOf(spec) }];
};

/** The access matrix, and single questions. */
export const createAccessReads = ({ store }: Pick<Dependencies, "store">): AccessReads => {
  /** Null where the environment has no document that was applied. */
  const named = async (name: string): Promise<EnvironmentSpec | null> => {
    const stack = environmentStack(name);
    const row = await store.stacks.find(stack);
    if (row === null) throw stackNotFound(stack);
    return row.spec === null ? null : environmentDocument.parse(row.spec);
  };
  const withTagOf = async (spec: EnvironmentSpec): Promise<EnvironmentSpec[]> => {
    const sharing = await store.stacks.applied({ tag: spec.tag });
    const others = sharing.filter(({ stack }) => stack !== environmentStack(spec.name));
    return [spec, ...others.map((other) => environmentDocument.parse(other.spec))];
  };

  const pairsOf = async (principal: string | null, environment: string): Promise<Pair[]> => {
    const [people, theirs] = await Promise.all([principal === null ? null : named(principal), named(environment)]);
    if (theirs === null) return [];
    const nodes = nodesOf(theirs);
    if (principal !== null) return people === null ? [] : [{ spec: people, nodes }];
    return (await withTagOf(theirs)).map((spec) => ({ spec, nodes }));
  };

  const pageOfPairs = async (limit: number, cursor: string | null): Promise<{ pairs: Pair[]; next: string | null }> => {
    const after = cursor === null ? null : decodeCursor(cursor, stackNames.environment);
    const rows = await store.stacks.listApplied(limit + 1, after);
    const { items, nextCursor } = pageOf(rows, limit, pairOf, ({ name }) => name);
    return { pairs: items.flat(), next: nextCursor };
  };

  const asked = async ({ principal, environment, limit, cursor }: AccessMatrixQuery) => {
    if (principal === null && environment === null) return pageOfPairs(limit, cursor);
    const pairs = await pairsOf(principal, environment ?? principal ?? "");
    return { pairs, next: null };
  };

  return {
    async readAccessMatrix(query): Promise<AccessMatrix> {
      const { pairs, next } = await asked(query);
      const rows: AccessMatrix["rows"] = [];
      const extraStatements: AccessMatrix["extraStatements"] = [];
      for (const { spec, nodes } of pairs) {
        // Many environments at once must not hold up everybody else's calls.
        await setImmediate();
        const principal = accessOf(spec);
        rows.push(...shown(accessMatrix([principal], nodes), query.action));
        extraStatements.push(...standingStatements(spec, principal, query.action));
      }
      return { rows, extraStatements, nextCursor: next };
    },

    async checkAccess({ principal, action, node, document, sessionOwner }: AccessCheck): Promise<AccessCheckAnswer> {
      const environments =
        "environment" in principal
          ? await store.stacks.findMany([environmentStack(principal.environment)])
          : await store.stacks.applied({ userNameInAnyCase: principal.userName });
      const answer = checkAccess(
        environments.flatMap(({ spec }) => (spec === null ? [] : [accessOfStored(spec)])),
        principal,
        {
          action,
          node: { ...node, id: node.id ?? anyId[node.kind] },
          ...(document === undefined ? {} : { document }),
          ...(sessionOwner === undefined || isAsker(principal, sessionOwner) ? {} : { sessionOwner }),
        },
      );
      return { known: answer.known, ...decided(answer) };
    },
  };
};

/** Identity Center keeps one user for `Ann` and `ann`: a session of either is one's own. */
const isAsker = (principal: AccessCheck["principal"], sessionOwner: string | null): boolean =>
  "userName" in principal && sessionOwner?.toLowerCase() === principal.userName.toLowerCase();

/** What nobody can tell is no permission: the contract knows three decisions. */
const decided = ({ decision, because, problems, warnings }: Omit<AccessAnswer, "known">): AccessDecided => ({
  decision: decision === "undecided" ? "implicit_deny" : decision,
  because,
  undecided: decision === "undecided",
  problems,
  warnings,
});

const shown = (rows: AccessRow[], action: string | null): AccessMatrix["rows"] =>
  gathered(
    rows.filter((row) => action === null || row.action.toLowerCase() === action.toLowerCase()),
    ({ principal, action: asked, node, document, sessionOwner, key, ...answer }) => ({
      principal,
      principalKind: "environment",
      action: asked,
      node,
      document,
      sessionOwner,
      key,
      ...decided(answer),
    }),
  );
