import type { Cost, Operation } from "./operation.ts";

/**
 * What a plan adds to the bill. A figure stands only where a source gives one; everything else that AWS charges for is
 * named with the page to look at.
 */
type PlannedStep = Pick<Operation["steps"][number], "op" | "type" | "name"> & { retain?: true | undefined };

/**
 * Each customer managed key is $1.00 a month in the commercial regions. Each of the first two yearly rotations adds another
 * dollar, which a new key has not had; requests beyond 20,000 a month are charged by use.
 */
const keyPrice = {
  monthlyUsd: 1,
  source: "https://aws.amazon.com/kms/pricing/",
  /** The latest day for which we know that the page said so. */
  asOf: "2026-03-14",
};

/** Charged by use, without a figure of ours: what it is, and the page to look at. */
const chargedByUse: Readonly<Record<string, string>> = {
  "aws:kms/key:Key": "KMS requests and key rotations: https://aws.amazon.com/kms/pricing/",
  "aws:cloudwatch/logGroup:LogGroup":
    "CloudWatch Logs, ingestion and storage of session logs: https://aws.amazon.com/cloudwatch/pricing/",
  "aws:s3/bucket:Bucket": "Amazon S3, storage and requests of the log archive: https://aws.amazon.com/s3/pricing/",
  "aws:cloudtrail/trail:Trail":
    "CloudTrail, copies of management events beyond the first: https://aws.amazon.com/cloudtrail/pricing/",
  "aws:sns/topic:Topic": "Amazon SNS, notifications sent: https://aws.amazon.com/sns/pricing/",
  "aws:ssm/activation:Activation":
    "Systems Manager, Session Manager on on-premises nodes by use since 2026-09-30: https://aws.amazon.com/systems-manager/pricing/",
  "aws:ssm/serviceSetting:ServiceSetting":
    "Systems Manager, instance tier of on-premises nodes: https://aws.amazon.com/systems-manager/pricing/",
};

/** Keys more (or, negative, less) after the step. A key that is only let go of is still charged; an imported one was before. */
const keysAdded = ({ op, retain }: PlannedStep): number =>
  op === "create" ? 1 : op === "delete" && retain !== true ? -1 : 0;

/** Monthly cost of planned steps, in US dollars. Steps that change nothing cost nothing. */
export const estimateCost = (steps: readonly PlannedStep[]): Cost => {
  const changing = steps.filter(({ op }) => op !== "same");
  const items = changing
    .filter(({ type }) => type === "aws:kms/key:Key")
    .map((step) => ({ ...keyPrice, what: `KMS key ${step.name}`, monthlyUsd: keysAdded(step) * keyPrice.monthlyUsd }))
    .filter(({ monthlyUsd }) => monthlyUsd !== 0);
  const unknown = new Set(changing.flatMap(({ type }) => chargedByUse[type] ?? []));
  return {
    monthlyUsd: items.reduce((sum, { monthlyUsd }) => sum + monthlyUsd, 0),
    items,
    unknown: [...unknown].sort(),
  };
};
