/**
 * Room for a stack's state in a `file://` backend. On a full disk the CLI leaves the state's file empty or cut off, and the copy
 * beside it too (seen with 3.257.0): what the stack held is lost then, and nothing can be done about it afterwards. So nothing that
 * may write is begun where little is left.
 */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { failureClasses } from "../../../domain/failure-classes.ts";
import { errorCode } from "../../../error-code.ts";
import type { RunProblem } from "../../engine.ts";
import type { AutomationSettings } from "../settings.ts";
import { fileBackend } from "../recovery/leftovers-locks.ts";

/** A state of a thousand resources has 5 MB; the CLI keeps four copies of it, and more while it tries again. */
const leastMegabytes = 32;

const megabyte = 2 ** 20;

/** Megabytes that this process may still write; `null` where that cannot be told. */
async function megabytesLeft(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return (bavail * bsize) / megabyte;
  } catch (error) {
    // A backend that is not there, or may not be looked at, is the CLI's to tell.
    if (errorCode(error) === null) throw error;
    return null;
  }
}

/** `null` where there is room, or the state lies where room is not ours to see. */
export async function noRoomProblem(
  { backend, runs }: Pick<AutomationSettings, "backend" | "runs">,
  left: (directory: string) => Promise<number | null> = megabytesLeft,
): Promise<RunProblem | null> {
  const state = fileBackend(backend.url);
  const places = [
    ...(state === null ? [] : [["the state's backend", dirname(state)] as const]),
    ["this worker", runs] as const,
  ];
  const { code, advice } = failureClasses.disk_full;
  for (const [what, directory] of places) {
    const megabytes = await left(directory);
    if (megabytes === null || megabytes >= leastMegabytes) continue;
    const detail = `The disk of ${what} has ${Math.floor(megabytes)} MB left, and ${leastMegabytes} MB are needed: on a full disk the CLI would lose the stack's state. Nothing was begun. ${advice}`;
    return { code, failure: "disk_full", detail, urn: null };
  }
  return null;
}
