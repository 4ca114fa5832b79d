/** EC2 instances by tag or id, and the IAM roles of their instance profiles. */
import { paginateDescribeInstances, paginateDescribeTags, type Instance } from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand } from "@aws-sdk/client-iam";
import type { CloudNode } from "../access-reader.ts";
import type { Scope } from "../provider.ts";
import type { AwsClients } from "./clients.ts";
import { chunksOf, inChunks } from "./in-chunks.ts";
import { noSuchEntity } from "./failures.ts";

interface FoundInstance {
  id: string;
  tags: Record<string, string>;
  state: CloudNode["instanceState"];
  /** Null: it has none. */
  profileArn: string | null;
}

/** "You can specify up to 200 filter values in a single request" (EC2 API Reference, "Filtering your resources"). */
const valuesPerFilter = 200;

/** A value that a filter shall take as it is: `*` and `?` stand for anything there, and `\` before them for themselves. */
const literal = (value: string): string => value.replaceAll(/[\\*?]/g, String.raw`\$&`);

/** Tags as a record; EC2 and Systems Manager give them as a list of pairs. */
export const tagRecord = (
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, string> => Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

/**
 * Ids of the instances that carry the value under the key in any case. EC2 compares keys with case, so it is asked for the
 * value alone.
 */
export const instancesWithTag = async (
  clients: AwsClients,
  scope: Scope,
  tag: { key: string; value: string },
): Promise<string[]> => {
  const key = tag.key.toLowerCase();
  const ids = await clients.ask({ action: "ec2:DescribeTags", scope }, async () => {
    const found = new Set<string>();
    const Filters = [
      { Name: "resource-type", Values: ["instance"] },
      { Name: "value", Values: [literal(tag.value)] },
    ];
    for await (const { Tags = [] } of paginateDescribeTags({ client: clients.ec2(scope) }, { Filters }))
      for (const { Key, Value, ResourceId } of Tags)
        if (ResourceId !== undefined && Key?.toLowerCase() === key && Value === tag.value) found.add(ResourceId);
    return [...found];
  });
  return ids ?? [];
};

const foundInstance = ({ InstanceId = "", Tags, State, IamInstanceProfile }: Instance): FoundInstance => ({
  id: InstanceId,
  tags: tagRecord(Tags),
  state: State?.Name ?? null,
  profileArn: IamInstanceProfile?.Arn ?? null,
});

/** Those of the ids that exist. Asked by a filter: named as ids, one that is gone would fail the whole question. */
export const describeInstances = async (
  clients: AwsClients,
  scope: Scope,
  ids: readonly string[],
): Promise<FoundInstance[]> => {
  const found: FoundInstance[] = [];
  for (const Values of chunksOf(ids, valuesPerFilter))
    await clients.ask({ action: "ec2:DescribeInstances", scope }, async () => {
      const Filters = [{ Name: "instance-id", Values }];
      for await (const { Reservations = [] } of paginateDescribeInstances({ client: clients.ec2(scope) }, { Filters }))
        found.push(...Reservations.flatMap(({ Instances = [] }) => Instances.map(foundInstance)));
    });
  return found;
};

/** IAM allows few calls a second in an account, and nodes share a handful of profiles. */
const profilesAtOnce = 4;

/** The role of each instance profile, by the profile's ARN; one that is gone, or empty, is not among them. */
export const rolesOfProfiles = async (
  clients: AwsClients,
  scope: Scope,
  arns: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const roles = await inChunks([...new Set(arns)], profilesAtOnce, async (arn): Promise<[string, string][]> => {
    // `arn:aws:iam::<account>:instance-profile/<path>/<name>`
    const InstanceProfileName = arn.split("/").at(-1) ?? "";
    const answer = await clients.ask({ action: "iam:GetInstanceProfile", scope, none: noSuchEntity }, () =>
      clients.iam(scope).send(new GetInstanceProfileCommand({ InstanceProfileName })),
    );
    const role = answer?.InstanceProfile?.Roles?.[0]?.RoleName;
    return role === undefined ? [] : [[arn, role]];
  });
  return new Map(roles.flat());
};
