/** What stands against an environment because somebody would get onto nodes that are not theirs. */
import { z } from "zod";
import type { EnvironmentSpec } from "../domain/environment-document.ts";
import { DomainError, invalidRequest } from "../domain/errors.ts";
import { environmentStack } from "../domain/stacks.ts";
import type { Tables } from "../store/store.ts";
import type { PreparedEnvironment } from "../../stacks/policies/evaluation/access-environment.ts";
import { parsePolicy } from "../../stacks/policies/evaluation/parse-policy.ts";
import { reachOf } from "../../stacks/policies/evaluation/reach-actions.ts";
import { reachConflicts, type ReachConflict } from "../../stacks/policies/evaluation/reach-conflicts.ts";
import { policyDocument } from "../../stacks/policies/policy-document.ts";
import { accessOf, accessOfStored } from "./access-environments.ts";

const extraStatements = "/environment/extraStatements";

/**
 * Refuses statements that cannot be understood, and a document that would let one environment's people onto another's nodes,
 * or its own people onto every node. Compared with what is applied and what work under way would apply, from our own
 * database: only environments of the same tag pair, and those with statements of their own in the same accounts, are read.
 *
 * @throws DomainError `invalid_request`, `reach_conflict`
 */
export const checkReach = async (tables: Tables, spec: EnvironmentSpec): Promise<void> => {
  const opensMore = checkStatements(spec);
  const changed = accessOf(spec);
  refuse(spec, reachConflicts(changed, []));
  const stack = environmentStack(spec.name);
  const accounts = [...new Set(spec.targets.map(({ account }) => account))];
  const meeting = await tables.stacks.othersClaiming(stack, { reach: { tag: spec.tag, accounts } });
  refuse(
    spec,
    reachConflicts(
      changed,
      meeting.map((other) => accessOfStored(other.spec)),
    ),
  );
  if (!opensMore) return;
  const neighbours = await tables.stacks.othersClaiming(stack, { accounts });
  refuse(
    spec,
    reachConflicts(
      changed,
      neighbours.map((other) => nodesOnly(neighbour.parse(other.spec))),
    ),
  );
};

/** @returns whether the caller's own statements may open a way onto nodes. */
const checkStatements = ({ extraStatements: statements }: EnvironmentSpec): boolean => {
  const parsed = parsePolicy("extraStatements", policyDocument(statements));
  if ("policy" in parsed) return reachOf(parsed.policy).length > 0;
  throw invalidRequest(
    parsed.problems.map(({ pointer, message }) => ({
      pointer: pointer.replace(/^\/Statement/, extraStatements),
      message,
    })),
  );
};

/** What of a stored document says which nodes are its own. There may be thousands: no more of them is parsed. */
const neighbour = z.object({
  name: z.string(),
  tag: z.object({ key: z.string(), value: z.string() }),
  sharedTag: z.boolean(),
  targets: z.array(z.object({ account: z.string(), region: z.string() })),
});

/** An environment as somebody else's way leads to it: its own people were looked at when its statements were. */
const nodesOnly = ({ name, tag, sharedTag, targets }: z.infer<typeof neighbour>): PreparedEnvironment => ({
  name,
  tag,
  sharedTag,
  targets,
  members: [],
  policy: null,
  parsed: { policy: { name: "none", statements: [] } },
  reach: [],
  sessionDocument: null,
  keyAlias: "",
});

const refuse = (spec: EnvironmentSpec, [conflict]: ReachConflict[]): void => {
  if (conflict === undefined) return;
  const { pointer, detail, message } = told(spec, conflict);
  throw new DomainError("reach_conflict", detail, { errors: [{ pointer, message }] });
};

const isSameTag = (left: EnvironmentSpec["tag"], right: ReachConflict["tag"]): boolean =>
  left.key.toLowerCase() === right?.key.toLowerCase() && left.value === right.value;

const told = (spec: EnvironmentSpec, conflict: ReachConflict): { pointer: string; detail: string; message: string } => {
  const { environment, reaches, tag, account, action, decision } = conflict;
  const may = decision === "undecided" ? "might be able to use" : "could use";
  const by = statementOf(conflict);
  if (reaches === null)
    return {
      pointer: extraStatements,
      detail: `The people of ${environment} ${may} ${action}${by} on every node of account ${account}, whatever its tags. Take that out of extraStatements, or bind it to the environment's tag.`,
      message: `must not open ${action} on nodes without the environment's tag`,
    };
  const theirs = environment === spec.name ? reaches : environment;
  const node = tag === null ? "its nodes" : `${tag.key}=${tag.value}`;
  const detail = `The people of ${environment} ${may} ${action}${by} on nodes of ${reaches} (${node}, account ${account}).`;
  if (environment === spec.name && !isSameTag(spec.tag, tag))
    return {
      pointer: extraStatements,
      detail: `${detail} Take that out of extraStatements.`,
      message: `must not open nodes of environment ${theirs}`,
    };
  return {
    pointer: "/environment/tag",
    detail: `${detail} Use another tag pair; where both shall hold the same nodes, say "sharedTag": true in ${theirs} first (POST /v1/environment-requests), and here.`,
    message: `must be a tag pair that the people of ${theirs} do not reach, unless both say sharedTag`,
  };
};

const statementOf = ({ because: [reason] }: ReachConflict): string =>
  reason === undefined ? "" : ` (statement ${reason.sid ?? String(reason.index)})`;
