/**
 * A plugin lives as long as the CLI that started it. The CLI ends its plugins when it ends in good order; killed with -9 it
 * cannot, and the plugin has a process group of its own, so nothing else reaches it.
 */
import { fstatSync } from "node:fs";

/** How soon a plugin whose standard input tells nothing notices, in milliseconds. */
const lookEveryMilliseconds = 250;

/**
 * Calls back once when the parent is gone. The CLI holds the other end of standard input, which closes with it; and whoever
 * loses its parent gets another one.
 */
export const onParentGone = (gone: () => void): void => {
  const parent = process.ppid;
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    gone();
  };
  if (fstatSync(0).isFIFO()) process.stdin.on("end", tell).on("error", tell).resume();
  setInterval(() => {
    if (process.ppid !== parent) tell();
  }, lookEveryMilliseconds).unref();
};
