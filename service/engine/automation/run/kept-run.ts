/**
 * A preview whose up is to follow at once: the CLI plans as for an up, and its process waits at the gate, under Pulumi's lock,
 * for that up. The preview is the same as any other, its digest too. What does not come in time, or is another run than the one
 * that was planned, finds the gate closed: nothing was applied, and it starts afresh.
 */
import { isDeepStrictEqual } from "node:util";
import type { ProgramRun, Run, RunResult } from "../../engine.ts";
import type { Kept, Performed } from "../../runner/performed.ts";
import { startCliRun, type AutomationRun, type CliRun, type CliRunEnd } from "./cli-run.ts";
import { beginRun } from "./fence.ts";
import { settleBefore } from "../recovery/recover-access.ts";
import { lockedProblem } from "../../run-result.ts";
import { idleResult } from "./run-result.ts";
import { handOverProcess } from "../process/run-records.ts";
import type { AutomationOptions } from "./run-workspace.ts";
import { applied, automationRun, begin, previewed, settleEarlier, untilKnown, type Start } from "./run.ts";

/** A process that waits for its up. */
export interface KeptRun extends Kept {
  /** Whether this is the up that it waits for. */
  fits(run: Run): run is ProgramRun;
  /** Carries that up on, and out. */
  carryOn(up: AutomationRun): Promise<RunResult>;
}

interface KeepingPerformed extends Performed {
  kept: KeptRun | null;
}

/** A process works on as many resources at once as it was started with: an up that may do fewer needs one of its own. */
const worksOnNoMore = (kept: number | null, wanted: number | null): boolean =>
  wanted === null || (kept !== null && kept <= wanted);

/** Whether the up is the one that the preview planned. */
const isPlannedUp = (preview: ProgramRun, planDigest: string | null, run: Run): run is ProgramRun =>
  run.kind === "up" &&
  run.stack === preview.stack &&
  run.program === preview.program &&
  run.refresh === preview.refresh &&
  planDigest !== null &&
  run.approvedPlan === planDigest &&
  worksOnNoMore(preview.parallelism, run.parallelism) &&
  isDeepStrictEqual(run.arguments, preview.arguments);

/** Previews, and keeps the process where the plan succeeded. */
export async function keptPreview(options: AutomationOptions, given: AutomationRun): Promise<KeepingPerformed> {
  const plainly = async (): Promise<KeepingPerformed> => ({ result: await automationRun(options, given), kept: null });
  const start = await begin(options, given);
  if ("outcome" in start) return { result: start, kept: null };
  if (start.pending.length > 0) return plainly();
  const { record } = start;
  // As before any up: what an earlier run left is cleared away while nothing of this one is under way.
  const settled = await settleEarlier(options, given.run, { record, signal: given.signal });
  if ("code" in settled || settled.doubts.length > 0) return plainly();

  const planned = Promise.withResolvers<RunResult>();
  const cli: CliRun = startCliRun(options, given, {
    record,
    pending: [],
    applies: true,
    onPlanned: () => planned.resolve(previewed(given.run, start, { cli, problem: null })),
  });
  const result = await Promise.race([planned.promise, cli.ended.then(() => null)]);
  if (result?.outcome === "succeeded" && !given.signal.aborted)
    return { result, kept: keep(options, given.run, start, { cli, planDigest: result.planDigest }) };
  cli.refuse();
  const end = await cli.ended;
  await clearAfter(options, given.run, start, end);
  // A plain preview heeds no lock, and so neither does this one.
  if (end.problem?.code === "stack_locked") return plainly();
  return { result: result ?? previewed(given.run, start, { ...end, cli }), kept: null };
}

/** A CLI that was killed leaves its lock. */
async function clearAfter(
  options: AutomationOptions,
  run: ProgramRun,
  { record }: Start,
  { isCut }: CliRunEnd,
): Promise<void> {
  const { signal } = new AbortController();
  if (isCut) await settleBefore(options, run, { record, signal, upToFence: run.fence, look: true });
}

function keep(
  options: AutomationOptions,
  preview: ProgramRun,
  start: Start,
  { cli, planDigest }: { cli: CliRun; planDigest: string | null },
): KeptRun {
  let state: "waits" | "let go" | "taken" = "waits";
  const letGo = (): void => {
    if (state !== "waits") return;
    state = "let go";
    clearTimeout(timer);
    cli.refuse();
  };
  const timer = setTimeout(letGo, options.settings.keepMilliseconds);
  const ended = cli.ended.then(async (end) => {
    // It may have broken by itself. An up that took it tells of its end.
    letGo();
    if (state === "let go") await clearAfter(options, preview, start, end);
  });

  return {
    letGo,
    ended,
    fits: (run): run is ProgramRun => state === "waits" && isPlannedUp(preview, planDigest, run),
    carryOn: async (up) => {
      state = "taken";
      clearTimeout(timer);
      const { run } = up;
      const { connection } = options;
      const { record } = start;
      await handOverProcess(connection, preview, run);
      const begun = await beginRun(connection, { stack: run.stack, number: run.fence }, run.operationId);
      if (begun === null) cli.refuse();
      else cli.handTo(up, begun.marker);
      const end = await cli.ended;
      if (begun !== null) {
        const { marker } = begun;
        return untilKnown(options, start, applied(options, run, { ...start, marker }, { ...end, cli }));
      }
      await clearAfter(options, run, start, end);
      return idleResult(lockedProblem(run.stack), record);
    },
  };
}
