/** What the CLI says beside its steps, once each and without secrets, as the port's diagnostics. */
import type { EngineEvent as CliEvent } from "@pulumi/pulumi/automation/index.js";
import { isDeepStrictEqual } from "node:util";
import type { Diagnostic, EngineEvent } from "../../engine.ts";

interface RunDiagnostics {
  take(event: CliEvent): void;
  /** Puts a diagnostic of ours among those of the CLI. */
  diagnose(diagnostic: Diagnostic): void;
  all(): Diagnostic[];
}

/** Marks of colour, which stay in messages whatever is asked for. */
const withoutColours = (message: string): string => message.replaceAll(/<\{%[^%]*%\}>/g, "");

const severities: Readonly<Record<string, Diagnostic["severity"]>> = {
  info: "info",
  "info#err": "info",
  warning: "warning",
  error: "error",
};

/** Plugins' debug lines carry secrets in clear; the declared severities leave them out. */
export const isDebug = ({ diagnosticEvent }: CliEvent): boolean => String(diagnosticEvent?.severity) === "debug";

interface RunDiagnosticsOptions {
  onEvent: (event: EngineEvent) => void;
  redact: (message: string) => string;
}

/** Nothing is said yet. */
export function createRunDiagnostics({ onEvent, redact }: RunDiagnosticsOptions): RunDiagnostics {
  const diagnostics: Diagnostic[] = [];

  const diagnose = ({ urn, severity, message }: Diagnostic): void => {
    const diagnostic = { urn, severity, message: redact(withoutColours(message)).trim() };
    if (diagnostic.message === "" || diagnostics.some((other) => isDeepStrictEqual(other, diagnostic))) return;
    diagnostics.push(diagnostic);
    onEvent({ type: "diagnostic", diagnostic });
  };

  return {
    take: ({ diagnosticEvent }) => {
      if (diagnosticEvent === undefined || diagnosticEvent.ephemeral === true) return;
      const severity = severities[diagnosticEvent.severity];
      // Debug lines end here.
      if (severity !== undefined)
        diagnose({ urn: diagnosticEvent.urn ?? null, severity, message: diagnosticEvent.message });
    },
    diagnose,
    // As it is now: a preview that was told must not hear what its process says while it is let go.
    all: () => [...diagnostics],
  };
}
