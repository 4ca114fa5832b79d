import type { ParsedPolicy } from "./parsed-policy.ts";
import { coversEverything, namesAction } from "./evaluate.ts";
import { requestContext } from "./context.ts";

/**
 * Rights that lead onto a node. `node`: IAM authorises them on the node itself, so tags and accounts can guard them;
 * `session`: on a session, whoever's node it is on; `account`: what they act on (a document, an association, a role) says nothing about the nodes behind it, so whoever has
 * them is taken to reach every node of the account.
 */
export interface ReachAction {
  action: string;
  scope: "node" | "session" | "account";
  /** Node kinds that it works on, with scope `node`. */
  kinds: readonly ("ec2" | "managed")[];
  source: string;
}

const anyKind = ["ec2", "managed"] as const;
const reference = (service: string): string => `Service Authorization Reference, ${service}`;
const systemsManager = reference("AWS Systems Manager");
const ec2 = reference("Amazon EC2");
const instanceConnect = reference("Amazon EC2 Instance Connect");

const onNode = (action: string, source: string, kinds: ReachAction["kinds"] = anyKind): ReachAction => ({
  action,
  scope: "node",
  kinds,
  source,
});
const onSession = (action: string, source: string): ReachAction => ({
  action,
  scope: "session",
  kinds: anyKind,
  source,
});
const onAccount = (action: string, source: string): ReachAction => ({
  action,
  scope: "account",
  kinds: anyKind,
  source,
});

export const reachActions: readonly ReachAction[] = [
  onNode("ssm:StartSession", systemsManager),
  onNode("ssm:SendCommand", systemsManager),
  onNode("ssm:StartAccessRequest", systemsManager),
  onNode("ec2-instance-connect:SendSSHPublicKey", instanceConnect, ["ec2"]),
  onNode("ec2-instance-connect:SendSerialConsoleSSHPublicKey", instanceConnect, ["ec2"]),
  // Its user data is run by root when the instance starts.
  onNode("ec2:ModifyInstanceAttribute", ec2, ["ec2"]),
  // Somebody else's session goes on with whoever resumes it.
  onSession("ssm:ResumeSession", systemsManager),
  onAccount("ec2-instance-connect:OpenTunnel", instanceConnect),
  onAccount("ssm-guiconnect:StartConnection", reference("AWS Systems Manager GUI Connect")),
  onAccount("ssm:StartAutomationExecution", systemsManager),
  onAccount("ssm:StartChangeRequestExecution", systemsManager),
  onAccount("ssm:CreateAssociation", systemsManager),
  onAccount("ssm:CreateAssociationBatch", systemsManager),
  onAccount("ssm:UpdateAssociation", systemsManager),
  onAccount("ssm:StartAssociationsOnce", systemsManager),
  onAccount("ssm:RegisterTaskWithMaintenanceWindow", systemsManager),
  onAccount("ssm:UpdateMaintenanceWindowTask", systemsManager),
  // Whoever writes tags moves nodes into their own environment.
  onAccount("ssm:AddTagsToResource", systemsManager),
  onAccount("ec2:CreateTags", ec2),
  // A document's new content runs wherever an association or another environment's session uses it.
  onAccount("ssm:UpdateDocument", systemsManager),
  onAccount("ssm:UpdateDocumentDefaultVersion", systemsManager),
  // Whoever writes policies, trust, credentials, memberships or assignments gives themselves any right.
  ...[
    "AddUserToGroup",
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreatePolicyVersion",
    "PassRole",
    "PutGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
    "SetDefaultPolicyVersion",
    "UpdateAssumeRolePolicy",
    "UpdateLoginProfile",
  ].map((name) => onAccount(`iam:${name}`, reference("AWS Identity and Access Management (IAM)"))),
  onAccount("identitystore:CreateGroupMembership", reference("AWS Identity Store")),
  onAccount("sso-directory:AddMemberToGroup", reference("AWS IAM Identity Center directory")),
  ...[
    "AttachCustomerManagedPolicyReferenceToPermissionSet",
    "AttachManagedPolicyToPermissionSet",
    "CreateAccountAssignment",
    "PutInlinePolicyToPermissionSet",
  ].map((name) => onAccount(`sso:${name}`, reference("AWS IAM Identity Center"))),
  onAccount("sts:AssumeRole", reference("AWS Security Token Service")),
];

const anywhere = requestContext({});

/**
 * The ways in that a policy may open: an Allow names the action, whatever its resource and conditions, and no Deny takes it
 * away everywhere. Cautious, so that a wide right is never overlooked.
 */
export const reachOf = ({ statements }: ParsedPolicy): ReachAction[] =>
  reachActions.filter(({ action }) => {
    const about = statements.filter((statement) =>
      namesAction(statement, { action, resource: "*", context: anywhere }),
    );
    const opens = about.some(({ effect }) => effect === "Allow");
    return opens && !about.some((statement) => statement.effect === "Deny" && coversEverything(statement));
  });
