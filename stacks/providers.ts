import * as aws from "@pulumi/aws";
import type { AccountAccess } from "./arguments.ts";

/** A logical name for an account's provider: one provider per account and program, so the account alone names it. */
export const accountProviderName = (account: string): string => `account-${account}`;

/**
 * The explicit provider through which a program works in one AWS account. It refuses to work in any other account, and
 * assumes the account's role when there is one. Credentials themselves are never inputs: short-lived ones would make
 * every preview differ, so they come from the environment.
 *
 * `stateRegion` must not depend on what a request can change: a provider whose region changes is replaced together with
 * everything made through it. Resources name their own `region`; only global ones (IAM) take the provider's.
 *
 * Source: "Provider" in the Pulumi AWS package, properties `allowedAccountIds`, `assumeRoles`, `region`.
 */
export const accountProvider = (
  access: AccountAccess,
  stateRegion: string,
  name = accountProviderName(access.account),
): aws.Provider =>
  new aws.Provider(name, {
    region: stateRegion,
    allowedAccountIds: [access.account],
    ...(access.roleArn === null ? {} : { assumeRoles: [{ roleArn: access.roleArn, sessionName: "gatehouse" }] }),
  });
