/**
 * What only one may have, checked against our own database before anything is stored: each refusal names the call that
 * mends it. What only AWS can tell is checked when the preview runs (`resolving/`).
 */
import { z } from "zod";
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import type { FoundationSpec } from "../../domain/foundation-document.ts";
import { environmentStack, foundationStack } from "../../domain/stacks.ts";
import { isSamePlace } from "../../domain/targets.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import { policySize, policySizeLimit } from "../../../stacks/policies/policy-size.ts";
import { permissionSetPolicy } from "../../../stacks/policies/permission-set-policy.ts";
import { defaultSessionPrefix, trailPrefix } from "../../../stacks/foundation/log-archive-policies.ts";
import { checkReach } from "../access/access-reach.ts";
import type { Settings } from "../dependencies.ts";
import { nameTakenBy } from "./name-taken-by.ts";
import { checkNodeRoleQuota } from "./node-role-quota.ts";
import { foundationMissing } from "../resolving/foundation-facts.ts";

/** What an environment claims for itself: locked while it is checked, so that two requests cannot both pass. */
export const environmentLocks = ({ group, permissionSet, logging, tag }: EnvironmentSpec): string[] => [
  `group:${group.name}`,
  `permission-set:${permissionSet.name}`,
  ...group.members.map(({ userName }) => `user:${userName}`),
  `tag:${tag.key.toLowerCase()}=${tag.value}`,
  `folder:${logging.s3.keyPrefix.split("/")[0] ?? ""}`,
];

/** What is asked here of a stored document of another environment, which was valid when it was accepted. */
const claimed = z.object({
  group: z.object({ source: z.string(), members: z.array(z.object({ userName: z.string() })) }),
  targets: z.array(z.object({ account: z.string(), region: z.string() })),
});

/** @throws DomainError `foundation_missing`, `tier_required`, `name_taken`, `user_in_use`, `reach_conflict`, `quota_exceeded`, `invalid_request` */
export const checkEnvironment = async (
  tables: Tables,
  stack: StackRow | null,
  spec: EnvironmentSpec,
  settings: Pick<Settings, "policiesPerRole">,
): Promise<void> => {
  await tables.lock(environmentLocks(spec));
  checkPolicySize(spec);
  await checkFoundations(tables, spec);
  await checkNames(tables, spec);
  await checkKeyPrefix(tables, spec);
  await checkPeople(tables, stack, spec);
  await checkNodeRoleQuota(tables, spec, settings);
  await checkReach(tables, spec);
};

const checkPolicySize = (spec: EnvironmentSpec): void => {
  const { nonWhitespaceBytes } = policySize(permissionSetPolicy(spec));
  if (nonWhitespaceBytes <= policySizeLimit) return;
  const pointer = spec.extraStatements.length > 0 ? "/environment/extraStatements" : "/environment/targets";
  throw new DomainError(
    "invalid_request",
    `The permission set's inline policy would have ${nonWhitespaceBytes} bytes; IAM Identity Center takes ${policySizeLimit}.`,
    { errors: [{ pointer, message: `must leave the inline policy within ${policySizeLimit} bytes` }] },
  );
};

const checkFoundations = async (tables: Tables, { targets, onPremises }: EnvironmentSpec): Promise<void> => {
  const rows = await tables.stacks.findMany(targets.map(({ account, region }) => foundationStack(account, region)));
  const applied = new Map(rows.flatMap((row) => (row.spec === null ? [] : [[row.name, row.spec]])));
  for (const { account, region } of targets)
    if (!applied.has(foundationStack(account, region))) throw foundationMissing(account, region);
  if (onPremises?.tier !== "advanced") return;
  const { account, region } = onPremises.target;
  const foundation = applied.get(foundationStack(account, region)) as FoundationSpec | undefined;
  if (foundation?.activationTier === "advanced") return;
  throw new DomainError(
    "tier_required",
    `onPremises.tier is advanced, but the foundation of account ${account} in ${region} does not set it. Post the foundation with "activationTier": "advanced" and "acknowledgeCharges": true (POST /v1/foundation-requests), or leave the tier out: AWS retired it on 2026-06-30.`,
    {
      errors: [
        { pointer: "/environment/onPremises/tier", message: "must be left out, or be what the foundation sets" },
      ],
    },
  );
};

const checkNames = async (tables: Tables, spec: EnvironmentSpec): Promise<void> => {
  const stack = environmentStack(spec.name);
  const withGroup = await tables.stacks.othersClaiming(stack, { groupName: spec.group.name });
  // Two environments may refer to one external group; only one may make a group of a name.
  const groupTaken = withGroup.find(
    (other) => spec.group.source === "identity-center" || claimed.parse(other.spec).group.source === "identity-center",
  );
  if (groupTaken !== undefined)
    throw nameTakenBy(groupTaken.stack, "group", spec.group.name, "/environment/group/name");
  const [withPermissionSet] = await tables.stacks.othersClaiming(stack, {
    permissionSetName: spec.permissionSet.name,
  });
  if (withPermissionSet !== undefined)
    throw nameTakenBy(
      withPermissionSet.stack,
      "permission set",
      spec.permissionSet.name,
      "/environment/permissionSet/name",
    );
};

/** Folders of the archive that the foundation writes itself. */
const reservedFolders = [trailPrefix, defaultSessionPrefix].map((folder) => `${folder}/`);

/** Nodes may write below an environment's folder: no two may share one in a bucket, nor lie inside each other. */
const checkKeyPrefix = async (tables: Tables, { name, targets, logging }: EnvironmentSpec): Promise<void> => {
  const { keyPrefix } = logging.s3;
  const pointer = "/environment/logging/s3/keyPrefix";
  if (reservedFolders.some((folder) => keyPrefix.startsWith(folder)))
    throw new DomainError("invalid_request", `The folder "${keyPrefix}" of the log archive is the foundation's own.`, {
      errors: [{ pointer, message: `must not be below ${reservedFolders.join(" or ")}` }],
    });
  const others = await tables.stacks.othersClaiming(environmentStack(name), { overlappingPrefix: keyPrefix });
  const sharing = others.find((other) =>
    claimed.parse(other.spec).targets.some((place) => targets.some((target) => isSamePlace(target, place))),
  );
  if (sharing !== undefined) throw nameTakenBy(sharing.stack, "log folder", keyPrefix, pointer);
};

/** A person may only be deleted by the last environment that names them. */
const checkPeople = async (tables: Tables, stack: StackRow | null, spec: EnvironmentSpec): Promise<void> => {
  const staying = new Set(spec.group.members.map(({ userName }) => userName));
  const leaving = deletedPeople(stack).filter((userName) => !staying.has(userName));
  const saidNow = spec.group.members.filter(({ onRemoval }) => onRemoval === "delete").map(({ userName }) => userName);
  await checkNobodyElseNames(tables, environmentStack(spec.name), [...leaving, ...saidNow]);
};

const checkNobodyElseNames = async (tables: Tables, stack: string, userNames: string[]): Promise<void> => {
  if (userNames.length === 0) return;
  const [other] = await tables.stacks.othersClaiming(stack, { userNames });
  if (other === undefined) return;
  const { members } = claimed.parse(other.spec).group;
  const shared = members.find(({ userName }) => userNames.includes(userName))?.userName ?? userNames[0];
  throw new DomainError(
    "user_in_use",
    `"${shared}" cannot be deleted: ${other.stack} names them too. Say "onRemoval": "retain" here, or take them out of ${other.stack} first (POST /v1/environment-requests).`,
    {
      errors: [
        {
          pointer: "/environment/group/members",
          message: `"${shared}" must be retained while ${other.stack} names them`,
        },
      ],
    },
  );
};

/** People that would go with the environment as it was last applied. */
const deletedPeople = (stack: StackRow | null): string[] => {
  const applied = stack?.spec as EnvironmentSpec | null | undefined;
  return (applied?.group.members ?? [])
    .filter(({ onRemoval }) => onRemoval === "delete")
    .map(({ userName }) => userName);
};

/** @throws DomainError `user_in_use` */
export const checkEnvironmentDestroy = async (tables: Tables, stack: StackRow): Promise<void> => {
  await checkNobodyElseNames(tables, stack.name, deletedPeople(stack));
};
