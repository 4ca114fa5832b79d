import type { PolicyStatement } from "../arguments.ts";
import type { Partition } from "./partition.ts";
import { policyDocument, type PolicyDocument } from "./policy-document.ts";

export interface NodeLogPolicyInput {
  partition: Partition;
  account: string;
  region: string;
  logGroupName: string;
  bucketName: string;
  /** Folder in the bucket, with or without a slash at its end; `null` (or empty): the whole bucket. */
  keyPrefix: string | null;
  /** Keys of the log group and of the bucket. */
  keyArns: string[];
}

const objectsArn = ({ partition, bucketName, keyPrefix }: NodeLogPolicyInput): string => {
  const folder = (keyPrefix ?? "").replace(/\/+$/u, "");
  return `arn:${partition}:s3:::${bucketName}/${folder === "" ? "*" : `${folder}/*`}`;
};

/**
 * What a node's role needs so that SSM Agent can deliver session logs to one log group and one place in a bucket, and open
 * sessions that a key encrypts. For EC2 nodes, default host management and hybrid activations alike. The role is shared by
 * all nodes of its account: who has root on a node has these rights.
 *
 * Sources: Systems Manager User Guide, "Create an IAM role with permissions for Session Manager and Amazon S3 and CloudWatch
 * Logs"; CloudWatch Logs in the Service Authorization Reference (`DescribeLogGroups` knows `log-group:*` only).
 */
export const nodeLogPolicy = (input: NodeLogPolicyInput): PolicyDocument => {
  const { partition, account, region, logGroupName, bucketName, keyArns } = input;
  const logs = `arn:${partition}:logs:${region}:${account}`;
  const useKeys: PolicyStatement = {
    Sid: "UseLogAndSessionKeys",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
    Resource: keyArns,
  };
  return policyDocument<PolicyStatement>([
    { Sid: "FindLogGroup", Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: `${logs}:log-group:*` },
    {
      Sid: "WriteSessionLogStreams",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: `${logs}:log-group:${logGroupName}:*`,
    },
    {
      Sid: "CheckBucketEncryption",
      Effect: "Allow",
      Action: "s3:GetEncryptionConfiguration",
      Resource: `arn:${partition}:s3:::${bucketName}`,
    },
    { Sid: "WriteSessionLogObjects", Effect: "Allow", Action: "s3:PutObject", Resource: objectsArn(input) },
    ...(keyArns.length === 0 ? [] : [useKeys]),
  ]);
};
