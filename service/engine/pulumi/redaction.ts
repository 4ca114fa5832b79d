/**
 * Keeps secrets out of messages. Values are masked by their place (`properties.ts`); a message is free text, from AWS or from
 * a program, and may quote what it was given.
 */
import { secretTexts, type Properties } from "./properties.ts";

/** Masks what it has learnt to be secret. */
export interface Redactor {
  /** Remembers the secrets of a property bag. */
  learn(properties: Properties): void;
  redact(message: string): string;
}

/** Shorter texts (`yes`, `10`) hide nothing and would tear every message apart. */
const shortestSecret = 4;

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** @param known what is secret before anything was learnt */
export function createRedactor(known: readonly string[] = []): Redactor {
  const secrets = new Set(known.filter((text) => text.length >= shortestSecret));
  return {
    learn: (properties) => {
      for (const text of secretTexts(properties)) if (text.length >= shortestSecret) secrets.add(text);
    },
    redact: (message) => {
      if (secrets.size === 0) return message;
      // One pass, the longest first: a shorter secret may be part of a longer one, or of the mask.
      const longestFirst = [...secrets].sort((left, right) => right.length - left.length);
      return message.replaceAll(new RegExp(longestFirst.map(literally).join("|"), "g"), "[secret]");
    },
  };
}
