import type { Found } from "../cloud/reader.ts";
import { DomainError } from "../domain/errors.ts";
import type { FoundationSpec } from "../domain/foundation-document.ts";
import type { StackRow } from "../store/stacks.ts";
import type { Tables } from "../store/store.ts";
import { foundationArguments, type FoundationArguments } from "../../stacks/arguments.ts";
import { archiveKeyAlias, preferencesDocumentName } from "../../stacks/names.ts";
import { tierRetired } from "./resolve-environment.ts";
import { accessTo, importIdOf, types, type ResolveContext, type Resolved } from "./resolve.ts";
import { toJson } from "./to-json.ts";

/**
 * Resolves a foundation's document.
 *
 * @throws DomainError `name_taken`, `not_found`, `conflict`
 */
export const resolveFoundation = async (
  context: ResolveContext,
  stack: StackRow,
  spec: FoundationSpec,
): Promise<Resolved> => {
  const { account, region, logArchive, adopt } = spec;
  const { reader, settings } = context;
  const scope = { account, region };
  const where = `in account ${account}, ${region}`;
  const [bucket, logGroup, key, preferences, owner] = await Promise.all([
    reader.findBucket(scope, logArchive.bucketName),
    reader.findLogGroup(scope, logArchive.logGroupName),
    reader.findKey(scope, archiveKeyAlias),
    reader.findDocument(scope, preferencesDocumentName),
    accountOwner(context.tables, account, stack.name),
  ]);
  if (bucket !== null && !bucket.owned)
    throw new DomainError(
      "name_taken",
      `The bucket name "${logArchive.bucketName}" belongs to another AWS account; bucket names are shared by all of AWS. Choose another.`,
      { errors: [{ pointer: "/foundation/logArchive/bucketName", message: "must be free, or this account's own" }] },
    );
  await requireTrail(context, spec, owner);
  const importId = (what: string, type: string, found: Found | null, adoptAs: string | null) =>
    importIdOf(context, stack, adopt, { what: `${what} ${where}`, type, scope, found, adoptAs });
  const [bucketImportId, logGroupImportId, keyImportId, preferencesImportId] = await Promise.all([
    importId(`the bucket "${logArchive.bucketName}"`, types.bucket, bucket, "bucket"),
    importId(`the log group "${logArchive.logGroupName}"`, types.logGroup, logGroup, "log-group"),
    importIdOf(context, stack, adopt, {
      what: `a KMS key with the alias "${archiveKeyAlias}" ${where}`,
      type: types.key,
      scope,
      found: key,
      adoptAs: "bucket",
      togetherWith: types.keyAlias,
    }),
    importId(
      `session preferences (the document ${preferencesDocumentName})`,
      types.document,
      preferences,
      "session-preferences",
    ),
  ]);
  const resolved: FoundationArguments = {
    access: accessTo(settings, account, region),
    ownsAccount: owner === null,
    hostManagement: spec.hostManagement,
    sessionPreferences: { ...spec.sessionPreferences, importId: preferencesImportId },
    logArchive: { ...logArchive, bucketImportId, logGroupImportId, keyImportId },
    notifications: spec.notifications,
    activationTier: spec.activationTier,
  };
  return {
    arguments: toJson(resolved),
    warnings: spec.activationTier === "none" ? [] : [tierRetired],
  };
};

/** The arguments of a foundation's last run, typed again after their time in the database. */
export const lastFoundationArguments = (stack: StackRow): FoundationArguments | null =>
  stack.arguments === null ? null : foundationArguments.parse(stack.arguments);

/** The foundation other than this one that owns what exists once per account; `null` when this one does, or will. */
export const accountOwner = async (tables: Tables, account: string, stack: string): Promise<StackRow | null> => {
  const others = await tables.stacks.otherFoundations(account, stack);
  return others.find((row) => lastFoundationArguments(row)?.ownsAccount === true) ?? null;
};

/** Notifications need a trail: one that is named must exist; an account's later foundations use the first one's. */
const requireTrail = async (
  { reader }: ResolveContext,
  { account, region, notifications }: FoundationSpec,
  owner: StackRow | null,
): Promise<void> => {
  if (notifications === null) return;
  if (notifications.trail !== null) {
    if ((await reader.findTrail({ account, region }, notifications.trail)) === null)
      throw new DomainError(
        "not_found",
        `Account ${account} has no trail "${notifications.trail}". Name one that logs management events, or leave it out to have one made.`,
        { errors: [{ pointer: "/foundation/notifications/trail", message: "must be a trail of the account" }] },
      );
    return;
  }
  const ownersTrail = owner === null || lastFoundationArguments(owner)?.notifications != null;
  if (!ownersTrail)
    throw new DomainError(
      "conflict",
      `${owner.name} is the account's first foundation and makes its trail, but has no notifications. Give it some (POST /v1/foundation-requests), or name a trail here.`,
      {
        errors: [
          {
            pointer: "/foundation/notifications/trail",
            message: "must name a trail, as the account's first foundation makes none",
          },
        ],
      },
    );
};
