import type { IdentityCenterInstance } from "../reader.ts";
import { derivedHex, partitionOf } from "./identifiers.ts";

/**
 * The organization instance of Identity Center that the simulated cloud has, in the account and region that Gatehouse is
 * configured with. Its ids come from the account, so that every process sees the same one.
 */
export const identityCenterInstance = (home: { account: string; region: string }): IdentityCenterInstance => ({
  account: home.account,
  region: home.region,
  instanceArn: `arn:${partitionOf(home.region)}:sso:::instance/ssoins-${derivedHex(`instance ${home.account}`, 16)}`,
  identityStoreId: `d-${derivedHex(`identity store ${home.account}`, 10)}`,
  kind: "organization",
});
