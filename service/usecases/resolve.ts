import type { CloudReader, Found } from "../cloud/reader.ts";
import { targetRoleArn } from "../cloud/target-role.ts";
import { DomainError } from "../domain/errors.ts";
import type { Warning } from "../domain/operation.ts";
import type { JsonObject } from "../engine/engine.ts";
import type { StackRow } from "../store/stacks.ts";
import type { Tables } from "../store/store.ts";
import type { AccountAccess } from "../../stacks/arguments.ts";
import type { Settings } from "./dependencies.ts";

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
}

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
  /**
   * Type of what the program imports together with it, where there is such a thing. A run that broke off may have taken the
   * one and not the other: then both are named again, and the engine finds that it has the first.
   */
  togetherWith?: string;
}

/**
 * The id to import something under: `null` when it is to be made, or is this stack's own already.
 *
 * @throws DomainError `name_taken` when it exists and nobody said to take it over.
 */
export const importIdOf = async (
  context: ResolveContext,
  stack: StackRow,
  adopt: readonly string[],
  existing: Existing,
): Promise<string | null> => {
  const { found, togetherWith } = existing;
  if (found === null) return null;
  const { id, importId } = found;
  if (stack.resources.some((resource) => isThere(resource, existing)))
    return togetherWith === undefined || holds(stack, togetherWith, existing) ? null : importId;
  const retained = await context.tables.retained.find([id]);
  if (retained.some((resource) => isThere(resource, existing))) return importId;
  if (existing.adoptAs !== null && adopt.includes(existing.adoptAs)) return importId;
  throw nameTaken(existing);
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

const nameTaken = ({ what, adoptAs }: Existing): DomainError =>
  new DomainError(
    "name_taken",
    adoptAs === null
      ? `AWS has ${what} already, and Gatehouse did not make it. Choose another name, or remove it in AWS.`
      : `AWS has ${what} already. Write "adopt": ["${adoptAs}"] in the document to take it over, or choose another name.`,
  );
