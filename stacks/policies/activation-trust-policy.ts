import type { Partition } from "./partition.ts";
import { policyDocument, type PolicyDocument, type ResourcePolicyStatement } from "./policy-document.ts";

/**
 * Who may assume the service role of a hybrid activation: Systems Manager, on behalf of this account and region only, so that
 * nobody else's activation can name the role.
 * Source: Systems Manager User Guide, "Create the IAM service role required for Systems Manager in hybrid and multicloud
 * environments".
 */
export const activationTrustPolicy = (
  partition: Partition,
  account: string,
  region: string,
): PolicyDocument<ResourcePolicyStatement> =>
  policyDocument<ResourcePolicyStatement>([
    {
      Sid: "SystemsManagerOfThisAccount",
      Effect: "Allow",
      Principal: { Service: "ssm.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": account },
        ArnLike: { "aws:SourceArn": `arn:${partition}:ssm:${region}:${account}:*` },
      },
    },
  ]);
