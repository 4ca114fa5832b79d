import type { PolicyStatement } from "../arguments.ts";
import { policyDocument } from "../policies/policy-document.ts";
import type { Principal, ResourcePolicyStatement } from "../policies/policy-document.ts";
import { quickSetupAdministrationRoleArn, quickSetupExecutionRoleArn } from "./arns.ts";
import type { Place } from "./arns.ts";

const assumeRole = "sts:AssumeRole";

const trust = (principal: Principal, condition?: Record<string, Record<string, string>>) =>
  policyDocument<ResourcePolicyStatement>([
    {
      Effect: "Allow",
      Principal: principal,
      Action: assumeRole,
      ...(condition === undefined ? {} : { Condition: condition }),
    },
  ]);

/**
 * Who may take the administration role: CloudFormation, for the stack sets that Quick Setup makes in this account and for
 * nothing else. Sources: "Roles for Quick Setup onboarding" in the Systems Manager User Guide; "Grant self-managed
 * permissions" in the CloudFormation User Guide, which gives the two conditions.
 */
export const quickSetupAdministrationTrust = ({ partition, account }: Place) =>
  trust(
    { Service: "cloudformation.amazonaws.com" },
    {
      StringEquals: { "aws:SourceAccount": account },
      StringLike: { "aws:SourceArn": `arn:${partition}:cloudformation:*:${account}:stackset/AWS-QuickSetup-*` },
    },
  );

/** What the administration role may do: become the execution role. Source: as above. */
export const quickSetupAdministrationPolicy = (place: Place) =>
  policyDocument<PolicyStatement>([
    { Effect: "Allow", Action: assumeRole, Resource: quickSetupExecutionRoleArn(place) },
  ]);

/** Who may take the execution role: the administration role. Source: as above. */
export const quickSetupExecutionTrust = (place: Place) => trust({ AWS: quickSetupAdministrationRoleArn(place) });

/** The managed policy with which Quick Setup deploys all but patch policies; AWS keeps it in step with Quick Setup. */
export const quickSetupDeploymentPolicyName = "AWSQuickSetupDeploymentRolePolicy";

/** Who may take a node's role: EC2, for the instance that carries it. */
export const nodeRoleTrust = () => trust({ Service: "ec2.amazonaws.com" });

/** What any managed node needs. Source: "AmazonSSMManagedInstanceCore" in the Systems Manager User Guide. */
export const managedNodePolicyName = "AmazonSSMManagedInstanceCore";
