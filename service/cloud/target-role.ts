import { partitionOf } from "../domain/regions.ts";
import type { Scope } from "./provider.ts";

/**
 * ARN of the role through which an account is worked in.
 *
 * @param roleName of the configuration; `null`: the process's own credentials serve, and there is no role
 */
export const targetRoleArn = (roleName: string | null, { account, region }: Scope): string | null =>
  roleName === null ? null : `arn:${partitionOf(region) ?? "aws"}:iam::${account}:role/${roleName}`;
