import type { GivenEnvironment } from "./environment-fields.ts";

/**
 * Defaults that follow the AWS guide and come from other fields: `production` gives `ProductionAccess` and
 * `ProductionPermissionSet`. Source: "Securing Remote Access with Multi-Factor Authentication" (AWS, March 2021), pages 8 to 30.
 */

/** `my-team` → `MyTeam` */
const titleOf = (name: string): string =>
  name
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

export const defaultGroupName = (name: string): string => `${titleOf(name)}Access`;

const defaultGroupDescription = (name: string): string => `This user group can manage all ${name} servers`;

export const defaultPermissionSetName = (name: string): string => `${titleOf(name)}PermissionSet`;

export const defaultPermissionSetDescription = (tag: { key: string; value: string }): string =>
  `Permission set to access Session Manager limited to all instances with ${tag.key} tag = ${tag.value}`;

/** The guide tags a permission set with the name of its group. */
const defaultPermissionSetTags = (group: string): Record<string, string> => ({ Name: group });

const defaultKeyPrefix = (name: string): string => `${name}/`;

/** Where the activation is made: as given, or the only target. `undefined` while that is not decided. */
export const activationTarget = <Target>(given: Target | undefined, targets: readonly Target[]): Target | undefined =>
  given ?? (targets.length === 1 ? targets[0] : undefined);

/**
 * Fills in what was left out. Every field is present afterwards, so that the result is a document that gives itself again.
 * Only accepted documents come here; a missing target of the activation was refused before.
 */
export const completeEnvironment = (given: GivenEnvironment) => {
  const groupName = given.group.name ?? defaultGroupName(given.name);
  const { onPremises } = given;
  const target = activationTarget(onPremises?.target, given.targets);
  return {
    ...given,
    group: {
      name: groupName,
      description: given.group.description ?? defaultGroupDescription(given.name),
      source: given.group.source,
      members: given.group.members,
    },
    permissionSet: {
      name: given.permissionSet.name ?? defaultPermissionSetName(given.name),
      description: given.permissionSet.description ?? defaultPermissionSetDescription(given.tag),
      sessionDuration: given.permissionSet.sessionDuration,
      relayState: given.permissionSet.relayState,
      tags: given.permissionSet.tags ?? defaultPermissionSetTags(groupName),
    },
    logging: { ...given.logging, s3: { keyPrefix: given.logging.s3.keyPrefix ?? defaultKeyPrefix(given.name) } },
    onPremises: onPremises === null || target === undefined ? null : { ...onPremises, target },
  };
};
