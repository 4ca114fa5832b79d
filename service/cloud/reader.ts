/**
 * The reader port: what only AWS can tell, asked before a preview. The simulated account answers it now; an AWS SDK
 * adapter will stand beside it.
 */
import type { Scope } from "./provider.ts";

export interface IdentityCenterInstance {
  account: string;
  region: string;
  instanceArn: string;
  identityStoreId: string;
}

export interface CloudReader {
  /** The organization instance of Identity Center, or `null` when it is not enabled. */
  identityCenter(): Promise<IdentityCenterInstance | null>;
  /** Ids are the ones that Pulumi imports by; `null` when there is no such thing. */
  findGroup(displayName: string): Promise<{ groupId: string; importId: string } | null>;
  findUser(userName: string): Promise<{ userId: string; importId: string } | null>;
  findPermissionSet(name: string): Promise<{ arn: string; importId: string } | null>;
  findLogGroup(scope: Scope, name: string): Promise<{ importId: string } | null>;
  findDocument(scope: Scope, name: string): Promise<{ importId: string } | null>;
  /** By alias, such as `alias/gatehouse/production`. */
  findKey(scope: Scope, alias: string): Promise<{ keyId: string } | null>;
  /** Bucket names are shared by all of AWS: `owned` says whether this account has it. */
  findBucket(scope: Scope, name: string): Promise<{ importId: string; owned: boolean } | null>;
  findTrail(scope: Scope, name: string): Promise<{ arn: string } | null>;
}
