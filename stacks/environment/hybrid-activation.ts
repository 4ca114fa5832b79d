import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { activationRoleName } from "../names.ts";
import { activationTrustPolicy } from "../policies/activation-trust-policy.ts";
import { partitionOf } from "../policies/partition.ts";
import { policyJson } from "../policies/policy-document.ts";

export interface HybridActivationArgs {
  /** Name of the environment. */
  environment: string;
  /** Every server that registers carries it, and so belongs to the environment. */
  tag: { key: string; value: string };
  account: string;
  region: string;
  /** 1 to 1000 servers. */
  registrationLimit: number;
  /** RFC 3339, at most 30 days ahead. */
  expirationDate: string;
  /** Policy by which a node writes the environment's session logs. */
  nodeLogPolicyArn: pulumi.Input<string>;
}

/**
 * The id and code with which on-premises servers register as nodes of the environment, and the role that they then have.
 * AWS can only replace an activation: any change of tag, limit or expiry makes a new id and code. Servers that have
 * registered stay registered.
 */
export class HybridActivation extends pulumi.ComponentResource {
  readonly activationId: pulumi.Output<string>;
  /** Secret. */
  readonly activationCode: pulumi.Output<string>;

  constructor(name: string, args: HybridActivationArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:environment:HybridActivation", name, {}, options);
    const role = this.#role(name, args);
    const attachments = this.#attachments(name, args, role);
    const activation = this.#activation(name, args, role, attachments);

    this.activationId = activation.id;
    this.activationCode = pulumi.secret(activation.activationCode);
    this.registerOutputs({ activationId: this.activationId });
  }

  #role(name: string, { environment, account, region }: HybridActivationArgs): aws.iam.Role {
    return new aws.iam.Role(
      `${name}-role`,
      {
        name: activationRoleName(environment),
        description: `On-premises servers of ${environment}`,
        assumeRolePolicy: policyJson(activationTrustPolicy(partitionOf(region), account, region)),
      },
      { parent: this },
    );
  }

  #attachments(
    name: string,
    { region, nodeLogPolicyArn }: HybridActivationArgs,
    role: aws.iam.Role,
  ): pulumi.Resource[] {
    const managedInstanceCore = `arn:${partitionOf(region)}:iam::aws:policy/AmazonSSMManagedInstanceCore`;
    const attach = (suffix: string, policyArn: pulumi.Input<string>) =>
      new aws.iam.RolePolicyAttachment(`${name}-${suffix}`, { role: role.name, policyArn }, { parent: this });
    return [attach("core-attachment", managedInstanceCore), attach("log-attachment", nodeLogPolicyArn)];
  }

  #activation(
    name: string,
    { environment, tag, region, registrationLimit, expirationDate }: HybridActivationArgs,
    role: aws.iam.Role,
    attachments: pulumi.Resource[],
  ): aws.ssm.Activation {
    return new aws.ssm.Activation(
      `${name}-activation`,
      {
        region,
        description: `On-premises servers of ${environment}`,
        // By name: AWS takes no ARN here.
        iamRole: role.name,
        registrationLimit,
        expirationDate,
        tags: { [tag.key]: tag.value, "gatehouse:environment": environment },
      },
      // A server that registers at once must have its rights; and the provider does not mark the code as a secret.
      { parent: this, dependsOn: attachments, additionalSecretOutputs: ["activationCode"] },
    );
  }
}
