/**
 * What a foundation makes under a fixed name and cannot take over: AWS refuses to make it again, or, worse, gives out or overwrites
 * what is there, and a later destroy would delete it. docs/names-in-aws.md has the whole table.
 */
import type { FoundationSpec } from "../../domain/foundation-document.ts";
import {
  archiveLogPolicyName,
  hostManagementName,
  notificationRuleName,
  notificationTopicName,
  ownNodeRoleName,
  quickSetupAdministrationRoleName,
  quickSetupExecutionRoleName,
  trailName,
} from "../../../stacks/names.ts";
import { atMostOne, refuseTakenNames, type FixedName } from "./fixed-names.ts";
import { typeTokens } from "../../domain/type-tokens.ts";
import type { Resolving } from "./resolve.ts";

const unused = "Remove it in AWS when nothing uses it.";
const orNoQuickSetup =
  'Remove it in AWS when no other Quick Setup configuration needs it, or set hostManagement.mode to "none".';

/** @throws DomainError `name_taken`; CloudReadError */
export const refuseTaken = (context: Resolving, spec: FoundationSpec, ownsAccount: boolean): Promise<void> =>
  refuseTakenNames(context, [
    ...ofNodes(context, spec, ownsAccount),
    ...ofHostManagement(context, spec, ownsAccount),
    ...ofNotifications(context, spec, ownsAccount),
  ]);

type Names = (context: Resolving, spec: FoundationSpec, ownsAccount: boolean) => FixedName[];

const ofNodes: Names = ({ reader }, { account, region, hostManagement }, ownsAccount) => {
  const scope = { account, region };
  const policy = archiveLogPolicyName(region, ownsAccount);
  const makesRole = ownsAccount && hostManagement.mode === "none";
  const name = ownNodeRoleName;
  const common = { scope, remedy: unused };
  return [
    {
      ...{ what: `the policy "${policy}"`, type: typeTokens.policy, ...common },
      look: () => atMostOne(reader.findPolicy(scope, policy)),
    },
    ...(makesRole
      ? [
          {
            ...{ what: `the role "${name}"`, type: typeTokens.role, ...common },
            look: () => atMostOne(reader.findRole(scope, name)),
          },
          {
            ...{ what: `the instance profile "${name}"`, type: typeTokens.instanceProfile, ...common },
            look: () => atMostOne(reader.findInstanceProfile(scope, name)),
          },
        ]
      : []),
  ];
};

const ofHostManagement: Names = ({ reader, stack }, { account, region, hostManagement }, ownsAccount) => {
  if (hostManagement.mode !== "quick-setup") return [];
  const scope = { account, region };
  const roles = ownsAccount ? [quickSetupAdministrationRoleName, quickSetupExecutionRoleName] : [];
  const configuration = hostManagementName(region);
  // A question for each configuration of the region: asked only before this stack has one.
  const hasOne = stack.resources.some(({ type }) => type === typeTokens.quickSetup);
  return [
    ...roles.map((name) => ({
      ...{ what: `the role "${name}"`, type: typeTokens.role, scope, remedy: orNoQuickSetup },
      look: () => atMostOne(reader.findRole(scope, name)),
    })),
    ...(hasOne
      ? []
      : [
          {
            ...{ what: `a Quick Setup configuration "${configuration}"`, type: typeTokens.quickSetup, scope },
            remedy:
              'Remove it in AWS (its instances are managed twice otherwise), or set hostManagement.mode to "none".',
            look: () => reader.findQuickSetups(scope, configuration),
          },
        ]),
  ];
};

const ofNotifications: Names = ({ reader }, { account, region, notifications }, ownsAccount) => {
  if (notifications === null) return [];
  const scope = { account, region };
  const makesTrail = ownsAccount && notifications.trail === null;
  const orNone = `${unused} Or leave "notifications" out.`;
  return [
    {
      ...{ what: `the topic "${notificationTopicName}"`, type: typeTokens.topic, scope, remedy: orNone },
      look: () => atMostOne(reader.findTopic(scope, notificationTopicName)),
    },
    {
      ...{ what: `the event rule "${notificationRuleName}"`, type: typeTokens.eventRule, scope, remedy: orNone },
      look: () => atMostOne(reader.findEventRule(scope, notificationRuleName)),
    },
    ...(makesTrail
      ? [
          {
            ...{ what: `the trail "${trailName}"`, type: typeTokens.trail, scope },
            remedy: `Write "trail": "${trailName}" in the document's notifications to use it, or remove it in AWS.`,
            look: async () => {
              const trail = await reader.findTrail(scope, trailName);
              return trail === null ? [] : [{ id: trail.arn, importId: trail.arn }];
            },
          },
        ]
      : []),
  ];
};
