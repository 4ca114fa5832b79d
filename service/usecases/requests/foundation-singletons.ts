/** What only one foundation may have, as in `environment-singletons.ts`. */
import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import type { FoundationSpec } from "../../domain/foundation-document.ts";
import { foundationStack } from "../../domain/stacks.ts";
import type { StackRow } from "../../store/stacks.ts";
import type { Tables } from "../../store/store.ts";
import { nameTakenBy } from "./name-taken-by.ts";
import { accountOwner } from "../resolving/resolve-foundation.ts";

/** What a foundation claims for itself. */
export const foundationLocks = ({ account, logArchive }: FoundationSpec): string[] => [
  `account:${account}`,
  `bucket:${logArchive.bucketName}`,
];

/** @throws DomainError `name_taken`, `tier_required`, `conflict`, `foundation_in_use` */
export const checkFoundation = async (tables: Tables, stack: StackRow | null, spec: FoundationSpec): Promise<void> => {
  const { account, region } = spec;
  await tables.lock(foundationLocks(spec));
  const name = foundationStack(account, region);
  const [other] = await tables.stacks.othersClaiming(name, { bucketName: spec.logArchive.bucketName });
  if (other !== undefined)
    throw nameTakenBy(other.stack, "bucket", spec.logArchive.bucketName, "/foundation/logArchive/bucketName");
  if (spec.activationTier !== "advanced") await checkTierStays(tables, spec);
  await checkTrailStays(tables, stack, spec);
  const owner = await accountOwner(tables, account, name);
  const ownerSpec = owner?.spec as FoundationSpec | null | undefined;
  if (owner !== null && ownerSpec != null && ownerSpec.hostManagement.mode !== spec.hostManagement.mode)
    throw new DomainError(
      "conflict",
      `${owner.name} is the account's first foundation and makes its roles for host management mode ${ownerSpec.hostManagement.mode}. Use the same mode here.`,
      { errors: [{ pointer: "/foundation/hostManagement/mode", message: `must be ${ownerSpec.hostManagement.mode}` }] },
    );
};

/** The account's first foundation makes the trail that the others' notifications rest on. */
const checkTrailStays = async (tables: Tables, stack: StackRow | null, spec: FoundationSpec): Promise<void> => {
  const makesTrail = spec.notifications !== null && spec.notifications.trail === null;
  if (stack?.arguments?.["ownsAccount"] !== true || makesTrail) return;
  const others = await tables.stacks.otherFoundations(spec.account, stack.name);
  const resting = others.find((row) => {
    const notifications = (row.spec as FoundationSpec | null)?.notifications;
    return notifications != null && notifications.trail === null;
  });
  if (resting === undefined) return;
  throw new DomainError(
    "foundation_in_use",
    `${resting.name} takes its notifications from the trail that this foundation makes. Give it a trail of its own (notifications.trail), or take its notifications away first (POST /v1/foundation-requests).`,
    {
      errors: [
        { pointer: "/foundation/notifications", message: "must keep the trail while another foundation uses it" },
      ],
    },
  );
};

/** A foundation may not fall below what its environments name. */
const checkTierStays = async (tables: Tables, { account, region }: FoundationSpec): Promise<void> => {
  const environments = await tables.stacks.environmentsAt(account, region);
  const needing = environments.find(({ spec }) => {
    const onPremises = (spec as EnvironmentSpec | null)?.onPremises;
    return (
      onPremises?.tier === "advanced" && onPremises.target.account === account && onPremises.target.region === region
    );
  });
  if (needing === undefined) return;
  throw new DomainError(
    "tier_required",
    `${needing.name} names onPremises.tier advanced. Post it without the tier first (POST /v1/environment-requests).`,
    {
      errors: [
        { pointer: "/foundation/activationTier", message: "must be advanced while an environment names that tier" },
      ],
    },
  );
};

/** @throws DomainError `foundation_in_use` */
export const checkFoundationDestroy = async (
  tables: Tables,
  stack: StackRow,
  account: string,
  region: string,
): Promise<void> => {
  const environments = await tables.stacks.environmentsAt(account, region);
  if (environments.length > 0)
    throw new DomainError(
      "foundation_in_use",
      `These stand on it: ${environments.map(({ name }) => name).join(", ")}. Destroy them first (DELETE /v1/environments/{name}, then apply), or take the target out of them.`,
    );
  const owns = stack.arguments?.["ownsAccount"] === true;
  const others = owns ? await tables.stacks.otherFoundations(account, stack.name) : [];
  if (others.length > 0)
    throw new DomainError(
      "foundation_in_use",
      `It is the account's first foundation and owns the roles, policies and trail that these use: ${others.map(({ name }) => name).join(", ")}. Destroy them first (DELETE /v1/foundations/{account}/{region}, then apply).`,
    );
};
