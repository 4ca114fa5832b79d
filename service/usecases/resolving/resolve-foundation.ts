import type { Scope } from "../../cloud/provider.ts";
import type { CloudReader } from "../../cloud/reader.ts";
import { DomainError } from "../../domain/errors.ts";
import type { FoundationSpec } from "../../domain/foundation-document.ts";
import type { Warning } from "../../domain/operation.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import type { FoundationArguments } from "../../../stacks/arguments.ts";
import { archiveKeyAlias, preferencesDocumentName } from "../../../stacks/names.ts";
import { explainingAws } from "../operations/cloud-problems.ts";
import { refuseTaken } from "./foundation-names.ts";
import { lastFoundationArguments } from "./last-arguments.ts";
import { requireAccounts, requireUsableKey } from "./first-step.ts";
import { takingOver, type TakingOver } from "./taking-over.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import { accessTo, type ResolveContext, type Resolved } from "./resolve.ts";
import { tierWarning } from "./tier-warning.ts";
import { toJson } from "../to-json.ts";

/**
 * Resolves a foundation's document.
 *
 * @throws DomainError `account_mismatch`, `name_taken`, `not_found`, `conflict`, and the failures of `cloud-problems.ts`
 */
export const resolveFoundation = (context: ResolveContext, stack: StackRow, spec: FoundationSpec): Promise<Resolved> =>
  explainingAws(() => resolve(context, stack, spec));

const resolve = async (context: ResolveContext, stack: StackRow, spec: FoundationSpec): Promise<Resolved> => {
  const { account, region, logArchive } = spec;
  const { reader, settings } = context;
  await requireAccounts(reader, [{ account, region }]);
  const owner = await accountOwner(context.tables, account, stack.name);
  const taking = takingOver(context, stack, spec.adopt);
  const [imports, tier] = await Promise.all([
    resolveImports(reader, taking, spec),
    spec.activationTier === "none" ? null : tierWarning(reader, spec),
    requireTrail(context, spec, owner),
    refuseTaken({ ...context, stack, ...taking }, spec, owner === null),
  ]);
  const resolved: FoundationArguments = {
    access: accessTo(settings, account, region),
    ownsAccount: owner === null,
    hostManagement: spec.hostManagement,
    sessionPreferences: { ...spec.sessionPreferences, importId: imports.preferences },
    logArchive: {
      ...logArchive,
      bucketImportId: imports.bucket,
      logGroupImportId: imports.logGroup,
      keyImportId: imports.key,
    },
    notifications: spec.notifications,
    activationTier: spec.activationTier,
  };
  return {
    arguments: toJson(resolved),
    warnings: [...(tier === null ? [] : [tier]), ...bucketWarnings(taking, logArchive.bucketName)],
    adopting: { adopted: taking.adopted(), adoptChanges: spec.adoptChanges },
  };
};

/** A bucket's settings are resources of their own, which AWS overwrites: the plan shows them as creates, whatever is there. */
const bucketWarnings = (taking: TakingOver, bucket: string): Warning[] =>
  taking.adopted().some(({ as, types: adopted }) => as === "bucket" && adopted.includes(typeTokens.bucket))
    ? [
        {
          code: "import_changes_resource",
          message: `The bucket ${bucket} is taken over, and its policy, default encryption, versioning, lifecycle rules, ownership controls and public access block are set to the log archive's, whatever they are now; the plan shows these as creates. Keep what you need of them first (aws s3api get-bucket-policy --bucket ${bucket}, …): lifecycle rules delete objects by their age.`,
        },
      ]
    : [];

/** Under which ids what exists is taken over. */
const resolveImports = async (
  reader: CloudReader,
  taking: TakingOver,
  { account, region, logArchive }: FoundationSpec,
): Promise<Record<"bucket" | "logGroup" | "key" | "preferences", string | null>> => {
  const scope = { account, region };
  const where = `in account ${account}, ${region}`;
  const [foundBucket, foundLogGroup, foundKey, foundPreferences] = await Promise.all([
    reader.findBucket(scope, logArchive.bucketName),
    reader.findLogGroup(scope, logArchive.logGroupName),
    reader.findKey(scope, archiveKeyAlias),
    reader.findDocument(scope, preferencesDocumentName),
  ]);
  requireUsableKey(foundKey, archiveKeyAlias, scope);
  if (foundBucket !== null) refuseForeignBucket(foundBucket, scope, logArchive.bucketName);
  const [bucket, logGroup, key, preferences] = await Promise.all([
    taking.importIdOf({
      what: `the bucket "${logArchive.bucketName}" ${where}`,
      type: typeTokens.bucket,
      scope,
      found: foundBucket,
      adoptAs: "bucket",
    }),
    taking.importIdOf({
      what: `the log group "${logArchive.logGroupName}" ${where}`,
      type: typeTokens.logGroup,
      scope,
      found: foundLogGroup,
      adoptAs: "log-group",
    }),
    taking.importIdOf({
      what: `a KMS key with the alias "${archiveKeyAlias}" ${where}`,
      type: typeTokens.key,
      scope,
      found: foundKey,
      adoptAs: "bucket",
      togetherWith: typeTokens.keyAlias,
    }),
    taking.importIdOf({
      what: `session preferences (the document ${preferencesDocumentName}) ${where}`,
      type: typeTokens.document,
      scope,
      found: foundPreferences,
      adoptAs: "session-preferences",
    }),
  ]);
  return { bucket, logGroup, key, preferences };
};

/** Bucket names are shared by all of AWS, and a bucket stays where it is. */
const refuseForeignBucket = (
  { owned, region }: { owned: boolean; region: string | null },
  scope: Scope,
  name: string,
): void => {
  const errors = [
    { pointer: "/foundation/logArchive/bucketName", message: "must be free, or this account's own here" },
  ];
  if (!owned)
    throw new DomainError(
      "name_taken",
      `The bucket name "${name}" belongs to another AWS account; bucket names are shared by all of AWS. Choose another.`,
      { errors },
    );
  if (region !== null && region !== scope.region)
    throw new DomainError(
      "name_taken",
      `The bucket "${name}" is this account's, but in ${region}; logs of ${scope.region} stay in ${scope.region}. Choose another name.`,
      { errors },
    );
};

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
