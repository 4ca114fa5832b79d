import type { PolicyProfile, SessionDocumentKind } from "../arguments.ts";
import { preferencesDocumentName, sessionDocumentName } from "../names.ts";

/** How people of an environment start a session on its nodes. */
export interface SessionStart {
  /** The session document whose preferences apply. */
  sessionDocument: string;
  /** An AWS CLI command; what stands in angle brackets is for the person to fill in. */
  startSessionCommand: string;
}

const startSession = (region: string, ...options: string[]): string =>
  ["aws ssm start-session --target <instance-id>", ...options, `--region ${region}`].join(" ");

interface NamedDocument {
  document: string;
  /** Options that the document needs. */
  parameters: string[];
}

const documents: Record<SessionDocumentKind, (environment: string) => NamedDocument> = {
  shell: (environment) => ({ document: sessionDocumentName(environment), parameters: [] }),
  "port-forwarding": () => ({
    document: "AWS-StartPortForwardingSession",
    parameters: ["--parameters portNumber=<port>,localPortNumber=<local-port>"],
  }),
  // Works as the ProxyCommand of an SSH client.
  ssh: () => ({ document: "AWS-StartSSHSession", parameters: ["--parameters portNumber=22"] }),
};

const preference: readonly SessionDocumentKind[] = ["shell", "port-forwarding", "ssh"];

/**
 * The document and the command for an environment's nodes in a region. Hardened policies only allow sessions that name a
 * document that they grant; the whitepaper's grant none, so its people start sessions with the region's preferences.
 */
export const sessionStart = (
  environment: string,
  policyProfile: PolicyProfile,
  kinds: readonly SessionDocumentKind[],
  region: string,
): SessionStart => {
  const kind = preference.find((candidate) => kinds.includes(candidate));
  if (policyProfile === "whitepaper" || kind === undefined) {
    return { sessionDocument: preferencesDocumentName, startSessionCommand: startSession(region) };
  }
  const { document, parameters } = documents[kind](environment);
  return {
    sessionDocument: document,
    startSessionCommand: startSession(region, `--document-name ${document}`, ...parameters),
  };
};
