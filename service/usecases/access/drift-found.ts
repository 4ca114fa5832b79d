/** What is told of an account that is otherwise than it was applied: warnings, and one event. */
import type { Warning } from "../../domain/operation.ts";
import type { Step } from "../../engine/engine.ts";
import type { NewEvent } from "../../store/events.ts";
import type { StackRow } from "../../store/stacks.ts";
import {
  prepareEnvironment,
  type PreparedEnvironment,
} from "../../../stacks/policies/evaluation/access-environment.ts";
import { accessDiff } from "../../../stacks/policies/evaluation/access-diff.ts";
import { accessMatrix, nodesOf } from "../../../stacks/policies/evaluation/access-matrix.ts";
import { reachConflicts } from "../../../stacks/policies/evaluation/reach-conflicts.ts";
import { policyDocument } from "../../../stacks/policies/policy-document.ts";
import { accessOfStored } from "./access-environments.ts";
import { beyondEnvironment } from "./beyond-environment.ts";
import { parsedPolicyText } from "./policy-text.ts";
import { policyDifferences } from "./policy-differences.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import { listedParts } from "../listed.ts";

/** What says who gets where: a change of one of these is a change of somebody's access. */
const deciding: ReadonlySet<string> = new Set([
  typeTokens.group,
  typeTokens.user,
  typeTokens.membership,
  typeTokens.permissionSet,
  typeTokens.inlinePolicy,
  typeTokens.assignment,
]);

/** Resources that an event names; a stack may have thousands. */
const mostInEvent = 100;

const described = ({ op, name, type, diff }: Step): string => {
  const what = `${name} (${type.split(":").at(-1) ?? type})`;
  return op === "delete" ? `${what} is gone` : `${what} differs in ${diff.map(({ path }) => path).join(", ")}`;
};

/** The environment with the inline policy that the account has; `null` where that is as applied. */
const asInAccount = (applied: PreparedEnvironment, drift: readonly Step[]): PreparedEnvironment | null => {
  const step = drift.find(({ type }) => type === typeTokens.inlinePolicy);
  if (step === undefined) return null;
  if (step.op === "delete") return prepareEnvironment({ ...applied, policy: policyDocument([]) });
  const changed = step.diff.find(({ path }) => path === "inlinePolicy");
  return changed === undefined ? null : prepareEnvironment({ ...applied, policy: parsedPolicyText(changed.to) });
};

const distinct = (parts: readonly string[]): string[] => [...new Set(parts)];

/** What people gain and lose by it meanwhile. */
const accessNow = (stack: StackRow, drift: readonly Step[]): string => {
  if (stack.spec === null || stack.kind !== "environment") return "";
  const applied = accessOfStored(stack.spec);
  const present = asInAccount(applied, drift);
  if (present === null) return "";
  if ("problems" in present.parsed) return " The inline policy that the account has cannot be evaluated.";
  const nodes = nodesOf(applied);
  const changes = accessDiff(accessMatrix([applied], nodes), accessMatrix([present], nodes));
  const gained = changes.filter(({ to }) => to !== "deny").map(({ action, node }) => `${action} on ${node}`);
  const beyond = reachConflicts(present, []).map(
    (conflict) => `${conflict.action} on ${beyondEnvironment(applied.tag, conflict).where}`,
  );
  const lost = changes.filter(({ to }) => to === "deny").map(({ action, node }) => `${action} on ${node}`);
  const gains = distinct([...beyond, ...gained]);
  // What leads to no node is nobody's gain above, and a change all the same.
  const statements = policyDifferences(JSON.stringify(applied.policy), JSON.stringify(present.policy));
  return [
    statements.length === 0 ? "" : ` Of the inline policy ${listedParts(statements)}.`,
    gains.length === 0
      ? ""
      : ` By the inline policy as it is now they can use what was not approved: ${listedParts(gains)}.`,
    lost.length === 0 ? "" : ` They cannot use any more: ${listedParts(distinct(lost))}.`,
  ].join("");
};

/**
 * Warnings of a run that looked.
 *
 * @param stack with the document that was applied
 * @param putBack whether the operation is a preview whose up puts it back
 */
export const driftWarnings = (stack: StackRow, drift: readonly Step[], putBack: boolean): Warning[] => {
  if (drift.length === 0) return [];
  const decides = drift.filter(({ type }) => deciding.has(type));
  const mend = putBack
    ? "The steps of this preview start from what is there."
    : 'A request with "refresh": true puts back what the document says.';
  return [
    { code: "drift_found", message: `Changed outside Gatehouse: ${listedParts(drift.map(described))}. ${mend}` },
    ...(decides.length === 0
      ? []
      : [
          {
            code: "drift_changes_access" as const,
            message: `Until it is put back, people have other access than the documents say, by which access is computed: ${listedParts(decides.map(described))}.${accessNow(stack, decides)}`,
          },
        ]),
  ];
};

/** One event for all that was found; none where nothing was. */
export const driftEvents = (drift: readonly Step[]): NewEvent[] =>
  drift.length === 0
    ? []
    : [
        {
          type: "drift.found",
          data: {
            total: drift.length,
            resources: drift.slice(0, mostInEvent).map(({ op, urn, type, name }) => ({ op, urn, type, name })),
          },
        },
      ];
