/** The previews that a new child does for itself: every part of both programs, once. They write nothing. */
import type { AccountAccess, EnvironmentArguments, FoundationArguments } from "../../../stacks/arguments.ts";
import type { ChildOptions } from "./messages.ts";

const environmentIn = (access: AccountAccess) =>
  ({
    name: "warm-up",
    tag: { key: "project", value: "WarmUp" },
    identityCenter: access,
    group: { name: "WarmUp", description: "Warm-up", source: "identity-center", importId: null },
    members: [
      {
        userName: "warm-up",
        user: {
          email: "warm-up@example.com",
          givenName: "Warm",
          familyName: "Up",
          retain: false,
          importId: null,
        },
      },
    ],
    permissionSet: {
      name: "WarmUp",
      description: "Warm-up",
      sessionDuration: "PT1H",
      relayState: null,
      tags: {},
      importId: null,
    },
    policyProfile: "hardened",
    sessionDocuments: ["shell"],
    targets: [
      {
        access,
        foundation: {
          bucketName: "warm-up",
          archiveKeyArn: "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000",
          nodeRoleName: "WarmUp",
          idleTimeoutMinutes: 20,
          maxSessionMinutes: 60,
        },
        logGroupImportId: null,
        keyImportId: null,
      },
    ],
    logging: { cloudWatch: { retentionDays: 365 }, s3: { keyPrefix: "warm-up/" } },
    onPremises: null,
    extraStatements: [],
  }) satisfies EnvironmentArguments;

const foundationIn = (access: AccountAccess) =>
  ({
    access,
    ownsAccount: true,
    hostManagement: { mode: "quick-setup", targets: "all" },
    sessionPreferences: { idleTimeoutMinutes: 20, maxSessionMinutes: 60, importId: null },
    logArchive: {
      logGroupName: "WarmUp",
      bucketName: "warm-up",
      retentionDays: 365,
      bucketImportId: null,
      logGroupImportId: null,
      keyImportId: null,
    },
    notifications: { emails: ["warm-up@example.com"], trail: null },
    activationTier: "none",
  }) satisfies FoundationArguments;

/** In Identity Center's own account, the one that is sure to be there. */
export const warmUpPreviews = (home: { account: string; region: string }): ChildOptions["warmUp"] => {
  const access = { ...home, roleArn: null };
  return [
    { program: "environment", arguments: environmentIn(access) },
    { program: "foundation", arguments: foundationIn(access) },
  ];
};
