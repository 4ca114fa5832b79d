/** Lives a life by the plain Automation API and the real CLI, and keeps what they tell. No part of an engine of ours takes part. */
import { randomUUID } from "node:crypto";
import type { SimulatedAccount } from "../../../../service/cloud/simulated/simulated-account.ts";
import type { CliTold } from "../../pulumi-cli-child.ts";
import type { CliWorld } from "../../pulumi-cli.ts";
import { watchAccount } from "./account-look.ts";
import { readsOf, stepsOf } from "./cli-words.ts";
import { argumentsOf, isRun, stackOf, type Life, type RunAct } from "./life.ts";
import { cleaned, type RecordedRun } from "./recording.ts";

/** The CLI says it three times when a program fails, with a stack and paths of the machine: kept are the first lines. */
const firstLines = (diagnostics: readonly string[]): string[] =>
  [
    ...new Set(
      diagnostics.map((text) =>
        text
          .replaceAll(/\n\s+at .*/g, "")
          .replaceAll(/\/\S*\/(?=\w)/g, "…/")
          .trim(),
      ),
    ),
  ].sort();

/** Each life is recorded in an account of its own. */
const nobodyElse: ReadonlySet<string> = new Set();

export async function recordLife(
  life: Life,
  world: CliWorld,
  programs: string,
  account: SimulatedAccount,
): Promise<RecordedRun[]> {
  const go = async (act: RunAct, kind: RunAct["run"], holds: boolean): Promise<CliTold> =>
    world.run({
      kind,
      stack: stackOf(life),
      programs,
      program: act.program ?? "environment",
      arguments: {},
      ...(await argumentsOf(act, account)),
      refresh: act.refresh ?? false,
      holds,
    });
  /** As people use the CLI: what is to be applied is previewed first, and not applied when that fails. */
  const planFor = { up: "preview", destroy: "preview-destroy" } as const;

  const recordRun = async (act: RunAct): Promise<RecordedRun> => {
    const watched = await watchAccount(account, nobodyElse);
    const plan = act.run === "up" || act.run === "destroy" ? await go(act, planFor[act.run], true) : null;
    const told = plan?.error != null ? plan : await go(act, act.run, true);
    const isPreview = told === plan || act.run.startsWith("preview");
    const readsOnly = act.run === "refresh" || act.run === "drift-check";
    return cleaned({
      about: act.about,
      run: act.run,
      failed: told.error === null ? null : isPreview ? "planning" : "applying",
      diagnostics: firstLines(told.diagnostics),
      changes: Object.fromEntries(Object.entries(told.changes).sort()),
      steps: readsOnly ? [] : stepsOf(told, isPreview),
      reads: readsOf(plan === null || readsOnly ? told : plan, readsOnly),
      outputs: Object.fromEntries(Object.entries(told.outputs).sort()),
      holds: [...told.holds].sort(),
      ...(await watched(act, life.behaviours)),
    });
  };

  const runs: RecordedRun[] = [];
  for (const act of life.acts)
    if (isRun(act)) runs.push(await recordRun(act));
    else await act.outside(account);
  return runs;
}

export const newAccount = (
  pool: SimulatedAccount["pool"],
  identityCenter: SimulatedAccount["identityCenter"],
): SimulatedAccount => ({
  pool,
  identityCenter,
  now: () => new Date(),
  newId: () => randomUUID(),
});
