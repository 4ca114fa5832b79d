/** What stands against an environment because somebody would get onto nodes that are not theirs. */
import { z } from "zod";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { DomainError, invalidRequest } from "../../domain/errors.ts";
import { environmentStack } from "../../domain/stacks.ts";
import { isSameTag } from "../../domain/targets.ts";
import type { Tables } from "../../store/store.ts";
import type { PreparedEnvironment } from "../../../stacks/policies/evaluation/access-environment.ts";
import { parsePolicy } from "../../../stacks/policies/evaluation/parse-policy.ts";
import { reachOf } from "../../../stacks/policies/evaluation/reach-actions.ts";
import { reachConflicts, type ReachConflict } from "../../../stacks/policies/evaluation/reach-conflicts.ts";
import { policyDocument } from "../../../stacks/policies/policy-document.ts";
import { accessOf, accessOfStored } from "./access-environments.ts";
import { beyondEnvironment } from "./beyond-environment.ts";
import { profilePolicy } from "./extra-statements.ts";

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
const checkStatements = (spec: EnvironmentSpec): boolean => {
  const { extraStatements: statements } = spec;
  const taken = new Set(profilePolicy(spec).Statement.map(({ Sid }) => Sid));
  const clashes = statements.flatMap(({ Sid }, index) =>
    Sid !== undefined && taken.has(Sid)
      ? [
          {
            pointer: `${extraStatements}/${index}/Sid`,
            message: `must be another: the policy profile has a statement ${Sid}, and a Sid is unique in its policy`,
          },
        ]
      : [],
  );
  if (clashes.length > 0) throw invalidRequest(clashes);
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

const told = (spec: EnvironmentSpec, conflict: ReachConflict): { pointer: string; detail: string; message: string } => {
  const { environment, reaches, tag, account, action, decision } = conflict;
  const may = decision === "undecided" ? "might be able to use" : "could use";
  const by = statementOf(spec, conflict);
  if (reaches === null) {
    const { where, mend, short } = beyondEnvironment(spec.tag, conflict);
    const detail = `The people of ${environment} ${may} ${action}${by} on ${where}. ${mend}`;
    return { pointer: extraStatements, detail, message: `must not open ${action}${short}` };
  }
  const theirs = environment === spec.name ? reaches : environment;
  const node = tag === null ? "its nodes" : `${tag.key}=${tag.value}`;
  const detail = `The people of ${environment} ${may} ${action}${by} on nodes of ${reaches} (${node}, account ${account}).`;
  if (environment === spec.name && (tag === null || !isSameTag(spec.tag, tag)))
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

/** Statements of the caller's own by their place in the document, the profile's by the name that they have. */
const statementOf = (spec: EnvironmentSpec, { environment, because: [reason] }: ReachConflict): string => {
  if (reason === undefined) return "";
  const before = profilePolicy(spec).Statement.length;
  const place = environment === spec.name ? reason.index - before : -1;
  const name = reason.sid === null ? "" : ` ${reason.sid}`;
  return place < 0 ? ` (statement${name || ` ${reason.index}`})` : ` (extraStatements/${place}${name})`;
};
