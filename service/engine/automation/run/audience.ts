/** Who hears what a CLI process tells, and when. */
import type { Changes, EngineEvent } from "../../engine.ts";

/** Whoever hears of a run. */
interface Listener {
  tell: (event: EngineEvent) => void;
  /** The plan is told. */
  planDone: (changes: Changes) => void;
}

/**
 * The SDK registers the stack itself before it calls the program, and so before the gate: what is told of it waits for the
 * gate's word, and is dropped when nothing is let through.
 */
function holdBack(onEvent: (event: EngineEvent) => void): Listener {
  const waiting: EngineEvent[] = [];
  let closed = false;
  return {
    tell: (event) => {
      if (event.type === "apply.started") closed = false;
      if (closed && event.type !== "diagnostic") waiting.push(event);
      else onEvent(event);
      if (!closed) waiting.splice(0).forEach(onEvent);
    },
    planDone: (changes) => {
      onEvent({ type: "plan.done", changes });
      closed = true;
    },
  };
}

/** Who hears of a process: the run that started it up to its plan, and then the run that it is handed to, of all from the first. */
interface Audience extends Listener {
  /** From now on this run hears. Gives what tells it. */
  handTo: (onEvent: (event: EngineEvent) => void) => Listener["tell"];
}

/** @param first hears of the process up to its plan */
export function createAudience(first: (event: EngineEvent) => void): Audience {
  const told: EngineEvent[] = [];
  let applier: Listener | null = null;
  let isPlanTold = false;
  const tellFirst = (event: EngineEvent): void => {
    told.push(event);
    if (!isPlanTold) first(event);
  };
  return {
    tell: (event) => (applier === null ? tellFirst(event) : applier.tell(event)),
    planDone: (changes) => {
      if (applier === null) tellFirst({ type: "plan.done", changes });
      else applier.planDone(changes);
      isPlanTold = true;
    },
    handTo: (onEvent) => {
      const next = holdBack(onEvent);
      for (const event of told) {
        if (event.type === "plan.done") next.planDone(event.changes);
        else next.tell(event);
      }
      applier = next;
      return next.tell;
    },
  };
}
