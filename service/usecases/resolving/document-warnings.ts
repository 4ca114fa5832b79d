import type { EnvironmentSpec } from "../../domain/environment-document.ts";
import type { Warning } from "../../domain/operation.ts";
import { sessionDocumentName } from "../../../stacks/names.ts";

/** What an environment's document alone gives reason to say. */
export const documentWarnings = (spec: EnvironmentSpec): Warning[] => [
  ...(spec.policyProfile === "whitepaper" ? [whitepaperProfile] : []),
  ...(spec.protected ? [protectionNotEnforced] : []),
  ...(spec.policyProfile === "hardened" && spec.sessionDocuments.includes("shell") ? [consoleNeedsDocument(spec)] : []),
];

const whitepaperProfile: Warning = {
  code: "whitepaper_grants_no_document",
  message:
    "The whitepaper profile grants neither a session document nor a data channel, as published in 2021. AWS's guide has said since that the document must be granted too; whether AWS refuses sessions without it is not known. Its users cannot end their own sessions, as ${aws:username} is never set for them. Use policyProfile hardened unless you need the published text.",
};

const protectionNotEnforced: Warning = {
  code: "protection_not_enforced",
  message:
    "protected asks for a valid MFA attestation before anything is applied. This version keeps the field and records no attestations yet, so nothing is held back.",
};

const consoleNeedsDocument = ({ name }: EnvironmentSpec): Warning => ({
  code: "console_needs_document",
  message: `Sessions must name their document, so the console's plain "Start session" is refused: choose Next, then session document ${sessionDocumentName(name)}, or use the command in the outputs.`,
});
