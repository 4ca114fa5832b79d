import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { hostManagementName, quickSetupAdministrationRoleName, quickSetupExecutionRoleName } from "../names.ts";
import { policyJson } from "../policies/policy-document.ts";
import { awsManagedPolicyArn, quickSetupAdministrationRoleArn } from "./arns.ts";
import type { Place } from "./arns.ts";
import {
  quickSetupAdministrationPolicy,
  quickSetupAdministrationTrust,
  quickSetupDeploymentPolicyName,
  quickSetupExecutionTrust,
} from "./role-policies.ts";

export interface HostManagementArgs {
  place: Place;
  /** The account's first foundation makes the roles with which Quick Setup deploys; later ones use them. */
  ownsAccount: boolean;
}

/**
 * Parameters of Quick Setup's host management, all values strings: the reference's defaults (SSM Agent kept up to date,
 * inventory, patch scans) for every instance of this account and region.
 * Source: "ConfigurationDefinitionInput", type AWSQuickSetupType-SSMHostMgmt, in the Quick Setup API Reference. The
 * defaults are written out, so that a change of AWS's defaults does not change what this stack stands for.
 */
export const hostManagementParameters = ({ account, region }: Place): Record<string, string> => ({
  UpdateSsmAgent: "true",
  UpdateEc2LaunchAgent: "false",
  CollectInventory: "true",
  ScanInstances: "true",
  InstallCloudWatchAgent: "false",
  UpdateCloudWatchAgent: "false",
  // Instances that have a profile of their own keep it as it is: its owner decides what it may do.
  IsPolicyAttachAllowed: "false",
  TargetType: "*",
  TargetAccounts: account,
  TargetRegions: region,
});

/**
 * The reference's Quick Setup of host management. AWS then makes four roles, among them the instances' own, and six
 * State Manager associations; a first set of roles must be there before, because the API does not make them as the
 * console does.
 */
export class HostManagement extends pulumi.ComponentResource {
  constructor(name: string, args: HostManagementArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:foundation:HostManagement", name, {}, options);
    const deployment = args.ownsAccount ? this.#deploymentRoles(args.place) : [];
    this.#configuration(args.place, deployment);
    this.registerOutputs();
  }

  /** Gives what must be complete before Quick Setup can deploy. */
  #deploymentRoles(place: Place): pulumi.Resource[] {
    const administration = new aws.iam.Role(
      "quick-setup-administration",
      {
        name: quickSetupAdministrationRoleName,
        description: "Lets CloudFormation deploy Quick Setup configurations in this account",
        assumeRolePolicy: policyJson(quickSetupAdministrationTrust(place)),
      },
      { parent: this },
    );
    const mayBecomeExecution = new aws.iam.RolePolicy(
      "quick-setup-administration-policy",
      {
        name: "AssumeExecutionRole",
        role: administration.name,
        policy: policyJson(quickSetupAdministrationPolicy(place)),
      },
      { parent: this },
    );
    const execution = new aws.iam.Role(
      "quick-setup-execution",
      {
        name: quickSetupExecutionRoleName,
        description: "With this role CloudFormation makes what a Quick Setup configuration consists of",
        assumeRolePolicy: policyJson(quickSetupExecutionTrust(place)),
      },
      // IAM refuses a trust policy that names a role which does not exist.
      { parent: this, dependsOn: [administration] },
    );
    const mayDeploy = new aws.iam.RolePolicyAttachment(
      "quick-setup-execution-policy",
      { role: execution.name, policyArn: awsManagedPolicyArn(quickSetupDeploymentPolicyName, place) },
      { parent: this },
    );
    return [mayBecomeExecution, mayDeploy];
  }

  #configuration(place: Place, dependsOn: pulumi.Resource[]): void {
    new aws.ssm.QuicksetupConfigurationManager(
      "host-management-configuration",
      {
        region: place.region,
        name: hostManagementName(place.region),
        description: "Host management of all instances, for Session Manager",
        configurationDefinition: {
          type: "AWSQuickSetupType-SSMHostMgmt",
          localDeploymentAdministrationRoleArn: quickSetupAdministrationRoleArn(place),
          localDeploymentExecutionRoleName: quickSetupExecutionRoleName,
          parameters: hostManagementParameters(place),
        },
      },
      { parent: this, dependsOn },
    );
  }
}
