/** The sandbox engine, ready for the composition root. */
import type { Engine } from "../engine.ts";
import { createPooledEngine, type PooledEngineOptions } from "../runner/pooled-engine.ts";
import { lostRunTeller } from "./lost-run.ts";
import { createSecretBox } from "./secret-box.ts";

/** The sandbox's own option beside those of every engine. */
export interface SandboxEngineOptions extends PooledEngineOptions {
  /** Encrypts what is secret in checkpoints. With another one they cannot be read any more. Left out: the digests' key. */
  checkpointPassphrase?: string;
}

/** Starts the children; runs wait until one is ready. */
export function createSandboxEngine(options: SandboxEngineOptions): Engine {
  const checkpointPassphrase = options.checkpointPassphrase ?? options.digestKey;
  const secrets = createSecretBox(checkpointPassphrase);
  return createPooledEngine(options, {
    name: "sandbox",
    child: { checkpointPassphrase },
    resultOf: (connection) => lostRunTeller(Object.assign(connection, { secrets })),
    close: () => Promise.resolve(),
  });
}
