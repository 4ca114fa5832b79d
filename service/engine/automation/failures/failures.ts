/**
 * Failures of the CLI, translated once: from its events, its end, its texts and what we did to it ourselves, to the problem of
 * the port. docs/failures.md lists what there is.
 */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { RunProblem } from "../../engine.ts";
import { adviceOn, failureClasses, typeOfUrn, type FailureClass } from "../../../domain/failure-classes.ts";
import { locksIn, ownersOf } from "../recovery/leftovers-locks.ts";
import type { CliEnd } from "../process/cli-command.ts";
import { createRedaction } from "./failures-redaction.ts";
import { meaningOf } from "./failures-texts.ts";

/** What is read of an event. */
type FailureEvent = Pick<EngineEvent, "diagnosticEvent">;

/** A run that did not come to a good end, as the adapter saw it. */
export interface FailedRun {
  /** How the CLI ended; `null` when it did not start. */
  exit: { code: number | null; signal: NodeJS.Signals | null } | null;
  stdout: string;
  stderr: string;
  /** Why the CLI did not start, or what our own code threw around it; `null` when nothing did. */
  thrown: string | null;
  /** All of the run. Debug diagnostics are not looked at. */
  events: readonly FailureEvent[];
  /** What we sent to the CLI, in order. */
  signalsSent: readonly NodeJS.Signals[];
  /** What nobody may be told: connection strings, passphrases, tokens, keys. */
  secrets: readonly string[];
}

/** A text that may say what went wrong, and the resource that it is about. */
interface Statement {
  urn: string | null;
  text: string;
}

/** Longest part of a tool's own words that is shown. */
const longestExcerpt = 600;

/** What the CLI says after the error proper, and of its own doings. */
const saysNothing = /^(update|preview|refresh|destroy) failed$|^Logging in using access token/i;

/** What stands before the message, and adds nothing. */
const introductions = /^(?:error: |Unhandled exception: |Error: |One or more errors occurred: |Preview failed: )+/i;

/** Noise in the middle of AWS's errors: ids of requests, and the status that the code says better. A broken server has no code. */
const requestNoise = /, https response error StatusCode: [0-4]\d*, RequestID: [^,]*(?:, HostID: [^,]*)?(?=, )/g;

const isStackFrame = (line: string): boolean => /^\s+at .+:\d+:\d+\)?$|^\s+at .* \(native\)$/.test(line);

/** AWS's SDK for Go logs beside the error, such as that it falls back to another way of asking for credentials. */
const isSdkNote = (line: string): boolean => /^SDK \d{4}\/\d\d\/\d\d [\d:]+ (?:WARN|DEBUG) /.test(line);

/** The message itself: no stack, no colours, no introduction. */
const plainText = (text: string): string =>
  text
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .split("\n")
    .filter((line) => !isStackFrame(line) && !isSdkNote(line))
    .join("\n")
    .trim()
    .replace(introductions, "")
    .replaceAll(requestNoise, "")
    .trim();

/** The stack itself is no resource that a problem could be about. */
const resourceUrn = (urn: string | undefined): string | null =>
  urn === undefined || urn === "" || typeOfUrn(urn) === "pulumi:pulumi:Stack" ? null : urn;

const ofEvents = (events: readonly FailureEvent[], severity: "error" | "warning"): Statement[] =>
  events
    .flatMap(({ diagnosticEvent }) => (diagnosticEvent?.severity === severity ? [diagnosticEvent] : []))
    .map(({ urn, message }) => ({ urn: resourceUrn(urn), text: plainText(message) }))
    .filter(({ text }) => text !== "" && !saysNothing.test(text));

const ofText = (text: string): Statement[] => {
  const said = text
    .split("\n")
    .filter((line) => !saysNothing.test(line.trim()))
    .join("\n");
  const plain = plainText(said);
  return plain === "" ? [] : [{ urn: null, text: plain }];
};

/** Said only because something else went wrong: any other known meaning is the cause. */
const consequences: ReadonlySet<FailureClass> = new Set(["provider_died", "canceled", "resource_error"]);

/** What is certain without any text: we stopped it, it did not start, the system ended it. */
const knownEnd = ({ exit, thrown, signalsSent }: FailedRun): FailureClass | null => {
  if (signalsSent.length > 0) return "canceled";
  if (exit === null) return /ENOMEM|EAGAIN|EMFILE|ENFILE/.test(thrown ?? "") ? "out_of_memory" : null;
  if (exit.signal === "SIGKILL" || exit.code === 137) return "out_of_memory";
  return exit.signal === null ? null : "killed";
};

/** What is left where no text is known: whose failure it was. */
const unknownEnd = ({ exit, thrown }: FailedRun, statement: Statement | undefined): FailureClass => {
  if (exit === null) return /\b(ENOENT|EACCES|ENOEXEC|EPERM)\b/.test(thrown ?? "") ? "cli_missing" : "unknown";
  // The shell that becomes the CLI could not (POSIX, "Exit Status for Commands").
  if (exit.code === 126 || exit.code === 127) return "cli_missing";
  if (exit.code === 3) return "backend_login";
  if (exit.code === 6) return "stack_missing";
  if (exit.code === 8) return "killed";
  return statement !== undefined && statement.urn !== null ? "resource_error" : "unknown";
};

interface Finding {
  failure: FailureClass;
  statement: Statement | undefined;
}

const findCause = (run: FailedRun): Finding => {
  const errors = ofEvents(run.events, "error");
  const statements = [...errors, ...ofText(run.stderr), ...ofText(run.exit === null ? (run.thrown ?? "") : "")];
  const known = statements.flatMap((statement) => {
    const failure = meaningOf(statement.text);
    return failure === null ? [] : [{ failure, statement }];
  });
  const cause = known.find(({ failure }) => !consequences.has(failure)) ?? known[0];
  const end = knownEnd(run);
  if (end !== null)
    return { failure: end, statement: end === "canceled" ? undefined : (cause?.statement ?? statements[0]) };
  if (cause !== undefined) return cause.failure === "canceled" ? { ...cause, failure: "killed" } : cause;
  const warned = ofEvents(run.events, "warning").find(({ text }) => meaningOf(text) === "pending_operations");
  if (warned !== undefined) return { failure: "pending_operations", statement: warned };
  const [first] = statements;
  // Errors of the program come as diagnostics of the stack; the CLI's own are on its standard error.
  if (first !== undefined && first.urn === null && errors.includes(first))
    return { failure: "program_error", statement: first };
  return { failure: unknownEnd(run, first), statement: first };
};

/** A function that the program called: AWS refused no resource. */
const isInvocation = (text: string): boolean => /^invocation of \S+ returned an error: /i.test(text);

/** In one line. Of what is known the first paragraph is enough; of what is not, everything may help. */
const excerptOf = (text: string, failure: FailureClass): string => {
  const told = failure === "unknown" ? text : (text.split(/\n\s*\n/)[0] ?? text);
  const line = told.replaceAll(/\s+/g, " ").trim();
  return line.length <= longestExcerpt ? line : `${line.slice(0, longestExcerpt)} […]`;
};

/** Who holds a lock. The CLI also tells where it lies, and names a command of its own that asks nobody. */
const lockSentence = (text: string, failure: FailureClass): string | null => {
  const locks = failure === "lock_held" ? locksIn(text) : [];
  return locks.length === 0 ? null : `The stack is locked by ${ownersOf(locks)}`;
};

const sentence = (text: string): string => (/[.!?…\]`]$/.test(text) ? text : `${text}.`);

/**
 * What a failed run means, as the contract tells it: of a class, without secrets, and with what to do. Takes whatever there is,
 * and never throws.
 */
export function translateFailure(run: FailedRun): RunProblem & { failure: FailureClass } {
  const { failure, statement } = findCause(run);
  const { code } = failureClasses[failure];
  const redact = createRedaction(run.secrets);
  // Redacted before it is cut, so that no half of a secret is left.
  const said =
    statement === undefined
      ? ""
      : (lockSentence(statement.text, failure) ?? excerptOf(redact(statement.text), failure));
  const urn = statement?.urn ?? null;
  const advice = adviceOn(failure, urn === null ? null : typeOfUrn(urn));
  return {
    code: code === "resource_failed" && isInvocation(statement?.text ?? "") ? "program_failed" : code,
    detail: said === "" ? advice : `${sentence(said)} ${advice}`,
    urn: urn === null ? null : redact(urn),
    failure,
  };
}

/** What the adapter knows of a CLI beside its end. */
interface Heard extends Pick<FailedRun, "secrets"> {
  events?: FailedRun["events"];
  /** Whether it was told to stop, and that is why it ended. */
  signaled?: boolean;
}

/** What it means that the CLI ended so. */
export const problemOfCli = (
  { code, signal, stdout, stderr }: CliEnd,
  { events = [], signaled = false, secrets }: Heard,
): RunProblem & { failure: FailureClass } =>
  translateFailure({
    exit: { code, signal },
    stdout,
    stderr,
    thrown: null,
    events,
    signalsSent: signaled ? ["SIGINT"] : [],
    secrets,
  });
