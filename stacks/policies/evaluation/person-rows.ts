import type { AccessNode, PreparedEnvironment } from "./access-environment.ts";
import { type AccessRow, nodeLabel } from "./access-matrix.ts";
import { checkAccess } from "./check-access.ts";

/**
 * Whether a person gets onto nodes by any of their environments: a row for each node and each way in that one of the
 * environments may open, sessions with the environment's own document.
 */
export const personRows = (
  environments: readonly PreparedEnvironment[],
  userName: string,
  nodes: readonly AccessNode[],
): AccessRow[] => {
  const ways = [...new Set(environments.flatMap(({ reach }) => reach.map(({ action }) => action)))];
  return nodes.flatMap((node) =>
    ways.map((action) => {
      const { decision, because, problems, warnings } = checkAccess(environments, { userName }, { action, node });
      const { kind: nodeKind, account, region, tags } = node;
      return {
        principal: userName,
        action,
        node: nodeLabel(tags),
        nodeKind,
        account,
        region,
        document: null,
        sessionOwner: null,
        key: null,
        decision,
        because,
        problems,
        warnings,
      };
    }),
  );
};
