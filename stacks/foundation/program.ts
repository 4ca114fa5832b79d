import type { FoundationArguments, FoundationOutputs } from "../arguments.ts";
import type { PendingOutputs } from "../pending-outputs.ts";
import { partitionOf } from "../policies/partition.ts";
import { accountProvider } from "../providers.ts";
import { ActivationTier } from "./activation-tier.ts";
import type { Place } from "./arns.ts";
import { HostManagement } from "./host-management.ts";
import { LogArchive } from "./log-archive.ts";
import { NodeRole } from "./node-role.ts";
import { makesTrail } from "./session-activity.ts";
import { SessionNotifications } from "./session-notifications.ts";
import { SessionPreferences } from "./session-preferences.ts";

/**
 * The foundation program: what environments of one account and region share. One stack per account and region, so
 * logical names carry neither. What exists once per account is made by the account's first foundation (`ownsAccount`);
 * docs/decisions/foundation-ownership.md says why.
 */
export const foundation = (args: FoundationArguments): Promise<PendingOutputs<FoundationOutputs>> => {
  const { access, ownsAccount, hostManagement, sessionPreferences, logArchive, notifications, activationTier } = args;
  const place: Place = { partition: partitionOf(access.region), account: access.account, region: access.region };
  const options = { providers: [accountProvider(access, access.region)] };

  const archive = new LogArchive(
    "log-archive",
    { place, archive: logArchive, makesTrail: makesTrail(args), notifies: notifications !== null },
    options,
  );
  const logs = { logGroupName: logArchive.logGroupName, bucketName: logArchive.bucketName, keyArn: archive.keyArn };

  const hosts =
    hostManagement.mode === "quick-setup"
      ? [new HostManagement("host-management", { place, ownsAccount }, options)]
      : [];
  const nodeRole = new NodeRole(
    "node-role",
    { place, ownsAccount, mode: hostManagement.mode, roleMadeBy: hosts, ...logs },
    options,
  );

  const preferences = new SessionPreferences(
    "session-preferences",
    { place, preferences: sessionPreferences, logsTo: archive, ...logs },
    options,
  );

  const activity =
    notifications === null
      ? null
      : new SessionNotifications(
          "session-notifications",
          {
            place,
            emails: notifications.emails,
            makesTrail: makesTrail(args),
            bucketName: archive.bucketName,
            keyArn: archive.keyArn,
            trailNeeds: archive.readyForTrail,
          },
          options,
        );

  if (activationTier !== "none") new ActivationTier("activation-tier", { place, tier: activationTier }, options);

  return Promise.resolve({
    bucketName: archive.bucketName,
    archiveKeyArn: archive.keyArn,
    logGroupName: archive.logGroupName,
    nodeRoleName: nodeRole.roleName,
    preferencesDocument: preferences.documentName,
    notificationTopicArn: activity?.topicArn ?? null,
  });
};
