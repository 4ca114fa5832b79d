import { CloudReadError } from "../../cloud/read-error.ts";
import { environmentDocument } from "../../domain/environment-document.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Progress } from "../../domain/operation.ts";
import {
  worstOutcome,
  type Verification,
  type VerificationStep,
  type VerificationStepName,
} from "../../domain/verification.ts";
import { nothingDone } from "../../engine/engine.ts";
import type { OperationRow } from "../../store/operations.ts";
import { settle, type Attempt } from "../operations/attempt.ts";
import { cloudProblem } from "../operations/cloud-problems.ts";
import type { Dependencies } from "../dependencies.ts";
import { lastEnvironmentArguments } from "../resolving/last-arguments.ts";
import { toJson } from "../to-json.ts";
import { notYet, type StepOfVerification, type StepResult, type VerificationContext } from "./verification-context.ts";
import { sessionLogsStep, sessionPreferencesStep } from "./verification-logging.ts";
import { nodesStep } from "./verification-nodes.ts";
import { assignmentsStep, inlinePolicyStep, membersStep, permissionSetStep } from "./verification-permissions.ts";
import { watchRun } from "../watchdog.ts";

/** In this order. */
const steps: readonly [VerificationStepName, StepOfVerification][] = [
  ["permission_set", permissionSetStep],
  ["inline_policy", inlinePolicyStep],
  ["assignments", assignmentsStep],
  ["members", membersStep],
  ["nodes", nodesStep],
  ["session_preferences", sessionPreferencesStep],
  ["session_logs", sessionLogsStep],
];

/** Findings of a step that are kept: a fleet may have thousands. */
const mostFindings = 100;

/**
 * Looks at one thing after the other and writes what it finds. It changes nothing in the account, so one that was cut short
 * begins again from its first step.
 */
export const executeVerification = async (dependencies: Dependencies, attempt: Attempt): Promise<void> => {
  const { timers, limits } = dependencies;
  const { operation, control } = attempt;
  const context = await contextOf(dependencies, operation);
  const watchdog = watchRun(timers, limits, control);
  const found: VerificationStep[] = [];
  try {
    for (const [name, step] of steps) {
      if (control.signal.aborted) break;
      const result = await unlessStopped(look(step, context), control.signal);
      if (result === null) break;
      watchdog.heard();
      const looked = stepOf(name, result);
      found.push(looked);
      await tell(dependencies, operation, looked, found.length);
    }
  } finally {
    watchdog.end();
  }
  const whole = found.length === steps.length;
  const verification: Verification = {
    outcome: worstOutcome(found.map(({ outcome }) => outcome)),
    revision: context.stack.revision,
    steps: found,
  };
  await settle(
    dependencies,
    attempt,
    { ...nothingDone(), outcome: whole ? "succeeded" : "interrupted" },
    {
      change: whole ? { verification, spec: toJson(context.spec) } : {},
      over: () => Promise.resolve(),
    },
  );
};

const contextOf = async (
  { store, accessReader, reader, now }: Dependencies,
  operation: OperationRow,
): Promise<VerificationContext> => {
  // As it is now: an up that came first while this waited is what is verified.
  const stack = await store.stacks.find(operation.stack);
  const resolved = stack === null ? null : lastEnvironmentArguments(stack);
  const { groupId, permissionSetArn } = stack?.outputs ?? {};
  if (stack?.spec == null || resolved === null)
    throw new DomainError(
      "conflict",
      `Nothing of ${operation.stack} is applied any more, so there is nothing to verify.`,
    );
  if (typeof groupId !== "string" || typeof permissionSetArn !== "string")
    throw new Error(`${operation.stack} is applied but lacks outputs`);
  const spec = environmentDocument.parse(stack.spec);
  return { accessReader, reader, tables: store, stack, spec, resolved, groupId, permissionSetArn, now: now() };
};

/** What AWS refuses to tell is not passed: nobody can tell yet. */
const look = async (step: StepOfVerification, context: VerificationContext): Promise<StepResult> => {
  try {
    return await step(context);
  } catch (error) {
    if (!(error instanceof CloudReadError)) throw error;
    return {
      message: "The account could not be read.",
      findings: [
        notYet(
          error.asked.action,
          cloudProblem(error).detail,
          "See that Gatehouse may read it (docs/verification.md lists the permissions), and verify again.",
        ),
      ],
    };
  }
};

/** Null when the run is stopped first: what was asked of the account is not waited for. */
const unlessStopped = async (looking: Promise<StepResult>, signal: AbortSignal): Promise<StepResult | null> => {
  const stopped = Promise.withResolvers<null>();
  const stop = (): void => stopped.resolve(null);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([looking, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};

const stepOf = (name: VerificationStepName, { message, findings }: StepResult): VerificationStep => ({
  name,
  outcome: worstOutcome(findings.map(({ outcome }) => outcome)),
  message:
    findings.length > mostFindings
      ? `${message} ${findings.length} findings, the first ${mostFindings} here.`
      : message,
  findings: findings.slice(0, mostFindings),
});

const tell = async (
  { store }: Dependencies,
  { id, attempt }: OperationRow,
  { findings: _findings, ...step }: VerificationStep,
  done: number,
): Promise<void> => {
  const progress: Progress = { done, total: steps.length, current: steps[done]?.[0] ?? null };
  await store.events.append(id, attempt, [{ type: "verification.step", data: { step: toJson(step) } }], { progress });
};
