/** Waits for something that happens by itself. */
import { setTimeout as delay } from "node:timers/promises";

/** Resolves when the condition holds. @throws Error after so many seconds */
export async function until(holds: () => Promise<boolean>, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited ${seconds} s for ${holds.toString()}`);
    await delay(20);
  }
}
