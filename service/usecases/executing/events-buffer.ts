/** Engine events on their way into the table: which are told, in what words, and how many may wait. */
import type { EngineEvent, Step } from "../../engine/engine.ts";
import type { NewEvent } from "../../store/events.ts";
import { storableText } from "../operations/storable.ts";

interface EventBuffer {
  add(event: EngineEvent): void;
  /** What waits, in order; the buffer is empty then. */
  take(): NewEvent[];
  /** Puts what could not be written back in front. */
  giveBack(events: readonly NewEvent[]): void;
}

/**
 * Events that may wait at most. An engine is never held up by a slow database, so beyond this they are left out, and one
 * event says how many: the operation's own result has all of it.
 */
const mostWaiting = 5_000;

/** Longest text of an event, in UTF-16 units: many readers hold a page of events each. */
const longestText = 4_000;

/** An empty buffer. */
export const createEventBuffer = (): EventBuffer => {
  let waiting: NewEvent[] = [];
  let leftOut = 0;
  return {
    add(event) {
      const told = toldOf(event);
      if (told === null) return;
      if (waiting.length < mostWaiting) waiting.push(told);
      else leftOut += 1;
    },
    take() {
      const taken = leftOut === 0 ? waiting : [...waiting, leftOutEvent(leftOut)];
      waiting = [];
      leftOut = 0;
      return taken;
    },
    giveBack(events) {
      const all = [...events, ...waiting];
      waiting = all.slice(0, mostWaiting);
      leftOut += all.length - waiting.length;
    },
  };
};

/** What is told of an engine's event; null for what shows elsewhere. */
const toldOf = (event: EngineEvent): NewEvent | null => {
  switch (event.type) {
    case "resource.planned":
    case "resource.started":
    case "resource.done":
      return { type: event.type, data: { step: short(event.step) } };
    case "resource.failed":
      return { type: event.type, data: { step: short(event.step), message: storable(event.message) } };
    case "diagnostic": {
      const { urn, severity, message } = event.diagnostic;
      return { type: "diagnostic", data: { urn, severity, message: storable(message) } };
    }
    default:
      return null;
  }
};

const short = ({ op, urn, type, name, retain }: Step) => ({ op, urn, type, name, ...(retain ? { retain } : {}) });

const storable = (text: string): string => {
  const kept = storableText(text);
  return kept.length <= longestText
    ? kept
    : `${kept.slice(0, longestText).toWellFormed()} … (cut: the operation's diagnostics have all of it)`;
};

const leftOutEvent = (count: number): NewEvent => ({
  type: "diagnostic",
  data: {
    urn: null,
    severity: "warning",
    message: `${count} events were left out here: they came faster than the database took them. The operation's result is complete.`,
  },
});
