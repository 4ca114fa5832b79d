/**
 * Keeps secrets out of messages. Values are masked by their place (`properties.ts`); a message is free text, from AWS or from
 * a program, and may quote what it was given.
 */
import { secretTexts, type Properties } from "./properties.ts";

export interface Redactor {
  /** Remembers the secrets of a property bag. */
  learn(properties: Properties): void;
  redact(message: string): string;
}

/** Shorter texts (`yes`, `10`) hide nothing and would tear every message apart. */
const shortestSecret = 4;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    learn: (properties) => {
      for (const text of secretTexts(properties)) if (text.length >= shortestSecret) secrets.add(text);
    },
    redact: (message) =>
      [...secrets]
        .sort((left, right) => right.length - left.length)
        .reduce((text, secret) => text.replaceAll(secret, "[secret]"), message),
  };
}
