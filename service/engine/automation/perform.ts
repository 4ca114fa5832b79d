/** What a runner child does with a run where the engine is the real CLI. */
import type { Run, RunResult } from "../engine.ts";
import type { Perform, RunCompany } from "../runner/performed.ts";
import { recoverRun } from "./recovery/recover-run.ts";
import { refreshRun } from "./run/refresh-run.ts";
import { keptPreview, type KeptRun } from "./run/kept-run.ts";
import { automationRun } from "./run/run.ts";
import { createPlaceMask } from "./places.ts";
import type { AutomationOptions } from "./run/run-workspace.ts";

/** Looks up what is in doubt, where the run works. The SDK of AWS is loaded only where it is AWS. */
async function lookups({ settings, provider, now }: AutomationOptions): Promise<AutomationOptions["provider"]> {
  if (settings.aws === null) return provider;
  const { createAwsAdapters } = await import("../../cloud/aws/create.ts");
  return createAwsAdapters({ ...settings.aws, now }).lookups;
}

/** Once for all runs of the child. */
export async function prepareAutomation(given: AutomationOptions): Promise<Perform> {
  const options: AutomationOptions = { ...given, provider: await lookups(given) };
  const perform = async (run: Run, company: RunCompany): Promise<RunResult> => {
    switch (run.kind) {
      case "preview":
      case "up":
      case "destroy":
        return automationRun(options, { run, ...company });
      case "recover":
        return recoverRun(options, { run, ...company });
      case "refresh":
      case "drift-check":
        return refreshRun(options, { run, ...company });
    }
  };
  const places = createPlaceMask(options.settings);
  let kept: KeptRun | null = null;
  const performOrKeep = async (run: Run, company: RunCompany): ReturnType<Perform> => {
    const earlier = kept;
    kept = null;
    if (earlier?.fits(run) === true) return { result: await earlier.carryOn({ run, ...company }), kept };
    earlier?.letGo();
    await earlier?.ended;
    // The CLI of an up records what a refresh finds before it comes to the gate, and a preview may record nothing.
    if (run.kind !== "preview" || !run.appliesNext || run.refresh) return { result: await perform(run, company), kept };
    const performed = await keptPreview(options, { run, ...company });
    ({ kept } = performed);
    return performed;
  };
  return async (run, company) => {
    const onEvent: RunCompany["onEvent"] = (event) => company.onEvent(places.event(event));
    const performed = await performOrKeep(run, { ...company, onEvent });
    return { ...performed, result: places.result(performed.result) };
  };
}
