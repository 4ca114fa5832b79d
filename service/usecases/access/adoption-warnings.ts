/**
 * Who gains and who loses access because something that exists is taken over. An adopted permission set keeps its assignments,
 * the policies attached to it and its permissions boundary, an adopted group its members; the inline policy becomes the
 * environment's. None of it is in the plan's steps, and `access.changes` knows only whom the document names.
 */
import type { Assignment } from "../../cloud/access-reader.ts";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import type { Warning } from "../../domain/operation.ts";
import { environmentArguments } from "../../../stacks/arguments.ts";
import { permissionSetPolicy } from "../../../stacks/policies/permission-set-policy.ts";
import { accessDiff } from "../../../stacks/policies/evaluation/access-diff.ts";
import { prepareEnvironment } from "../../../stacks/policies/evaluation/access-environment.ts";
import { accessMatrix, nodesOf } from "../../../stacks/policies/evaluation/access-matrix.ts";
import type { JsonObject } from "../../domain/json.ts";
import { accessOf } from "./access-environments.ts";
import type { Dependencies } from "../dependencies.ts";
import { listed } from "../listed.ts";
import { policyDifferences } from "./policy-differences.ts";
import { parsedPolicyText } from "./policy-text.ts";

type Sources = Pick<Dependencies, "accessReader" | "reader">;

/** The environment as it will be, and what it is made from. */
interface Change {
  after: EnvironmentSpec | null;
  resolved: JsonObject;
}

const warning = (message: string): Warning => ({ code: "adoption_changes_access", message });

/** @throws CloudReadError */
export const adoptionWarnings = async (sources: Sources, { after, resolved }: Change): Promise<Warning[]> => {
  if (after === null) return [];
  const { permissionSet, group } = environmentArguments.parse(resolved);
  const messages = await Promise.all([
    // Import ids: `<permission set>,<instance>` and `<identity store>/<group>`.
    permissionSet.importId === null ? [] : ofPermissionSet(sources, after, permissionSet.importId.split(",")[0] ?? ""),
    group.importId === null ? [] : ofGroup(sources, after, group.importId.split("/").at(-1) ?? ""),
  ]);
  return messages.flat().map(warning);
};

const ofPermissionSet = async (
  { accessReader, reader }: Sources,
  after: EnvironmentSpec,
  arn: string,
): Promise<string[]> => {
  const [assignments, attached, boundary, inlinePolicy, group] = await Promise.all([
    accessReader.assignments(arn),
    accessReader.attachedToPermissionSet(arn),
    accessReader.permissionsBoundary(arn),
    accessReader.inlinePolicy(arn),
    reader.findGroup(after.group.name),
  ]);
  return [
    ...foreignAssignments(after, assignments, group?.groupId ?? null),
    ...foreignPolicies(after, attached),
    ...foreignBoundary(after, boundary),
    ...replacedPolicy(after, inlinePolicy),
  ];
};

const foreignAssignments = (
  { permissionSet, targets }: EnvironmentSpec,
  assignments: readonly Assignment[],
  groupId: string | null,
): string[] => {
  const foreign = assignments.filter(
    ({ account, principalType, principalId }) =>
      principalType !== "GROUP" || principalId !== groupId || targets.every((target) => target.account !== account),
  );
  if (foreign.length === 0) return [];
  const named = foreign.map(
    ({ account, principalType, principalId }) => `${principalType.toLowerCase()} ${principalId} in account ${account}`,
  );
  return [
    `The permission set ${permissionSet.name} is taken over with assignments that the document does not ask for, and that stay: ${listed(named)}. These people get the environment's policy in place of what they had, and reach its nodes where the account is one of its targets.`,
  ];
};

const foreignPolicies = ({ permissionSet: { name } }: EnvironmentSpec, attached: readonly string[]): string[] =>
  attached.length === 0
    ? []
    : [
        `The permission set ${name} is taken over with policies attached to it that stay: ${listed(attached)}. They hold for the environment's people too, and access.changes and the access matrix do not count them.`,
      ];

const foreignBoundary = ({ permissionSet: { name } }: EnvironmentSpec, boundary: string | null): string[] =>
  boundary === null
    ? []
    : [
        `The permission set ${name} is taken over with a permissions boundary that stays: ${boundary}. Its people can do only what that allows too, whatever the environment's policy gives them; access.changes and the access matrix do not count it.`,
      ];

/** What whoever has the permission set now gains and loses on the environment's nodes by the policy that it gets. */
const replacedPolicy = (after: EnvironmentSpec, found: string | null): string[] => {
  if (found === null) return [];
  const differences = policyDifferences(found, JSON.stringify(permissionSetPolicy(after)));
  if (differences.length === 0) return [];
  const will = accessOf(after);
  const nodes = nodesOf(will);
  const before = prepareEnvironment({ ...will, policy: parsedPolicyText(found) });
  const changes =
    "problems" in before.parsed ? null : accessDiff(accessMatrix([before], nodes), accessMatrix([will], nodes));
  const on = (gained: boolean): string[] => [
    ...new Set(
      (changes ?? []).filter(({ to }) => (to !== "deny") === gained).map(({ action, node }) => `${action} on ${node}`),
    ),
  ];
  const said = (what: string, names: string[]): string => (names.length === 0 ? "" : ` ${what}: ${listed(names)}.`);
  return [
    `The inline policy of ${after.permissionSet.name} is replaced by the environment's (${listed(differences)}), for everybody who has the permission set.${
      changes === null
        ? " The one that it has cannot be evaluated."
        : said("On the environment's nodes they gain", on(true)) + said("They lose", on(false))
    }`,
  ];
};

const ofGroup = async ({ accessReader }: Sources, { group }: EnvironmentSpec, groupId: string): Promise<string[]> => {
  const named = new Set(group.members.map(({ userName }) => userName.toLowerCase()));
  const members = (await accessReader.groupMembers(groupId)) ?? [];
  const strangers = members.map(({ userName }) => userName).filter((userName) => !named.has(userName.toLowerCase()));
  return strangers.length === 0
    ? []
    : [
        `The group ${group.name} is taken over with members that the document does not name, and that stay: ${listed(strangers)}. They get the environment's access. Name them in the document, or take them out of the group in Identity Center.`,
      ];
};
