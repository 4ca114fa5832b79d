/**
 * A process that has an engine of its own, as a service has: told what to run by its first message, it sends the result. Tests
 * kill it, and look at what becomes of its children and of the stack.
 */
import type { Run, RunResult } from "../../service/engine/engine.ts";
import { createSandboxEngine } from "../../service/engine/sandbox/create.ts";
import { scope, testPrograms } from "./engine.ts";

export interface EngineOrder {
  databaseUrl: string;
  run: Run;
}

export type EngineNews = { kind: "event"; type: string; name: string | null } | { kind: "result"; result: RunResult };

const tell = (news: EngineNews): void => void process.send?.(news);

process.on("message", ({ databaseUrl, run }: EngineOrder) => {
  const engine = createSandboxEngine({
    databaseUrl,
    children: 1,
    identityCenter: scope,
    digestKey: "key",
    onTrouble: () => undefined,
    programs: testPrograms,
  });
  const { signal } = new AbortController();
  void engine
    .run(run, {
      onEvent: (event) => tell({ kind: "event", type: event.type, name: "step" in event ? event.step.name : null }),
      signal,
      kill: new AbortController().signal,
    })
    .then(async (result) => {
      tell({ kind: "result", result });
      await engine.close();
      process.disconnect();
    });
});
