/** What came of a run whose child gave no result: its CLI is ended first, so that nothing of it goes on. */
import type { Run, RunProblem, RunResult, Step, StackResource } from "../../engine.ts";
import type { Scope } from "../../../cloud/provider.ts";
import type { Loss } from "../../runner/pool.ts";
import { wholeOperation } from "../../resumption.ts";
import { doneSteps, findMarker } from "../run/fence.ts";
import { endLeftProcesses } from "./leftovers.ts";
import { leftoverProblem, withStackState } from "./recover-access.ts";
import { settleLeftovers, stackResourcesOf, type Settled } from "./recover.ts";
import { pendingProblem, pendingResources, stepsOf } from "../../run-result.ts";
import type { CliMeans } from "../run/run-workspace.ts";
import { findStackRecord, keepHeld, type StackRecord } from "../run/stack-record.ts";

/** How long the CLI of a child that is gone may take to end its running steps, before it is killed. */
const orphanGraceMilliseconds = 10_000;

/** Previews and drift checks write nothing, and so leave nothing, unless their process was to be kept: that has the lock. */
const mayLeave = (run: Run): boolean => (run.kind === "preview" ? run.appliesNext : run.kind !== "drift-check");

/** What was planned as new and is there. Nobody told of it: the child that would have is gone. */
const createdOf = (planned: readonly Step[], held: readonly StackResource[]): Step[] => {
  const urns = new Set(held.map(({ urn }) => urn));
  return planned.filter(({ op, urn }) => op === "create" && urns.has(urn));
};

/**
 * Tells it. A CLI that is left alone may end what it does; when the run is killed, so is the CLI.
 *
 * @throws Error when the database is away, or nobody can tell whether the CLI has ended
 */
export const lostRunTeller =
  (means: CliMeans, home: Scope) =>
  async (run: Run, loss: Loss, giveUp: AbortSignal): Promise<RunResult> => {
    const { connection, now } = means;
    const { stack, operationId, fence } = run;
    const graceMilliseconds = loss.outcome === "canceled" ? 0 : orphanGraceMilliseconds;
    const ending = { connection, stack, upToFence: fence, now, graceMilliseconds, hurry: giveUp };
    const record = await findStackRecord(connection, stack);

    const settle = async (kept: StackRecord): Promise<Settled> =>
      withStackState(means, run, { record: kept, signal: new AbortController().signal }, (state) =>
        settleLeftovers({ ...ending, state, look: true }),
      );
    const answer = (told: Partial<RunResult>, problem: RunProblem): RunResult => ({
      outcome: loss.outcome,
      ...stepsOf([]),
      planDigest: null,
      drift: [],
      outputs: record?.outputs ?? {},
      diagnostics: loss.diagnostics,
      resources: record?.resources ?? [],
      pending: [],
      ...told,
      problem,
    });
    const lost = (detail: string): RunProblem => ({
      code: loss.outcome,
      detail: `${loss.reason} ${detail}`,
      urn: null,
    });

    if (record === null || !mayLeave(run)) {
      await endLeftProcesses(ending);
      return answer({}, lost("Nothing was applied."));
    }
    let settled: Settled;
    try {
      settled = await settle(record);
    } catch (error) {
      const problem = leftoverProblem(error, means.settings);
      if (problem === null) throw error;
      return answer({ outcome: "interrupted" }, problem);
    }
    if (run.kind === "preview") return answer({}, lost("Nothing was applied."));
    const resources = settled.state === null ? record.resources : stackResourcesOf(settled.state, home);
    const marker = await findMarker(connection, stack, operationId);
    // What a refresh found is in the state before anything is applied.
    if (marker !== null || (run.kind === "up" && run.refresh))
      await keepHeld(connection, run, { resources, outputs: record.outputs });
    const earlier = marker === null ? [] : await doneSteps(connection, stack, operationId);
    const held = new Set(resources.map(({ urn }) => urn));
    const steps =
      marker === null ? [] : wholeOperation({ ...marker, earlier, now: createdOf(marker.planned, resources), held });
    const told = { resources, ...stepsOf(steps) };
    if (settled.doubts.length === 0)
      return answer(told, lost(marker === null ? "Nothing was applied." : "What was applied is recorded."));
    const doubt = pendingProblem(settled.doubts);
    return answer(
      { ...told, outcome: "needs_recovery", pending: pendingResources(settled.doubts) },
      { ...doubt, detail: `${loss.reason} ${doubt.detail}`, cause: loss.reason },
    );
  };
