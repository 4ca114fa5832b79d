/** Permission sets by name, which AWS does not look up: it lists ARNs, and tells the name of one at a time. */
import { DescribePermissionSetCommand, paginateListPermissionSets } from "@aws-sdk/client-sso-admin";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { inChunks } from "./in-chunks.ts";
import { resourceNotFound } from "./failures.ts";

/** Few: the APIs of Identity Center share 20 requests a second among everybody in the organization. */
const describedAtOnce = 4;

/**
 * Finds the ARN of a permission set by its name.
 *
 * A permission set keeps its name for life (UpdatePermissionSet has no name), so a name that was told once is not asked for
 * again: a question costs the listing, and one call for each permission set that is new.
 */
export const createPermissionSetNames = (
  clients: AwsClients,
): ((scope: Scope, instanceArn: string, name: string) => Promise<string | null>) => {
  const nameOf = new Map<string, string>();

  const list = async (scope: Scope, instanceArn: string): Promise<string[]> => {
    const arns = await clients.ask({ action: "sso:ListPermissionSets", scope }, async () => {
      const listed: string[] = [];
      const pages = paginateListPermissionSets({ client: clients.ssoAdmin(scope) }, { InstanceArn: instanceArn });
      for await (const page of pages) listed.push(...(page.PermissionSets ?? []));
      return listed;
    });
    return arns ?? [];
  };

  /** One that was deleted since it was listed has no name. */
  const learn = async (scope: Scope, instanceArn: string, arn: string): Promise<void> => {
    const answer = await clients.ask({ action: "sso:DescribePermissionSet", scope, none: resourceNotFound }, () =>
      clients
        .ssoAdmin(scope)
        .send(new DescribePermissionSetCommand({ InstanceArn: instanceArn, PermissionSetArn: arn })),
    );
    const name = answer?.PermissionSet?.Name;
    if (name !== undefined) nameOf.set(arn, name);
  };

  return async (scope, instanceArn, name) => {
    const arns = await list(scope, instanceArn);
    const known = arns.find((arn) => nameOf.get(arn) === name);
    if (known !== undefined) return known;
    const fresh = arns.filter((arn) => !nameOf.has(arn));
    await inChunks(fresh, describedAtOnce, (arn) => learn(scope, instanceArn, arn));
    return fresh.find((arn) => nameOf.get(arn) === name) ?? null;
  };
};
