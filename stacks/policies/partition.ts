/** AWS's partitions: sets of regions with ARNs, domains and sign-in of their own. */
export type Partition = "aws" | "aws-cn" | "aws-us-gov";

const partitionsByPrefix: readonly [prefix: string, partition: Partition][] = [
  ["cn-", "aws-cn"],
  ["us-gov-", "aws-us-gov"],
];

/** The partition of a region, such as `aws-cn` of `cn-north-1`. Source: AWS General Reference, "Amazon Resource Names". */
export const partitionOf = (region: string): Partition =>
  partitionsByPrefix.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "aws";

const portals: Record<Partition, (identityStoreId: string) => string> = {
  aws: (id) => `https://${id}.awsapps.com/start`,
  "aws-cn": (id) => `https://start.home.awsapps.cn/directory/${id}`,
  "aws-us-gov": (id) => `https://start.us-gov-home.awsapps.com/directory/${id}`,
};

/**
 * Address of the AWS access portal, where people sign in.
 * Sources: IAM Identity Center User Guide, "Using the AWS access portal"; the AWS GovCloud (US) and Amazon Web Services in
 * China user guides, "IAM Identity Center".
 */
export const portalUrl = (partition: Partition, identityStoreId: string): string => portals[partition](identityStoreId);
