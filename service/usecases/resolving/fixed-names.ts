/** Names that programs give to what they make, and that nothing takes over. */
import type { Found } from "../../cloud/reader.ts";
import type { TakingOver } from "./taking-over.ts";

/** A name that a program gives to what it makes, and that nothing takes over. */
export interface FixedName {
  /** What a person calls it, without where it is. */
  what: string;
  type: string;
  scope: { account: string; region: string };
  /** What has the name now. */
  look: () => Promise<readonly Found[]>;
  remedy: string;
}

/** @throws DomainError `name_taken` when something has one of the names that is not this stack's own; CloudReadError */
export const refuseTakenNames = async (
  { importIdOf }: Pick<TakingOver, "importIdOf">,
  names: readonly FixedName[],
): Promise<void> => {
  await Promise.all(
    names.map(async ({ what, type, scope, look, remedy }) => {
      for (const found of await look())
        await importIdOf({ what: `${what} in account ${scope.account}`, type, scope, found, adoptAs: null, remedy });
    }),
  );
};

/** For names of which there is one at most. */
export const atMostOne = async (found: Promise<Found | null>): Promise<readonly Found[]> => {
  const one = await found;
  return one === null ? [] : [one];
};
