import { sessionDocumentName, sessionKeyAlias } from "../../names.ts";
import type { PolicySubject } from "../policy-scope.ts";
import { permissionSetPolicy } from "../permission-set-policy.ts";
import { type Parsed, parsePolicy } from "./parse-policy.ts";
import { type ReachAction, reachOf } from "./reach-actions.ts";

export interface Tag {
  key: string;
  value: string;
}

/** A machine that Session Manager can reach: an EC2 instance (`i-…`) or an on-premises managed instance (`mi-…`). */
export interface AccessNode {
  kind: "ec2" | "managed";
  id: string;
  account: string;
  region: string;
  tags: Record<string, string>;
}

/** What of an environment decides who reaches what: plain data, of a stored spec as of one in preview. */
export interface AccessEnvironment {
  name: string;
  /** Nodes that carry it are the environment's. */
  tag: Tag;
  /** Another environment may name the same tag, when it says so too. */
  sharedTag: boolean;
  /** Its people have a role in each of these accounts, and in no other. */
  targets: { account: string; region: string }[];
  /** The permission set's inline policy, as JSON. */
  policy: unknown;
  /** The session document that its people name; `null`: they name none, and the region's preferences apply. */
  sessionDocument: string | null;
  /** Alias of the KMS key that encrypts its sessions. */
  keyAlias: string;
  /** User names. */
  members: string[];
}

/** With its policy parsed and the ways in that it may open: made once, asked often. */
export interface PreparedEnvironment extends AccessEnvironment {
  parsed: Parsed;
  reach: ReachAction[];
}

/** The policy's name in reasons and problems. */
export const policyName = "inline";

export const prepareEnvironment = (environment: AccessEnvironment): PreparedEnvironment => {
  const parsed = parsePolicy(policyName, environment.policy);
  return { ...environment, parsed, reach: "policy" in parsed ? reachOf(parsed.policy) : [] };
};

const documentsByPreference: readonly [PolicySubject["sessionDocuments"][number], (environment: string) => string][] = [
  ["shell", sessionDocumentName],
  ["port-forwarding", () => "AWS-StartPortForwardingSession"],
  ["ssh", () => "AWS-StartSSHSession"],
];

/** Whitepaper policies grant no document: their people start sessions without naming one. */
const namedDocument = ({ name, policyProfile, sessionDocuments }: PolicySubject): string | null => {
  if (policyProfile === "whitepaper") return null;
  return documentsByPreference.find(([kind]) => sessionDocuments.includes(kind))?.[1](name) ?? null;
};

/** The environment of a request document or of program arguments, with the very policy that its stack would write. */
export const accessEnvironment = (
  subject: PolicySubject,
  { members, sharedTag }: { members: string[]; sharedTag: boolean },
): PreparedEnvironment =>
  prepareEnvironment({
    name: subject.name,
    tag: subject.tag,
    sharedTag,
    targets: subject.targets,
    policy: permissionSetPolicy(subject),
    sessionDocument: namedDocument(subject),
    keyAlias: sessionKeyAlias(subject.name),
    members,
  });
