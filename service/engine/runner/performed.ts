/** What an engine gives a runner child back for a run. */
import type { RunResult } from "../engine.ts";

/** Something begun that waits for the next run of the child: the up that follows a preview. */
export interface Kept {
  /** Ends it, and nothing of it is applied. Called again, or too late, it does nothing. */
  letGo(): void;
  /** Resolves when nothing of it is left, because it was let go, waited too long or broke. Never when a run took it up. */
  ended: Promise<void>;
}

export interface Performed {
  result: RunResult;
  kept: Kept | null;
}
