/**
 * A program of ours as the CLI runs it, watched from within: which secrets it handles, so that no message repeats them, and what
 * went wrong in it, in its own words. Before it is run for real it passes the gate.
 */
import { isGrpcError } from "@pulumi/pulumi/errors.js";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import { blamedUrn, PreparationLog } from "../../pulumi/blame.ts";
import type { Redactor } from "../../pulumi/redaction.ts";
import { sdkState } from "../../pulumi/sdk-state.ts";
import { fromStruct } from "../../pulumi/wire.ts";
import type { Program } from "../../runner/performed.ts";

interface WatchedProgramOptions {
  program: Program;
  stack: string;
  project: string;
  redactor: Redactor;
  /** Resolves when the program may run for real. @throws Error: then nothing is applied */
  gate: () => Promise<void>;
}

/** What went wrong in a program. */
export interface ProgramFailure {
  message: string;
  /** The resource that it belongs to, where it tells. */
  urn: string | null;
}

interface WatchedProgram {
  program: Program;
  /** The first thing that went wrong in the program, and not in a resource. */
  failure(): ProgramFailure | null;
  /** Stops the watch. */
  end(): void;
}

type Register = (
  request: RegisterResourceRequest,
  callback: (error: Error | null, response?: RegisterResourceResponse) => void,
  ...rest: unknown[]
) => unknown;
type RegisterOutputs = (request: RegisterResourceOutputsRequest, ...rest: unknown[]) => unknown;

/** The parts of the SDK's client that are listened to. */
interface Monitor {
  registerResource: Register;
  registerResourceOutputs: RegisterOutputs;
}

const isMonitor = (value: unknown): value is Monitor =>
  typeof value === "object" && value !== null && "registerResource" in value && "registerResourceOutputs" in value;

/** Listens to the client of this run, which the SDK makes anew for each. */
function learnSecrets(monitor: Monitor, redactor: Redactor): void {
  const register: Register = monitor.registerResource.bind(monitor);
  const registerOutputs: RegisterOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResource = (request, callback, ...rest) => {
    redactor.learn(fromStruct(request.getObject()));
    const answered: typeof callback = (error, response) => {
      if (response !== undefined) redactor.learn(fromStruct(response.getObject()));
      callback(error, response);
    };
    return register(request, answered, ...rest);
  };
  monitor.registerResourceOutputs = (request, ...rest) => {
    redactor.learn(fromStruct(request.getOutputs()));
    return registerOutputs(request, ...rest);
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Watches until `end`. A process watches one program at a time: rejections that nobody took are seen process-wide. */
export function watchProgram({ program, stack, project, redactor, gate }: WatchedProgramOptions): WatchedProgram {
  let failure: ProgramFailure | null = null;
  let preparations = new PreparationLog();

  const fail = (error: unknown): void => {
    // What failed in the engine is told by the engine.
    if (error instanceof Error && isGrpcError(error)) return;
    failure ??= { message: messageOf(error), urn: blamedUrn(error, preparations, stack, project) };
  };
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);

  return {
    failure: () => failure,
    end: () => {
      process.off("unhandledRejection", fail);
      process.off("uncaughtException", fail);
    },
    program: async () => {
      preparations = new PreparationLog();
      sdkState.getStore().pendingResourceRegistrations = preparations;
      const monitor: unknown = settings.getMonitor();
      if (isMonitor(monitor)) learnSecrets(monitor, redactor);
      if (!settings.isDryRun()) await gate();
      try {
        return await program();
      } catch (error) {
        fail(error);
        throw error;
      }
    },
  };
}
