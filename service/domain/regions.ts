import { z } from "zod";

/**
 * AWS regions by partition, as of January 2026: commercial, China and GovCloud (US). Resources of one partition cannot
 * name those of another. Source: AWS General Reference, "AWS service endpoints"; the same list as `Region` in
 * `@pulumi/aws` 7.48, without the isolated and sovereign partitions.
 */
export const regionsByPartition = {
  aws: [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
} as const;

type Partition = keyof typeof regionsByPartition;
type Region = (typeof regionsByPartition)[Partition][number];

/** Every region that a document may name. */
export const regions: readonly Region[] = Object.values(regionsByPartition).flat();

/** A known AWS region. */
export const region = z.enum(regions, {
  error: (complaint) =>
    `${complaint.input === undefined ? "is required: " : "must be "}the name of an AWS region, such as "ap-southeast-1"`,
});

const partitions: ReadonlyMap<string, Partition> = new Map([
  ...regionsByPartition.aws.map((name) => [name, "aws"] as const),
  ...regionsByPartition["aws-cn"].map((name) => [name, "aws-cn"] as const),
  ...regionsByPartition["aws-us-gov"].map((name) => [name, "aws-us-gov"] as const),
]);

/** The partition of a region; `undefined` for a region that is not known. */
export const partitionOf = (name: string): Partition | undefined => partitions.get(name);
