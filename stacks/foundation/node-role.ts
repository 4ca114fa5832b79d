import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { archiveLogPolicyName, ownNodeRoleName, quickSetupNodeRoleName } from "../names.ts";
import { nodeLogPolicy } from "../policies/node-log-policy.ts";
import { policyJson } from "../policies/policy-document.ts";
import { awsManagedPolicyArn } from "./arns.ts";
import type { Place } from "./arns.ts";
import { defaultSessionPrefix } from "./log-archive-policies.ts";
import { managedNodePolicyName, nodeRoleTrust } from "./role-policies.ts";

export interface NodeRoleArgs {
  place: Place;
  ownsAccount: boolean;
  /** `quick-setup`: AWS makes the role; `none`: the account's first foundation makes one of our own. */
  mode: "quick-setup" | "none";
  logGroupName: string;
  bucketName: string;
  /** Key of log group and bucket. */
  keyArn: pulumi.Input<string>;
  /** What makes the role, when AWS does: the policy can only be attached after it. */
  roleMadeBy: pulumi.Resource[];
}

/** The role that nodes of this account carry; a name, because IAM roles are one per account whatever the region. */
export const nodeRoleName = (mode: NodeRoleArgs["mode"]): string =>
  mode === "quick-setup" ? quickSetupNodeRoleName : ownNodeRoleName;

/**
 * The nodes' right to write session logs into this region's archive, attached to the role that all nodes of the account
 * share, and that role itself where nobody else makes it. The policy is one per region: later foundations of an account
 * add theirs under a name of their own. Every node's root user has the role's rights, for every environment.
 */
export class NodeRole extends pulumi.ComponentResource {
  readonly roleName: pulumi.Output<string>;

  constructor(name: string, args: NodeRoleArgs, options: pulumi.ComponentResourceOptions) {
    super("gatehouse:foundation:NodeRole", name, {}, options);
    const makesRole = args.mode === "none" && args.ownsAccount;
    const role = makesRole ? this.#role(args.place) : pulumi.output(nodeRoleName(args.mode));
    this.#logPolicy(args, role);

    this.roleName = role;
    this.registerOutputs({ roleName: this.roleName });
  }

  #role(place: Place): pulumi.Output<string> {
    const role = new aws.iam.Role(
      "node-role",
      {
        name: ownNodeRoleName,
        description: "Role of the nodes that people reach with Session Manager",
        assumeRolePolicy: policyJson(nodeRoleTrust()),
      },
      { parent: this },
    );
    new aws.iam.RolePolicyAttachment(
      "node-role-core",
      { role: role.name, policyArn: awsManagedPolicyArn(managedNodePolicyName, place) },
      { parent: this },
    );
    new aws.iam.InstanceProfile("node-profile", { name: ownNodeRoleName, role: role.name }, { parent: this });
    return role.name;
  }

  #logPolicy(
    { place, ownsAccount, logGroupName, bucketName, keyArn, roleMadeBy }: NodeRoleArgs,
    role: pulumi.Output<string>,
  ): void {
    const policy = new aws.iam.Policy(
      "session-log-policy",
      {
        name: archiveLogPolicyName(place.region, ownsAccount),
        description: "Lets nodes write session logs to the log archive",
        policy: pulumi
          .output(keyArn)
          .apply((arn) =>
            policyJson(
              nodeLogPolicy({ ...place, logGroupName, bucketName, keyPrefix: defaultSessionPrefix, keyArns: [arn] }),
            ),
          ),
      },
      { parent: this },
    );
    new aws.iam.RolePolicyAttachment(
      "session-log-attachment",
      { role, policyArn: policy.arn },
      { parent: this, dependsOn: roleMadeBy },
    );
  }
}
