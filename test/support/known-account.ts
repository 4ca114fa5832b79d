/** What exists in the account by name, beside what the scripted engine made. */
export interface KnownAccount {
  groups: Set<string>;
  users: Set<string>;
  /** User name by e-mail address, of people whom the engine did not make. */
  emails: Map<string, string>;
  permissionSets: Set<string>;
  logGroups: Set<string>;
  keys: Set<string>;
  /** Those whose deletion is scheduled. */
  keysPendingDeletion: Set<string>;
  documents: Set<string>;
  buckets: Map<string, "ours" | "another account's">;
  trails: Set<string>;
  roles: Set<string>;
  policies: Set<string>;
  instanceProfiles: Set<string>;
  topics: Set<string>;
  eventRules: Set<string>;
  quickSetups: Set<string>;
  /** `<group> <user>` */
  memberships: Set<string>;
  /** `<permission set> <group> <account>` */
  assignments: Set<string>;
  /** The setting in force for on-premises nodes. */
  tier: string;
}

/** Aliases are an account's and region's own. */
export const keyIn = (region: string, alias: string): string => `${region} ${alias}`;
