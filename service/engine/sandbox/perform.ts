/** What a runner child does with a run where the engine is the sandbox. */
import type { Run, RunResult } from "../engine.ts";
import type { Perform, RunCompany } from "../runner/performed.ts";
import { boundedProvider } from "./bounded-provider.ts";
import { sandboxRecovery } from "./recover.ts";
import { sandboxRefresh } from "./refresh.ts";
import { sandboxRun, type SandboxOptions } from "./run.ts";

/** For all runs of the child. */
export const performInSandbox = (idle: SandboxOptions): Perform => {
  const perform = (run: Run, company: RunCompany): Promise<RunResult> => {
    const options = { ...idle, provider: boundedProvider(idle.provider, run.parallelism) };
    switch (run.kind) {
      case "preview":
      case "up":
      case "destroy":
        return sandboxRun(options, { run, ...company });
      case "recover":
        return sandboxRecovery(options, { run, ...company });
      case "refresh":
      case "drift-check":
        return sandboxRefresh(options, { run, ...company });
    }
  };
  return async (run, company) => ({ result: await perform(run, company), kept: null });
};
