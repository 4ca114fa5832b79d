/** Stands in for the engine where no Pulumi CLI serves, or AWS's plugin is missing: says so to whoever asks, and does nothing. */
import type { Engine } from "../engine.ts";
import { idleResult } from "./run/run-result.ts";

/** @param reason what was found, what is needed, and the command that installs it */
export const engineWithoutCli = (reason: string): Engine => ({
  name: "automation",
  run: () =>
    Promise.resolve(
      idleResult(
        { code: "engine_failed", detail: `${reason} (and start the service again)`, urn: null },
        { resources: [], outputs: {} },
      ),
    ),
  ready: () => ({ ready: false, detail: reason }),
  statistics: () => ({ starting: 0, idle: 0, busy: 0, waiting: 0, stopping: 0 }),
  letGo: () => Promise.resolve(),
  close: () => Promise.resolve(),
});
