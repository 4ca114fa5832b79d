import { preferencesDocumentName } from "../../names.ts";
import type { AccessNode, PreparedEnvironment } from "./access-environment.ts";
import {
  type AccessAnswer,
  type AccessReason,
  type AccessWarning,
  checkAccess,
  type PartialQuestion,
} from "./check-access.ts";

/** One line: what the people of an environment (`principal`) may do. */
export interface AccessRow {
  principal: string;
  action: string;
  /** Tags of the node, `project=Production`; empty for a node without tags. */
  node: string;
  nodeKind: AccessNode["kind"];
  account: string;
  region: string;
  /** `null`: the session names none, or the action has none. */
  document: string | null;
  /** Whose session it is; `null`: the action is not about one. */
  sessionOwner: "self" | "other" | null;
  /** Whose key it is: the environment's, another of the account, one of another account; `null`: not about a key. */
  key: "own" | "other" | "foreign" | null;
  decision: AccessAnswer["decision"];
  because: AccessReason[];
  problems: AccessAnswer["problems"];
  warnings: AccessWarning[];
}

interface MatrixQuestion {
  action: string;
  /** `own`: the environment's; left out: none. */
  document?: (environment: PreparedEnvironment) => string | null;
  sessionOwner?: "self" | "other";
  key?: "own" | "other" | "foreign";
}

const own = (environment: PreparedEnvironment): string | null => environment.sessionDocument;
const named = (document: string) => (): string => document;

/** Somebody who is not the one that asks. */
const somebodyElse = "somebody-else";
const foreignAccount = "000000000000";

const about = (actions: string[], rest: Omit<MatrixQuestion, "action"> = {}): MatrixQuestion[] =>
  actions.map((action) => ({ action, ...rest }));

/** What the matrix asks for every environment and node: every right that a policy of ours gives, takes or guards. */
const questions: readonly MatrixQuestion[] = [
  ...about(["ssm:StartSession"], { document: own }),
  ...about(["ssm:StartSession"], { document: () => null }),
  ...[
    preferencesDocumentName,
    "AWS-StartPortForwardingSession",
    "AWS-StartPortForwardingSessionToRemoteHost",
    "AWS-StartSSHSession",
  ].flatMap((document) => about(["ssm:StartSession"], { document: named(document) })),
  ...about(["ssm:ResumeSession", "ssm:TerminateSession"], { sessionOwner: "self" }),
  ...about(["ssm:ResumeSession", "ssm:TerminateSession"], { sessionOwner: "other" }),
  ...about([
    "ssmmessages:OpenDataChannel",
    "ec2:DescribeInstances",
    "ssm:DescribeInstanceInformation",
    "ssm:DescribeInstanceProperties",
    "ssm:DescribeSessions",
    "ssm:GetConnectionStatus",
    "ssm:ListDocuments",
    "ssm:GetServiceSetting",
    "ssm:UpdateServiceSetting",
    "ssm:ResetServiceSetting",
    "ssm:AddTagsToResource",
    "ssm:RemoveTagsFromResource",
    "ec2:CreateTags",
    "ec2:DeleteTags",
  ]),
  ...(["own", "other", "foreign"] as const).flatMap((key) => about(["kms:GenerateDataKey"], { key })),
  ...about(
    [
      "ssm:GetDocument",
      "ssm:CreateDocument",
      "ssm:DeleteDocument",
      "ssm:ModifyDocumentPermission",
      "ssm:UpdateDocument",
      "ssm:UpdateDocumentDefaultVersion",
    ],
    { document: own },
  ),
];

/** Tags as one text, in the order of their keys. */
export const nodeLabel = (tags: Record<string, string>): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(", ");

const row = (environment: PreparedEnvironment, node: AccessNode, question: MatrixQuestion): AccessRow => {
  const { action, sessionOwner = null, key = null } = question;
  const document = question.document?.(environment) ?? null;
  const asked: PartialQuestion = {
    action,
    node,
    document,
    sessionOwner: sessionOwner === "other" ? somebodyElse : null,
    ...(key === "other" ? { keyAliases: ["alias/another"] } : {}),
    ...(key === "foreign" ? { keyAccount: foreignAccount } : {}),
  };
  const { decision, because, problems, warnings } = checkAccess(
    [environment],
    { environment: environment.name },
    asked,
  );
  const { kind: nodeKind, account, region, tags } = node;
  return {
    principal: environment.name,
    action,
    node: nodeLabel(tags),
    nodeKind,
    account,
    region,
    document,
    sessionOwner,
    key,
    decision,
    because,
    problems,
    warnings,
  };
};

/** What tells a row from others: everything but the answer. */
export const rowIdentity = (row: AccessRow): string => {
  const { principal, action, node, nodeKind, account, region, document, sessionOwner, key } = row;
  return JSON.stringify([principal, action, node, nodeKind, account, region, document, sessionOwner, key]);
};

/** An environment whose own document is one of the others asked about gives the same row twice. */
const distinct = (rows: AccessRow[]): AccessRow[] => [
  ...new Map(rows.map((item) => [rowIdentity(item), item])).values(),
];

/**
 * Access of every environment's people to every node: start with own, no and AWS's documents, own and others' sessions,
 * discovery, and what would lead out of the environment, with the ways in that its policy may open.
 */
export const accessMatrix = (environments: readonly PreparedEnvironment[], nodes: readonly AccessNode[]): AccessRow[] =>
  environments.flatMap((environment) => {
    const asked = new Set(questions.map(({ action }) => action));
    const others = environment.reach.filter(({ action }) => !asked.has(action));
    const all = [...questions, ...about(others.map(({ action }) => action))];
    return nodes.flatMap((node) => distinct(all.map((question) => row(environment, node, question))));
  });

/** The nodes that an environment is made for, of both kinds, one in each of its targets. */
export const nodesOf = ({ tag, targets }: Pick<PreparedEnvironment, "tag" | "targets">): AccessNode[] =>
  targets.flatMap(({ account, region }) =>
    (["ec2", "managed"] as const).map((kind) => ({
      kind,
      id: kind === "ec2" ? "i-0123456789abcdef0" : "mi-0123456789abcdef0",
      account,
      region,
      tags: { [tag.key]: tag.value },
    })),
  );
