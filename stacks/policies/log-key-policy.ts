import type { Partition } from "./partition.ts";
import { policyDocument, type PolicyDocument, type ResourcePolicyStatement } from "./policy-document.ts";

export interface LogKeyPolicyInput {
  partition: Partition;
  account: string;
  region: string;
  logGroupName: string;
}

const domainSuffixes: Record<Partition, string> = {
  aws: "amazonaws.com",
  "aws-us-gov": "amazonaws.com",
  "aws-cn": "amazonaws.com.cn",
};

/**
 * Key policy of a key that encrypts a log group, and the sessions that log there. CloudWatch Logs may use it for that group
 * alone: it names the group's ARN in the encryption context. The account's own IAM policies decide the rest, which is what
 * session encryption needs: `kms:GenerateDataKey` for people (permission set) and `kms:Decrypt` for nodes (node log policy).
 *
 * Sources: CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service"; KMS Developer
 * Guide, "Default key policy".
 */
export const logKeyPolicy = ({
  partition,
  account,
  region,
  logGroupName,
}: LogKeyPolicyInput): PolicyDocument<ResourcePolicyStatement> =>
  policyDocument<ResourcePolicyStatement>([
    {
      Sid: "AccountAdministration",
      Effect: "Allow",
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "EncryptLogGroup",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.${domainSuffixes[partition]}` },
      Action: ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      Resource: "*",
      Condition: {
        ArnEquals: {
          "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`,
        },
      },
    },
  ]);
