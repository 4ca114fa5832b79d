/** A service in little: a process of its own with an automation engine that it is given a run for, and that a test may kill. */
import "../../service/engine/pulumi-sdk.ts";
import type { Run, RunResult } from "../../service/engine/engine.ts";
import { startEngine, type KillsPlace } from "./kills-world.ts";

export interface KillsOrder {
  place: KillsPlace;
  run: Run;
}

process.once("message", (message) => {
  const { place, run } = message as KillsOrder;
  const never = new AbortController().signal;
  void startEngine(place)
    .then((engine) => engine.run(run, { onEvent: () => undefined, signal: never, kill: never }))
    .then((result: RunResult) => process.send?.(result));
});
