/**
 * Memberships and assignments that are there already: of a group or permission set that is taken over, or made by somebody's hand.
 * They are what the document asks for, so they are taken over with what they belong to; the plan shows them as imports. Made
 * again, AWS would refuse them in the middle of the apply.
 */
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import type { EnvironmentMember } from "../../../stacks/arguments.ts";
import { assignmentResourceName, membershipResourceName } from "../../../stacks/names.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import type { Resolving } from "./resolve.ts";
import type { ResolvedPerson } from "./resolve-people.ts";

const holds = ({ stack }: Resolving, type: string, name: string): boolean =>
  stack.resources.some((resource) => resource.type === type && resource.name === name);

/**
 * The members, with the ids of those memberships that the stack does not have yet.
 *
 * @param groupId `null`: the group is not there yet
 * @throws CloudReadError
 */
export const withMemberships = (
  context: Resolving,
  groupId: string | null,
  people: readonly ResolvedPerson[],
): Promise<EnvironmentMember[]> =>
  Promise.all(
    people.map(async ({ member, userId }) => {
      if (groupId === null || userId === null) return member;
      if (holds(context, typeTokens.membership, membershipResourceName(member.userName))) return member;
      const found = await context.reader.findMembership(groupId, userId);
      return found === null ? member : { ...member, membershipImportId: found.importId };
    }),
  );

/**
 * Ids of the group's assignments that the stack does not have yet, by account; `null` where there is none.
 *
 * @throws CloudReadError
 */
export const existingAssignments = async (
  context: Resolving,
  { groupId, permissionSetArn }: { groupId: string | null; permissionSetArn: string | null },
  { targets }: EnvironmentSpec,
): Promise<Record<string, string> | null> => {
  if (groupId === null || permissionSetArn === null) return null;
  const accounts = [...new Set(targets.map(({ account }) => account))].filter(
    (account) => !holds(context, typeTokens.assignment, assignmentResourceName(account)),
  );
  if (accounts.length === 0) return null;
  const found = await context.reader.findAssignments(permissionSetArn, groupId, accounts);
  if (found.size === 0) return null;
  return Object.fromEntries([...found].sort().map(([account, { importId }]) => [account, importId]));
};
