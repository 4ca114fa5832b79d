/** Where the organization's instance of Identity Center is. */
import { DescribeRegionsCommand } from "@aws-sdk/client-ec2";
import { DescribeOrganizationCommand } from "@aws-sdk/client-organizations";
import { paginateListInstances, type InstanceMetadata } from "@aws-sdk/client-sso-admin";
import type { Scope } from "../provider.ts";
import type { IdentityCenterInstance } from "../reader.ts";
import type { AwsClients } from "./clients.ts";
import { inChunks } from "./in-chunks.ts";

interface Seen {
  instance: InstanceMetadata;
  region: string;
}

/** Regions that are asked at the same time. */
const regionsAtOnce = 8;

const instancesIn = async (clients: AwsClients, scope: Scope): Promise<Seen[]> => {
  const found = await clients.ask({ action: "sso:ListInstances", scope }, async () => {
    const seen: Seen[] = [];
    for await (const page of paginateListInstances({ client: clients.ssoAdmin(scope) }, {}))
      // An instance that is copied to more regions is worked with in its first.
      for (const instance of page.Instances ?? [])
        seen.push({ instance, region: instance.PrimaryRegion ?? scope.region });
    return seen;
  });
  return found ?? [];
};

/** The regions that the account has enabled, the one that is asked first aside. */
const otherRegions = async (clients: AwsClients, scope: Scope): Promise<string[]> => {
  const answer = await clients.ask({ action: "ec2:DescribeRegions", scope }, () =>
    clients.ec2(scope).send(new DescribeRegionsCommand({})),
  );
  return (answer?.Regions ?? []).flatMap(({ RegionName }) =>
    RegionName === undefined || RegionName === scope.region ? [] : [RegionName],
  );
};

/** The organization's management account; `null` for an account that is in no organization. */
const managementAccount = async (clients: AwsClients, scope: Scope): Promise<string | null> => {
  const answer = await clients.ask(
    { action: "organizations:DescribeOrganization", scope, none: ["AWSOrganizationsNotInUseException"] },
    () => clients.organizations(scope).send(new DescribeOrganizationCommand({})),
  );
  return answer?.Organization?.MasterAccountId ?? null;
};

/**
 * Looks in one region, and where none is there and `everywhere` is set, in all that the account has enabled.
 *
 * The organization's instance belongs to the management account, in which no account instance can be made; so the owner says
 * which of the two it is. Sources: IAM Identity Center API Reference, ListInstances (instances "created in or visible to the
 * account") and CreateInstance (refused in the management account).
 */
export const findIdentityCenterOnAws = async (
  clients: AwsClients,
  home: Scope,
  everywhere: boolean,
): Promise<IdentityCenterInstance | null> => {
  const usable = ({ instance }: Seen): boolean =>
    instance.InstanceArn !== undefined &&
    instance.IdentityStoreId !== undefined &&
    (instance.Status === undefined || instance.Status === "ACTIVE");
  let seen = (await instancesIn(clients, home)).filter(usable);
  if (seen.length === 0 && everywhere) {
    const regions = await otherRegions(clients, home);
    const found = await inChunks(regions, regionsAtOnce, (region) => instancesIn(clients, { ...home, region }));
    seen = found.flat().filter(usable);
  }
  if (seen.length === 0) return null;
  const management = await managementAccount(clients, home);
  const organizations = seen.find(({ instance }) => instance.OwnerAccountId === management);
  const { instance, region } = organizations ?? seen[0] ?? { instance: {}, region: home.region };
  return {
    account: home.account,
    region,
    instanceArn: instance.InstanceArn ?? "",
    identityStoreId: instance.IdentityStoreId ?? "",
    kind: organizations === undefined ? "account" : "organization",
  };
};

/**
 * Asks the instance that there is. Gives `none` where there is none.
 *
 * @param identityCenter looks it up
 */
export const askingInstance =
  (identityCenter: () => Promise<IdentityCenterInstance | null>) =>
  async <Answer>(none: Answer, question: (instance: IdentityCenterInstance) => Promise<Answer>): Promise<Answer> => {
    const instance = await identityCenter();
    return instance === null ? none : question(instance);
  };
