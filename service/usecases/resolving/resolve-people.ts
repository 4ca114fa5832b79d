/** Who of an environment's members is made by it, who is taken over, and who only becomes a member. */
import type { Scope } from "../../cloud/provider.ts";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import type { EnvironmentMember } from "../../../stacks/arguments.ts";
import { userResourceName } from "../../../stacks/names.ts";
import { lastEnvironmentArguments } from "./last-arguments.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import type { Resolving } from "./resolve.ts";

/** A member, as the program is to have them. */
export interface ResolvedPerson {
  member: EnvironmentMember;
  /** `null`: the person is not there yet. */
  userId: string | null;
}

/** @throws DomainError `not_found`, `name_taken`; CloudReadError */
export const resolvePeople = async (
  context: Resolving,
  spec: EnvironmentSpec,
  scope: Scope,
): Promise<ResolvedPerson[]> => {
  const { stack } = context;
  const { members } = spec.group;
  const people = await context.tables.people.findMany(members.map(({ userName }) => userName));
  const personOf = new Map(people.map((person) => [person.userName, person]));
  const last = lastEnvironmentArguments(stack);
  return Promise.all(
    members.map(async (member, index): Promise<ResolvedPerson> => {
      const { userName } = member;
      const found = await context.reader.findUser(userName);
      const userId = found?.userId ?? null;
      const lookup = (why: string): ResolvedPerson => {
        if (found === null)
          throw new DomainError("not_found", `Identity Center has no user "${userName}". ${why}`, {
            errors: [
              {
                pointer: `/environment/group/members/${index}/userName`,
                message: "must be a user that Identity Center knows",
              },
            ],
          });
        return { userId, member: { userName, user: null } };
      };
      if (member.email === null || member.givenName === null || member.familyName === null)
        return lookup("Give email, givenName and familyName to have the person made.");
      const person = personOf.get(userName);
      if (person !== undefined && person.ownerStack !== null && person.ownerStack !== stack.name)
        return lookup(`${person.ownerStack} makes this person: bring it up first.`);
      // Who let the owner go while this environment had a membership only, keeps it so.
      const membershipOnly = last?.members.some((before) => before.userName === userName && before.user === null);
      if (membershipOnly === true && found !== null) return { userId, member: { userName, user: null } };
      const importId = await context.importIdOf({
        what: `the user "${userName}"`,
        type: typeTokens.user,
        name: userResourceName(userName),
        scope,
        found,
        adoptAs: "users",
      });
      const { email, givenName, familyName } = member;
      const isKept = last?.members.some((before) => before.userName === userName && before.user?.email === email);
      if (isKept !== true) await refuseTakenAddress(context, { userName, userId, email, index });
      const user = { email, givenName, familyName, retain: member.onRemoval === "retain", importId };
      return { userId, member: { userName, user } };
    }),
  );
};

/** AWS lets no two people have the same address, and would refuse it in the middle of the apply. */
const refuseTakenAddress = async (
  { reader }: Resolving,
  { userName, userId, email, index }: { userName: string; userId: string | null; email: string; index: number },
): Promise<void> => {
  const other = await reader.findUserByEmail(email);
  if (other === null || other.userId === userId) return;
  throw new DomainError(
    "name_taken",
    `The address ${email} of "${userName}" belongs to another person of Identity Center (user ${other.userId}). Name that person by their own user name, without email and names, or give another address.`,
    {
      errors: [
        { pointer: `/environment/group/members/${index}/email`, message: "must not be another person's address" },
      ],
    },
  );
};
