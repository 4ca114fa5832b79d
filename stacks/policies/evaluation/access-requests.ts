import { partitionOf } from "../partition.ts";
import type { AccessNode } from "./access-environment.ts";
import { type AccessRequest, type ContextValues, requestContext } from "./context.ts";
import { type AccessPrincipal, isUntold, principalContext, userId } from "./principal-context.ts";

/** What somebody wants to do. Documents by name or ARN. */
export interface AccessQuestion {
  action: string;
  node: AccessNode;
  /** `null`: the session names none, as with the console's plain "Start session". */
  document: string | null;
  /** User name of who started the session that is asked about; `null`: not about a session of somebody else. */
  sessionOwner: string | null;
  /** Aliases of the key that is asked about. */
  keyAliases: string[];
  /** Account of that key; `null`: the node's. */
  keyAccount: string | null;
}

/** AWS authorises an operation on each of its resources apart, and all must be allowed. */
export interface RequestPart {
  part: "node" | "document" | "session" | "setting" | "key" | "all" | "any";
  request: AccessRequest;
}

type Ask = (question: AccessQuestion, principal: AccessPrincipal) => RequestPart[];

const part = (
  name: RequestPart["part"],
  resource: string,
  { action, node }: AccessQuestion,
  principal: AccessPrincipal,
  values: ContextValues,
): RequestPart => ({
  part: name,
  request: {
    action,
    resource,
    context: requestContext({ ...principalContext(principal, node.region), ...values }, isUntold),
  },
});

const arn = (service: string, { account, region }: AccessNode, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;

const tagsUnder = (prefix: string, tags: Record<string, string>): ContextValues =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));

export const nodeArn = (node: AccessNode): string =>
  node.kind === "ec2" ? arn("ec2", node, `instance/${node.id}`) : arn("ssm", node, `managed-instance/${node.id}`);

const nodeContext = (node: AccessNode): ContextValues => ({
  ...tagsUnder("aws:ResourceTag", node.tags),
  ...tagsUnder("ssm:resourceTag", node.tags),
  ...tagsUnder("ec2:ResourceTag", node.kind === "ec2" ? node.tags : {}),
  "aws:ResourceAccount": node.account,
});

const onNode: Ask = (question, principal) => [
  part("node", nodeArn(question.node), question, principal, nodeContext(question.node)),
];

/**
 * AWS's own documents have no account in their ARN, and no `aws:ResourceAccount` that we know. Nothing is told of a document's
 * tags: Gatehouse gives its documents none that a policy of ours asks for.
 */
const ownedByAws = /^(?:AWS|AWSEC2|AWSSSO|Amazon)[A-Za-z]*-/u;

const documentArn = (node: AccessNode, document: string): string => {
  if (document.startsWith("arn:")) return document;
  return ownedByAws.test(document)
    ? `arn:${partitionOf(node.region)}:ssm:${node.region}::document/${document}`
    : arn("ssm", node, `document/${document}`);
};

const onDocument: Ask = (question, principal) => {
  const { node, document } = question;
  if (document === null) return [];
  const resource = documentArn(node, document);
  const owner = resource.split(":")[4] ?? "";
  return [part("document", resource, question, principal, owner === "" ? {} : { "aws:ResourceAccount": owner })];
};

/**
 * Node and document apart. `ssm:SessionDocumentAccessCheck` is absent when a document is named, and false when none is.
 * Source: Systems Manager User Guide, "Start a session with a document by specifying the session documents in IAM policies".
 */
const onNodeWithDocument: Ask = (question, principal) => {
  if (question.document !== null) return [...onNode(question, principal), ...onDocument(question, principal)];
  const context = { ...nodeContext(question.node), "ssm:SessionDocumentAccessCheck": "false" };
  return [part("node", nodeArn(question.node), question, principal, context)];
};

/** Session Manager sets its session tag only for ids of these characters. */
const taggable = /^[A-Za-z0-9 _.:/=+\-@\\]*$/u;

/**
 * A session's id is its owner's session name and a random part, and its tag `aws:ssmmessages:session-id` the owner's
 * `aws:userid`.
 * Source: Systems Manager User Guide, "Additional sample IAM policies for Session Manager", "Allow a user to end only sessions
 * they started".
 */
const onSession: Ask = (question, anyone) => {
  const { node, sessionOwner } = question;
  const principal = { ...anyone, userName: anyone.userName ?? "member" };
  const owner = sessionOwner ?? principal.userName;
  const id = userId(principal, owner);
  return [
    part("session", arn("ssm", node, `session/${owner}-0a1b2c3d4e5f67890`), question, principal, {
      "aws:ResourceAccount": node.account,
      ...(taggable.test(id) ? { "ssm:resourceTag/aws:ssmmessages:session-id": id } : {}),
      "ssm:resourceTag/aws:ssmmessages:target-id": node.id,
    }),
  ];
};

const onActivationTier: Ask = (question, principal) => [
  part(
    "setting",
    arn("ssm", question.node, "servicesetting/ssm/managed-instance/activation-tier"),
    question,
    principal,
    {
      "aws:ResourceAccount": question.node.account,
    },
  ),
];

const onKey: Ask = (question, principal) => {
  const { node, keyAliases, keyAccount } = question;
  const account = keyAccount ?? node.account;
  return [
    part("key", arn("kms", { ...node, account }, "key/00000000-0000-0000-0000-000000000000"), question, principal, {
      "aws:ResourceAccount": account,
      "kms:ResourceAliases": keyAliases,
    }),
  ];
};

/** Actions without resource types are authorised on `*`. */
const onAll: Ask = (question, principal) => [part("all", "*", question, principal, {})];

/**
 * Any other action is about something that the question does not name, and its service may tell what we do not know of
 * (`s3:prefix`, tags of a bucket): a statement that asks for it cannot be decided. A federated user has no `aws:username`.
 */
const onAnything: Ask = ({ action, node }, principal) => {
  const context = requestContext(principalContext(principal, node.region), (key) => key !== "aws:username");
  return [{ part: "any", request: { action, resource: null, context } }];
};

const asks = (actions: string[], ask: Ask): [string, Ask][] => actions.map((action) => [action.toLowerCase(), ask]);

/** What each action is authorised on. Source: Service Authorization Reference. */
const askByAction = new Map<string, Ask>([
  ...asks(["ssm:StartSession"], onNodeWithDocument),
  ...asks(["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"], onSession),
  ...asks(
    [
      "ssm:CreateDocument",
      "ssm:DeleteDocument",
      "ssm:GetDocument",
      "ssm:ModifyDocumentPermission",
      "ssm:UpdateDocument",
      "ssm:UpdateDocumentDefaultVersion",
    ],
    onDocument,
  ),
  ...asks(["ssm:GetServiceSetting", "ssm:ResetServiceSetting", "ssm:UpdateServiceSetting"], onActivationTier),
  ...asks(["kms:Decrypt", "kms:GenerateDataKey"], onKey),
  ...asks(
    [
      "ec2:DescribeInstances",
      "ssm:DescribeInstanceInformation",
      "ssm:DescribeInstanceProperties",
      "ssm:DescribeSessions",
      "ssm:GetConnectionStatus",
      "ssm:ListDocuments",
    ],
    onAll,
  ),
  ...asks(
    [
      "ec2-instance-connect:SendSSHPublicKey",
      "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
      "ec2:CreateTags",
      "ec2:DeleteTags",
      "ec2:ModifyInstanceAttribute",
      "ssm:AddTagsToResource",
      "ssm:RemoveTagsFromResource",
      "ssm:SendCommand",
      "ssm:StartAccessRequest",
    ],
    onNode,
  ),
]);

/** The requests that AWS would authorise for the question; all must be allowed. */
export const accessRequests: Ask = (question, principal) =>
  (askByAction.get(question.action.toLowerCase()) ?? onAnything)(question, principal);
