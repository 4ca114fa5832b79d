/** What exists already where a stack wants something: its own, taken over, or a refusal. */
import type { Found } from "../../cloud/reader.ts";
import { DomainError } from "../../domain/errors.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { Adoption } from "./adoption.ts";

/** Something that a stack wants, and what there is of it. */
export interface Existing {
  /** What a person calls it: `the group "ProductionAccess"`. */
  what: string;
  type: string;
  /** Where it would be; ids such as a log group's name are an account's and region's own. */
  scope: { account: string; region: string };
  /** `null` when there is no such thing. */
  found: Found | null;
  /** The entry of `adopt` that takes it over; `null` where nothing does. */
  adoptAs: string | null;
  /** What else can be done about it than to choose another name; a sentence. */
  remedy?: string;
  /** Its logical name, where the stack has several of the type. */
  name?: string;
  /**
   * Type of what the program imports together with it, where there is such a thing. A run that broke off may have taken the
   * one and not the other: then both are named again, and the engine finds that it has the first.
   */
  togetherWith?: string;
}

/** What a stack takes over, as it is found out. */
export interface TakingOver {
  /**
   * The id to import something under: `null` when it is to be made, or is this stack's own already.
   *
   * @throws DomainError `name_taken` when it exists and nobody said to take it over.
   */
  importIdOf(existing: Existing): Promise<string | null>;
  /** What was taken over so far because `adopt` lists it. */
  adopted(): Adoption[];
}

/**
 * What of the account a stack takes over.
 *
 * @param adopt the kinds that the document lists
 */
export const takingOver = (
  { tables }: { tables: Pick<Tables, "retained"> },
  stack: StackRow,
  adopt: readonly string[],
): TakingOver => {
  const adopted: Adoption[] = [];
  return {
    adopted: () => [...adopted],
    importIdOf: async (existing) => {
      const { found, togetherWith, adoptAs, type, name = null } = existing;
      if (found === null) return null;
      const { id, importId } = found;
      if (stack.resources.some((resource) => isThere(resource, existing)))
        return togetherWith === undefined || holds(stack, togetherWith, existing) ? null : importId;
      const retained = await tables.retained.find([id]);
      if (retained.some((resource) => isThere(resource, existing))) return importId;
      if (adoptAs === null || !adopt.includes(adoptAs)) throw nameTaken(existing);
      adopted.push({ as: adoptAs, types: togetherWith === undefined ? [type] : [type, togetherWith], name });
      return importId;
    },
  };
};

const holds = (stack: StackRow, type: string, { scope }: Existing): boolean =>
  stack.resources.some(
    (resource) =>
      resource.type === type &&
      resource.account === scope.account &&
      (resource.region ?? scope.region) === scope.region,
  );

const isThere = (
  resource: { type: string; id: string; account: string | null; region: string | null },
  { type, found, scope }: Existing,
): boolean =>
  resource.type === type &&
  resource.id === found?.id &&
  resource.account === scope.account &&
  (resource.region ?? scope.region) === scope.region;

const nameTaken = ({ what, adoptAs, remedy = "Choose another name, or remove it in AWS." }: Existing): DomainError =>
  new DomainError(
    "name_taken",
    adoptAs === null
      ? `AWS has ${what} already, and Gatehouse did not make it. ${remedy}`
      : `AWS has ${what} already. Write "adopt": ["${adoptAs}"] in the document to take it over, or choose another name.`,
  );
