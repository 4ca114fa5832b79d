/**
 * What the Pulumi engine does with a program's registrations: finds the old state, has the provider check and compare,
 * decides the step, carries it out, and at the end deletes what the program no longer names.
 *
 * One deployment is one pass over the program. The same code plans and applies; the executor makes the difference.
 */
import type { JsonObject } from "../../domain/json.ts";
import type { Step } from "../engine.ts";
import { holdsUnknown, type ResourceProvider, type Scope } from "../../cloud/provider.ts";
import { standsOn } from "./dependency-order.ts";
import { isManaged, type Executor } from "./executor.ts";
import { plainProperties, type Properties } from "../pulumi/properties.ts";
import type { Redactor } from "../pulumi/redaction.ts";
import { createRegistrar } from "./registration.ts";
import { StepError, type RunRecord } from "./run-record.ts";
import { scopeOf } from "../pulumi/scope.ts";
import type { StackView } from "./stack-view.ts";
import type { Goal, Registered, ResourceState } from "./state.ts";
import { asStepError, createStepTaker, refuseProtected, type PlannedOps } from "./step-taker.ts";
import { makeUrn, providerUrn, stackType } from "../pulumi/urn.ts";

interface DeploymentOptions {
  stack: string;
  project: string;
  view: StackView;
  provider: ResourceProvider;
  executor: Executor;
  record: RunRecord;
  redactor: Redactor;
  /** Where a provider works that names no account or region of its own. */
  home: Scope;
  /** The plan that is applied: no step may go beyond it. `null` while planning. */
  plan: PlannedOps;
}

/** `null` everywhere means that the run has stopped: the program gets no answer any more. */
export interface Deployment {
  register(goal: Goal): Promise<Registered | null>;
  registerOutputs(urn: string, outputs: Properties): Promise<{ urn: string } | null>;
  /** A resource that another stack or nobody manages: looked up, not kept. */
  read(goal: Goal, id: string): Promise<Registered | null>;
  /** @throws StepError when the provider refuses: the program decides what that means */
  invoke(token: string, inputs: JsonObject, provider: string | null): Promise<JsonObject | null>;
  /** Deletes what the program did not register. */
  finish(): Promise<void>;
  /** Resolves when no step is running. */
  settled(): Promise<void>;
}

/** A pass that has registered nothing yet. */
export function createDeployment(options: DeploymentOptions): Deployment {
  const { view, provider, executor, record, redactor, home, plan } = options;
  const taker = createStepTaker(record, plan);
  const registrar = createRegistrar({ view, provider, executor, taker });
  const running = new Set<Promise<unknown>>();
  const isStopped = (): boolean => record.stopped.aborted;

  async function tracked<Result>(task: Promise<Result>): Promise<Result> {
    running.add(task);
    try {
      return await task;
    } finally {
      running.delete(task);
    }
  }

  /** Stops the run when the work fails. */
  async function guarded<Result>(urn: string | null, work: () => Promise<Result>): Promise<Result | null> {
    if (isStopped()) return null;
    try {
      const result = await tracked(work());
      return isStopped() ? null : result;
    } catch (error) {
      record.stop(asStepError(error, urn));
      return null;
    }
  }

  const urnOf = ({ parent, type, name }: Goal): string =>
    makeUrn({ stack: options.stack, project: options.project, parent, type, name });

  const providerOf = (reference: string | null, what: string, urn: string | null): ResourceState => {
    const state = reference === null ? undefined : view.registered(providerUrn(reference));
    if (state) return state;
    const message = `${what} must use an explicit provider: pass { provider } to it or to a component around it.`;
    throw new StepError(message, { failure: "program_error", urn });
  };

  const place = (goal: Goal, urn: string): { provider: ResourceState; scope: Scope } => {
    const state = providerOf(goal.provider, `${goal.type} "${goal.name}"`, urn);
    return { provider: state, scope: scopeOf(state.inputs.values, goal.inputs.values, home) };
  };

  async function removeLeftover(state: ResourceState): Promise<void> {
    const remove = async (step: Step | null): Promise<void> => {
      await executor.remove(state, step);
      view.forget(state);
    };
    // The end of a replacement is part of its step.
    if (view.isSuperseded(state)) return remove(null);
    await taker.take({ op: "delete", changes: [], old: state, draft: null, urn: state.urn }, remove);
  }

  /**
   * Removes each as soon as what stands on it is gone, side by side otherwise; of one URN one after the other, since a pending
   * operation is noted by URN. After a failure those that run end, and nothing new starts.
   *
   * @param leftovers in the order of deletion, so that dependents are on their way before what waits for them
   */
  async function removeLeftovers(leftovers: readonly ResourceState[]): Promise<void> {
    const removals = new Map<ResourceState, Promise<void>>();
    for (const state of leftovers) {
      const before = [...removals].filter(([{ urn }]) => urn === state.urn);
      const dependents = [...removals].filter(([other]) => standsOn(other).includes(state.urn));
      const waitedFor = Promise.all([...before, ...dependents].map(([, removal]) => removal));
      removals.set(
        state,
        waitedFor.then(() => (isStopped() ? undefined : removeLeftover(state))),
      );
    }
    await Promise.allSettled(removals.values());
    await Promise.all(removals.values());
  }

  return {
    register: (goal) => {
      const urn = urnOf(goal);
      return guarded(urn, async () => {
        redactor.learn(goal.inputs);
        const state = await registrar.register({ urn, goal, placed: isManaged(goal) ? place(goal, urn) : null });
        view.register(state);
        redactor.learn(state.outputs);
        return { urn, id: state.id, outputs: state.outputs };
      });
    },
    registerOutputs: (urn, outputs) =>
      guarded(urn, async () => {
        const state = view.registered(urn);
        if (!state) throw new StepError(`The program gives outputs of ${urn}, which it did not register.`, { urn });
        redactor.learn(outputs);
        if (state.type === stackType) view.outputs = outputs;
        else view.register(await executor.complete(state, outputs));
        return { urn };
      }),
    read: (goal, id) => {
      const urn = urnOf(goal);
      return guarded(urn, async () => {
        const { scope } = place(goal, urn);
        if (holdsUnknown(id)) return { urn, id, outputs: goal.inputs };
        const found = await provider.read(goal.type, id, scope);
        if (found) return { urn, id, outputs: plainProperties(found.outputs) };
        throw new StepError(`There is no ${goal.type} "${id}" in account ${scope.account}, ${scope.region}.`, { urn });
      });
    },
    invoke: async (token, inputs, reference) => {
      if (isStopped()) return null;
      const configuration = providerOf(reference, `The function ${token}`, null);
      try {
        return await tracked(provider.invoke(token, inputs, scopeOf(configuration.inputs.values, inputs, home)));
      } catch (error) {
        const failure = asStepError(error, null);
        // A refusal is the program's to judge; an account that cannot be asked ends the run.
        if (failure.code === "interrupted") record.stop(failure);
        throw failure;
      }
    },
    finish: async () => {
      await guarded(null, async () => {
        const leftovers = view.leftovers();
        for (const state of leftovers) if (!view.isSuperseded(state)) refuseProtected(state, "deleted");
        for (const state of registrar.abandoned())
          await taker.take({ op: "delete", changes: [], old: state, draft: null, urn: state.urn }, () =>
            Promise.resolve(),
          );
        await removeLeftovers(leftovers);
      });
    },
    settled: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
