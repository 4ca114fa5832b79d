import type { Scope } from "../../cloud/provider.ts";
import { DomainError } from "../../domain/errors.ts";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { durationSeconds } from "../../domain/durations.ts";
import { foundationStack } from "../../domain/stacks.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { EnvironmentArguments, EnvironmentTarget } from "../../../stacks/arguments.ts";
import { sessionDocumentName, sessionKeyAlias, sessionLogGroupName } from "../../../stacks/names.ts";
import { explainingAws } from "../operations/cloud-problems.ts";
import { documentWarnings } from "./document-warnings.ts";
import { requireAccounts, requireIdentityCenter, requireUsableKey } from "./first-step.ts";
import { refuseTaken } from "./environment-names.ts";
import { factsOf, foundationMissing } from "./foundation-facts.ts";
import { lastEnvironmentArguments } from "./last-arguments.ts";
import { takingOver } from "./taking-over.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import { accessTo, type ResolveContext, type Resolved, type Resolving } from "./resolve.ts";
import { resolvePeople } from "./resolve-people.ts";
import { existingAssignments, withMemberships } from "./resolve-relations.ts";
import { tierWarning } from "./tier-warning.ts";
import { toJson } from "../to-json.ts";

/**
 * Resolves an environment's document.
 *
 * @param decided The arguments of the preview that is about to be applied: an activation's expiry is decided once.
 * @throws DomainError `identity_center_missing`, `account_mismatch`, `name_taken`, `not_found`, `foundation_missing`,
 * `key_pending_deletion`, `conflict`, and the failures of `cloud-problems.ts`
 */
export const resolveEnvironment = (
  context: ResolveContext,
  stack: StackRow,
  spec: EnvironmentSpec,
  decided: EnvironmentArguments | null,
): Promise<Resolved> => explainingAws(() => resolve(context, stack, spec, decided));

const resolve = async (
  given: ResolveContext,
  stack: StackRow,
  spec: EnvironmentSpec,
  decided: EnvironmentArguments | null,
): Promise<Resolved> => {
  const { reader, settings } = given;
  const identityCenter = await requireIdentityCenter(reader);
  await requireAccounts(reader, [identityCenter, ...spec.targets]);
  const taking = takingOver(given, stack, spec.adopt);
  const context: Resolving = { ...given, stack, importIdOf: taking.importIdOf };
  const [{ group, groupId }, people, permissionSet, targets, tier] = await Promise.all([
    resolveGroup(context, spec, identityCenter),
    resolvePeople(context, spec, identityCenter),
    resolvePermissionSet(context, spec, identityCenter),
    resolveTargets(context, spec),
    spec.onPremises?.tier == null ? null : tierWarning(reader, spec.onPremises.target),
    refuseTaken(context, spec),
  ]);
  const [members, assignmentImportIds] = await Promise.all([
    withMemberships(context, groupId, people),
    existingAssignments(context, { groupId, permissionSetArn: permissionSet.arn }, spec),
  ]);
  const resolved: EnvironmentArguments = {
    name: spec.name,
    tag: spec.tag,
    identityCenter: {
      ...accessTo(settings, identityCenter.account, identityCenter.region),
      instance: { arn: identityCenter.instanceArn, identityStoreId: identityCenter.identityStoreId },
    },
    group,
    members,
    permissionSet: {
      ...spec.permissionSet,
      importId: permissionSet.importId,
      ...(assignmentImportIds === null ? {} : { assignmentImportIds }),
    },
    policyProfile: spec.policyProfile,
    sessionDocuments: spec.sessionDocuments,
    targets,
    logging: spec.logging,
    onPremises:
      spec.onPremises === null
        ? null
        : {
            account: spec.onPremises.target.account,
            region: spec.onPremises.target.region,
            registrationLimit: spec.onPremises.registrationLimit,
            expirationDate: activationExpiry(stack, spec, spec.onPremises, decided, given.now),
          },
    extraStatements: spec.extraStatements,
  };
  return {
    arguments: toJson(resolved),
    warnings: [...(tier === null ? [] : [tier]), ...documentWarnings(spec)],
    adopting: { adopted: taking.adopted(), adoptChanges: spec.adoptChanges },
  };
};

const resolveGroup = async (
  context: Resolving,
  { group }: EnvironmentSpec,
  scope: Scope,
): Promise<{ group: EnvironmentArguments["group"]; groupId: string | null }> => {
  const { name, description, source } = group;
  const found = await context.reader.findGroup(name);
  const groupId = found?.groupId ?? null;
  if (source === "external") {
    if (found === null)
      throw new DomainError(
        "not_found",
        `Identity Center has no group "${name}". An external group comes from the identity provider: check the name, and that the provider has synchronised it.`,
        { errors: [{ pointer: "/environment/group/name", message: "must be a group that Identity Center knows" }] },
      );
    return { group: { name, description, source, importId: null }, groupId };
  }
  const importId = await context.importIdOf({
    what: `the group "${name}"`,
    type: typeTokens.group,
    scope,
    found,
    adoptAs: "group",
  });
  return { group: { name, description, source, importId }, groupId };
};

const resolvePermissionSet = async (
  { reader, importIdOf }: Resolving,
  { permissionSet: { name } }: EnvironmentSpec,
  scope: Scope,
): Promise<{ importId: string | null; arn: string | null }> => {
  const found = await reader.findPermissionSet(name);
  const what = `the permission set "${name}"`;
  const importId = await importIdOf({ what, type: typeTokens.permissionSet, scope, found, adoptAs: "permission-set" });
  return { importId, arn: found?.arn ?? null };
};

const resolveTargets = async (context: Resolving, { name, targets }: EnvironmentSpec): Promise<EnvironmentTarget[]> => {
  const { reader, settings, tables } = context;
  const foundations = await tables.stacks.findMany(
    targets.map(({ account, region }) => foundationStack(account, region)),
  );
  return Promise.all(
    targets.map(async ({ account, region }) => {
      const foundation = factsOf(foundations.find((row) => row.name === foundationStack(account, region)) ?? null);
      if (foundation === null) throw foundationMissing(account, region);
      const scope = { account, region };
      const [logGroup, key, document] = await Promise.all([
        reader.findLogGroup(scope, sessionLogGroupName(name)),
        reader.findKey(scope, sessionKeyAlias(name)),
        reader.findDocument(scope, sessionDocumentName(name)),
      ]);
      requireUsableKey(key, sessionKeyAlias(name), scope);
      const where = `in account ${account}, ${region}`;
      const [logGroupImportId, keyImportId] = await Promise.all([
        context.importIdOf({
          what: `the log group "${sessionLogGroupName(name)}" ${where}`,
          type: typeTokens.logGroup,
          scope,
          found: logGroup,
          adoptAs: "log-group",
        }),
        context.importIdOf({
          what: `a KMS key with the alias "${sessionKeyAlias(name)}" ${where}`,
          type: typeTokens.key,
          scope,
          found: key,
          adoptAs: "log-group",
          togetherWith: typeTokens.keyAlias,
        }),
        context.importIdOf({
          what: `the document "${sessionDocumentName(name)}" ${where}`,
          type: typeTokens.document,
          scope,
          found: document,
          adoptAs: null,
        }),
      ]);
      return { access: accessTo(settings, account, region), foundation, logGroupImportId, keyImportId };
    }),
  );
};

/**
 * When the activation expires, decided when it is made or must be made anew: AWS can change nothing about one, so a
 * different tag, limit or place makes another. Otherwise the instant stays, so that hours later nothing differs.
 */
const activationExpiry = (
  stack: StackRow,
  spec: EnvironmentSpec,
  onPremises: NonNullable<EnvironmentSpec["onPremises"]>,
  decided: EnvironmentArguments | null,
  now: Date,
): string => {
  if (decided?.onPremises != null) return decided.onPremises.expirationDate;
  const last = lastEnvironmentArguments(stack);
  const made = last?.onPremises ?? null;
  const lastExpiresIn = (stack.spec as Partial<EnvironmentSpec> | null)?.onPremises?.expiresIn;
  if (
    made !== null &&
    stack.resources.some(({ type }) => type === typeTokens.activation) &&
    made.account === onPremises.target.account &&
    made.region === onPremises.target.region &&
    made.registrationLimit === onPremises.registrationLimit &&
    last?.tag.key === spec.tag.key &&
    last.tag.value === spec.tag.value &&
    (lastExpiresIn === undefined || lastExpiresIn === onPremises.expiresIn)
  )
    return made.expirationDate;
  const seconds = Math.floor(now.getTime() / 1000) + (durationSeconds(onPremises.expiresIn) ?? 0);
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
};
