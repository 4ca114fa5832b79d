/** What crosses between the service and a runner child. Plain JSON: Node's IPC channel carries nothing else by default. */
import type { AutomationSettings } from "../automation/settings.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { EngineEvent, ProgramRun, Run, RunResult } from "../engine.ts";

/** What a child is made with; the first message that it gets. */
export interface ChildOptions {
  /** Connection string of the database: a server, or a unix socket as `?host=`. */
  databaseUrl: string;
  /** URL of the module with the programs: it exports `runProgram(name, arguments)` and `loadPrograms()`. */
  programs: string;
  /** Where Identity Center lives, and the home of providers that name no account. */
  identityCenter: { account: string; region: string };
  /** Keys the digests of secrets. */
  digestKey: string;
  /** Encrypts what is secret in the sandbox's checkpoints; left out where there are none. */
  checkpointPassphrase?: string;
  /** Environment variables beside those of the service. */
  environment: Record<string, string>;
  /** What the real CLI needs; left out, runs are the sandbox's. */
  automation?: AutomationSettings;
  /** Previews that a new child does for itself, so that the first one that counts is as fast as the others. */
  warmUp: { program: ProgramRun["program"]; arguments: JsonObject }[];
}

/** What the service tells a child. */
export type ToChild =
  | { kind: "start"; options: ChildOptions }
  | { kind: "run"; run: Run }
  | { kind: "cancel" }
  /** Whether the run that waits at the gate may apply. */
  | { kind: "go-on" }
  | { kind: "turn-back" }
  /** Let go of what is kept; `released` follows, unless nothing is. */
  | { kind: "let-go" };

/** How a child is after it has done something. */
export interface ChildState {
  /** Nothing was left behind in the process. */
  reusable: boolean;
  megabytes: number;
}

/** What a child tells the service. */
export type FromChild =
  | { kind: "ready" }
  | { kind: "event"; event: EngineEvent }
  /** The run has its plan, and waits for `go-on` or `turn-back`. */
  | { kind: "at-gate" }
  /** `kept`: the child keeps what a preview began for the up of the same stack, until that comes or it lets go. */
  | ({ kind: "result"; result: RunResult; kept: boolean } & ChildState)
  /** What was kept is ended. */
  | ({ kind: "released" } & ChildState)
  /** The child cannot go on and is about to end. */
  | { kind: "broken"; message: string };
