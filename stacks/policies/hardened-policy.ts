import type { PolicyStatement, SessionDocumentKind } from "../arguments.ts";
import { sessionDocumentName, sessionKeyAlias } from "../names.ts";
import type { PolicyScope } from "./policy-scope.ts";

/**
 * The default profile: what the guide's policies mean, mended. Every difference and its source is in
 * docs/decisions/hardened-profile.md. ARNs are listed per account, not per target, so that fifty targets fit.
 */

type Condition = NonNullable<PolicyStatement["Condition"]>;

const distinct = (values: string[]): string[] => [...new Set(values)].sort();
const accountsOf = ({ targets }: PolicyScope): string[] => distinct(targets.map((target) => target.account));

/**
 * Makes a session name its document, and the person need the right to it. Where the key is missing (`ssm:GetDocument`) the
 * condition holds. Source: Systems Manager User Guide, "Enforce a session document permission check for the AWS CLI".
 */
const documentCheck: Condition = { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } };

/** None of these takes a resource in AWS's Service Authorization Reference, so `*` is as narrow as they get. */
const discoverNodes = (): PolicyStatement => ({
  Sid: "DiscoverNodes",
  Effect: "Allow",
  Action: [
    "ec2:DescribeInstances",
    "ssm:DescribeInstanceInformation",
    "ssm:DescribeInstanceProperties",
    "ssm:DescribeSessions",
    "ssm:GetConnectionStatus",
    "ssm:ListDocuments",
  ],
  Resource: "*",
});

/** The reach of the environment: nodes that carry its tag, in the accounts and regions of its targets. */
const startOnTaggedNodes = (scope: PolicyScope): PolicyStatement => {
  const accounts = accountsOf(scope);
  const managed = accounts.map((account) => `arn:${scope.partition}:ssm:*:${account}:managed-instance/*`);
  return {
    Sid: "StartSessionOnTaggedNodes",
    Effect: "Allow",
    Action: "ssm:StartSession",
    Resource: [
      ...accounts.map((account) => `arn:${scope.partition}:ec2:*:${account}:instance/*`),
      ...(scope.hybrid ? managed : []),
    ],
    Condition: {
      StringEquals: {
        [`ssm:resourceTag/${scope.tag.key}`]: scope.tag.value,
        "aws:RequestedRegion": distinct(scope.targets.map((target) => target.region)),
      },
      ...documentCheck,
    },
  };
};

/** AWS owns these documents: the account in their ARN is empty. */
const ownedByAws =
  (name: string) =>
  (scope: PolicyScope): string[] => [`arn:${scope.partition}:ssm:*::document/${name}`];

/** Never AWS-StartPortForwardingSessionToRemoteHost: it reaches hosts behind a node, which no tag guards. */
const documentArns: Record<SessionDocumentKind, (scope: PolicyScope) => string[]> = {
  shell: (scope) =>
    accountsOf(scope).map(
      (account) => `arn:${scope.partition}:ssm:*:${account}:document/${sessionDocumentName(scope.environment)}`,
    ),
  "port-forwarding": ownedByAws("AWS-StartPortForwardingSession"),
  ssh: ownedByAws("AWS-StartSSHSession"),
};

/** A statement of its own: documents carry tags too, so under the nodes' tag condition an untagged one would be refused. */
const startWithDocuments = (scope: PolicyScope): PolicyStatement[] => {
  const resources = scope.sessionDocuments.flatMap((kind) => documentArns[kind](scope));
  if (resources.length === 0) return [];
  return [
    {
      Sid: "StartSessionWithDocuments",
      Effect: "Allow",
      Action: ["ssm:GetDocument", "ssm:StartSession"],
      Resource: resources,
      Condition: documentCheck,
    },
  ];
};

/**
 * `aws:userid` is role id and session name, and Session Manager tags each session with it. Equality, not a prefix: with a
 * trailing `*` the sessions of `anna` would be `ann`'s too.
 */
const ownSessions = ({ partition }: PolicyScope): PolicyStatement => ({
  Sid: "EndAndResumeOwnSessions",
  Effect: "Allow",
  Action: ["ssm:ResumeSession", "ssm:TerminateSession"],
  Resource: `arn:${partition}:ssm:*:*:session/*`,
  Condition: { StringEquals: { "ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}" } },
});

const openDataChannel = (): PolicyStatement => ({
  Sid: "OpenDataChannel",
  Effect: "Allow",
  Action: "ssmmessages:OpenDataChannel",
  Resource: "*",
});

const readActivationTier = ({ partition }: PolicyScope): PolicyStatement => ({
  Sid: "ReadActivationTier",
  Effect: "Allow",
  Action: "ssm:GetServiceSetting",
  Resource: `arn:${partition}:ssm:*:*:servicesetting/ssm/managed-instance/activation-tier`,
});

/**
 * The key by its alias, not its ARN: the policy is then known before the key exists, and previews show it whole. Source: KMS
 * Developer Guide, "Use aliases to control access to KMS keys".
 */
const encryptSessions = ({ partition, environment }: PolicyScope): PolicyStatement => ({
  Sid: "EncryptSessions",
  Effect: "Allow",
  Action: "kms:GenerateDataKey",
  Resource: `arn:${partition}:kms:*:*:key/*`,
  Condition: {
    StringEquals: { "aws:ResourceAccount": "${aws:PrincipalAccount}" },
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": sessionKeyAlias(environment) },
  },
});

/** What would lead into another environment (tags, tier) or out of the logs (documents). */
const denyLeaving = (): PolicyStatement => ({
  Sid: "DenyLeavingTheEnvironment",
  Effect: "Deny",
  Action: [
    "ec2:CreateTags",
    "ec2:DeleteTags",
    "ssm:AddTagsToResource",
    "ssm:CreateDocument",
    "ssm:DeleteDocument",
    "ssm:ModifyDocumentPermission",
    "ssm:RemoveTagsFromResource",
    "ssm:ResetServiceSetting",
    "ssm:UpdateDocument",
    "ssm:UpdateDocumentDefaultVersion",
    "ssm:UpdateServiceSetting",
  ],
  Resource: "*",
});

export const hardenedStatements = (scope: PolicyScope): PolicyStatement[] => [
  discoverNodes(),
  startOnTaggedNodes(scope),
  ...startWithDocuments(scope),
  ownSessions(scope),
  openDataChannel(),
  ...(scope.hybrid ? [readActivationTier(scope)] : []),
  // Only our own document names a key; sessions of AWS's documents are encrypted in transit by TLS alone.
  ...(scope.sessionDocuments.includes("shell") ? [encryptSessions(scope)] : []),
  denyLeaving(),
];
