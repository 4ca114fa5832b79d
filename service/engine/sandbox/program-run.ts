/** Runs a Pulumi program in this process against a deployment, under the SDK's mock runtime. */
import { setImmediate as nextTurn } from "node:timers/promises";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import stackRuntime from "@pulumi/pulumi/runtime/stack.js";
import { quotedRefusal, refusalClass } from "../../cloud/aws-refusals.ts";
import type { Diagnostic } from "../engine.ts";
import type { FailureClass } from "../../domain/failure-classes.ts";
import { blamedUrn, PreparationLog } from "../pulumi/blame.ts";
import type { Program } from "../runner/performed.ts";
import type { Deployment } from "./deployment.ts";
import { createMonitor } from "./monitor.ts";
import { StepError, type RunRecord } from "./run-record.ts";
import { sdkState, type EngineClient } from "../pulumi/sdk-state.ts";

/** What a program failed of: AWS's refusal of a question that it asked, or something of its own. */
const failureOf = (message: string): FailureClass => {
  const refusal = quotedRefusal(message);
  // The SDK hands on what the monitor said of an invoke, word for word (`AwsError`).
  const isAnswer = refusal !== null && message.startsWith(`${refusal.code}: `);
  return isAnswer ? refusalClass(refusal.code, refusal.message) : "program_error";
};

/** One pass over a program. */
interface ProgramPass {
  program: Program;
  stack: string;
  project: string;
  dryRun: boolean;
  deployment: Deployment;
  record: RunRecord;
  /**
   * Whether errors know where they were thrown. The SDK takes a stack trace for each of its promises, which is two thirds of
   * a preview's time (15 ms of CPU without, 43 ms with them, for 22 resources).
   */
  traces: boolean;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the program logs. Debug lines are dropped here: they carry secrets in clear. */
function logSink(record: RunRecord): { client: EngineClient; firstError: () => string | null } {
  const { DEBUG, WARNING, ERROR } = engineMessages.LogSeverity;
  const severities = new Map<number, Diagnostic["severity"]>([
    [WARNING, "warning"],
    [ERROR, "error"],
  ]);
  let firstError: string | null = null;
  const isLogRequest = (request: unknown): request is LogRequest => request instanceof engineMessages.LogRequest;
  return {
    firstError: () => firstError,
    client: {
      log: (request, callback) => {
        if (isLogRequest(request) && request.getSeverity() !== DEBUG) {
          const severity = severities.get(request.getSeverity()) ?? "info";
          const urn = request.getUrn() === "" ? null : request.getUrn();
          record.diagnose({ urn, severity, message: request.getMessage() });
          if (severity === "error") firstError ??= request.getMessage();
        }
        callback();
      },
      setRootResource: (_request, callback) => callback(null, {}),
      close: () => undefined,
    },
  };
}

const whenStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/**
 * Resolves when the program has ended and all that it registered is answered, or when the run has stopped. A program that
 * throws, leaves a rejection behind or logs an error stops the run.
 *
 * Rejections of promises are seen process-wide, which is why a process runs one program at a time.
 */
export function runProgram({
  program,
  stack,
  project,
  dryRun,
  deployment,
  record,
  traces,
}: ProgramPass): Promise<void> {
  return sdkState.withLocalStorage(async () => {
    settings.setMockOptions(createMonitor(deployment), project, stack, dryRun);
    const store = sdkState.getStore();
    const preparations = new PreparationLog();
    const log = logSink(record);
    store.settings.engine = log.client;
    store.pendingResourceRegistrations = preparations;

    const fail = (error: unknown): void => {
      if (record.stopped.aborted) return;
      const urn = blamedUrn(error, preparations, stack, project);
      const message = messageOf(error);
      record.stop(new StepError(message, { code: "program_failed", failure: failureOf(message), urn }));
    };
    const run = async (): Promise<void> => {
      try {
        await stackRuntime.runInPulumiStack(program);
        // Without this the program would end before what it made is registered.
        await settings.disconnect();
        // Rejections that nobody took are reported after the promises at hand.
        await nextTurn();
        const logged = log.firstError();
        if (logged !== null) throw new Error(logged);
      } catch (error) {
        fail(error);
      }
    };

    const limit = Error.stackTraceLimit;
    if (!traces) Error.stackTraceLimit = 0;
    process.on("unhandledRejection", fail);
    process.on("uncaughtException", fail);
    try {
      await Promise.race([run(), whenStopped(record.stopped)]);
    } finally {
      Error.stackTraceLimit = limit;
      process.off("unhandledRejection", fail);
      process.off("uncaughtException", fail);
    }
  });
}
