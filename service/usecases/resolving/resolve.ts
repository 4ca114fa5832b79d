import type { CloudReader, Found } from "../../cloud/reader.ts";
import { targetRoleArn } from "../../cloud/target-role.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Warning } from "../../domain/operation.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { AccountAccess } from "../../../stacks/arguments.ts";
import type { Adopting, Adoption } from "./adoption.ts";
import type { Settings } from "../dependencies.ts";

/**
 * From a document to the arguments of its program: what the foundation recorded, which people exist already, what is
 * imported, when an activation expires. It happens when a preview runs, and again before its up, where anything that came
 * out differently makes the preview stale.
 */
export interface ResolveContext {
  tables: Tables;
  reader: CloudReader;
  settings: Settings;
  now: Date;
}

export interface Resolved {
  arguments: JsonObject;
  warnings: Warning[];
  /** What is taken over because the document says so, and what of it may be changed. */
  adopting: Adopting;
}

/** Where nothing is taken over. */
export const adoptingNothing: Adopting = { adopted: [], adoptChanges: [] };

/** Type tokens of what can be there before its stack. */
export const types = {
  group: "aws:identitystore/group:Group",
  user: "aws:identitystore/user:User",
  permissionSet: "aws:ssoadmin/permissionSet:PermissionSet",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  key: "aws:kms/key:Key",
  keyAlias: "aws:kms/alias:Alias",
  document: "aws:ssm/document:Document",
  bucket: "aws:s3/bucket:Bucket",
  activation: "aws:ssm/activation:Activation",
  role: "aws:iam/role:Role",
  policy: "aws:iam/policy:Policy",
  trail: "aws:cloudtrail/trail:Trail",
  membership: "aws:identitystore/groupMembership:GroupMembership",
  assignment: "aws:ssoadmin/accountAssignment:AccountAssignment",
  instanceProfile: "aws:iam/instanceProfile:InstanceProfile",
  topic: "aws:sns/topic:Topic",
  eventRule: "aws:cloudwatch/eventRule:EventRule",
  quickSetup: "aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager",
} as const;

/** How to reach an account: the role named in the configuration, or the process's own credentials. */
export const accessTo = (settings: Settings, account: string, region: string): AccountAccess => ({
  account,
  region,
  roleArn: targetRoleArn(settings.targetRole, { account, region }),
});

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

/** What the parts of a document are resolved with. */
export interface Resolving extends ResolveContext {
  stack: StackRow;
  importIdOf: TakingOver["importIdOf"];
}

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
  { importIdOf }: Pick<Resolving, "importIdOf">,
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

/**
 * What of the account a stack takes over.
 *
 * @param adopt the kinds that the document lists
 */
export const takingOver = (
  { tables }: Pick<ResolveContext, "tables">,
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
