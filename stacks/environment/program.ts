import type * as aws from "@pulumi/aws";
import type { AccountAccess, EnvironmentArguments, EnvironmentOutputs, EnvironmentTarget } from "../arguments.ts";
import { sessionLogGroupName } from "../names.ts";
import { partitionOf, portalUrl } from "../policies/partition.ts";
import { permissionSetPolicy } from "../policies/permission-set-policy.ts";
import type { PendingOutputs } from "../pending-outputs.ts";
import { accountProvider } from "../providers.ts";
import { HybridActivation } from "./hybrid-activation.ts";
import { findIdentityCenter } from "./identity-center.ts";
import { SessionAccess } from "./session-access.ts";
import { SessionLogging } from "./session-logging.ts";
import { sessionStart } from "./start-session.ts";

/**
 * The environment program: one tag pair, the people who may reach the nodes that carry it, and where their sessions are
 * logged. Logical names come from accounts, regions and user names, physical ones from the environment's name: what a request
 * changes replaces nothing that stays.
 *
 * @throws Error when Identity Center or somebody in it is not found, or `onPremises` names no target
 */
export const environment = async (args: EnvironmentArguments): Promise<PendingOutputs<EnvironmentOutputs>> => {
  const { targets } = args;
  const stateRegion = args.identityCenter.region;
  // A provider of its own even where Identity Center's account is a target too: targets come and go, and may be worked in
  // through another role.
  const identityProvider = accountProvider(args.identityCenter, stateRegion, "identity-center");
  const identityCenter = await findIdentityCenter(args, identityProvider);
  const providers = targetProviders(targets, stateRegion);

  const access = new SessionAccess(
    "session-access",
    {
      identityCenter,
      group: args.group,
      members: args.members,
      permissionSet: args.permissionSet,
      policy: permissionSetPolicy({ ...args, targets: targets.map((target) => target.access) }),
      accounts: [...providers.keys()],
    },
    { providers: [identityProvider] },
  );
  const logging = new Map(targets.map((target) => [placeOf(target.access), logSessions(args, target, providers)]));
  const activation = args.onPremises === null ? null : activate(args, args.onPremises, logging, providers);

  return {
    groupId: access.groupId,
    permissionSetArn: access.permissionSetArn,
    portalUrl: portalUrl(partitionOf(stateRegion), identityCenter.identityStoreId),
    targets: targets.map(({ access: { account, region } }) => ({
      account,
      region,
      logGroup: sessionLogGroupName(args.name),
      ...sessionStart(args.name, args.policyProfile, args.sessionDocuments, region),
    })),
    ...(activation === null ? {} : { activation }),
  };
};

type Providers = ReadonlyMap<string, aws.Provider>;

const placeOf = ({ account, region }: { account: string; region: string }): string => `${account}-${region}`;

/** One provider per distinct account; a deployment has one role for all regions of an account. */
const targetProviders = (targets: EnvironmentTarget[], stateRegion: string): Providers => {
  const accesses = new Map<string, AccountAccess>(targets.map(({ access }) => [access.account, access]));
  return new Map([...accesses].map(([account, access]) => [account, accountProvider(access, stateRegion)]));
};

/** Component options: everything inside works through this account's provider. */
const within = (account: string, providers: Providers): { providers: aws.Provider[] } => {
  const provider = providers.get(account);
  if (provider === undefined) throw new Error(`Account ${account} is not among the targets.`);
  return { providers: [provider] };
};

const logSessions = (args: EnvironmentArguments, target: EnvironmentTarget, providers: Providers): SessionLogging => {
  const { account, region } = target.access;
  return new SessionLogging(
    `session-logging-${placeOf(target.access)}`,
    {
      environment: args.name,
      account,
      region,
      foundation: target.foundation,
      retentionDays: args.logging.cloudWatch.retentionDays,
      keyPrefix: args.logging.s3.keyPrefix,
      shell: args.sessionDocuments.includes("shell"),
      logGroupImportId: target.logGroupImportId,
      keyImportId: target.keyImportId,
    },
    within(account, providers),
  );
};

const activate = (
  { name, tag }: EnvironmentArguments,
  onPremises: NonNullable<EnvironmentArguments["onPremises"]>,
  logging: ReadonlyMap<string, SessionLogging>,
  providers: Providers,
) => {
  const { account, region, registrationLimit, expirationDate } = onPremises;
  const logs = logging.get(placeOf(onPremises));
  if (logs === undefined) throw new Error(`onPremises names ${account} in ${region}, which is not among the targets.`);
  const activation = new HybridActivation(
    // The account alone: its role is the account's, so another region changes it and another account makes a new one.
    `on-premises-${account}`,
    {
      environment: name,
      tag,
      account,
      region,
      registrationLimit,
      expirationDate,
      nodeLogPolicyArn: logs.nodeLogPolicyArn,
    },
    within(account, providers),
  );
  return { id: activation.activationId, code: activation.activationCode, expirationDate };
};
