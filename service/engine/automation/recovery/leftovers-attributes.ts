/**
 * In a `file://` backend each file has another beside it for its attributes (gocloud.dev/blob/fileblob). The content is written
 * elsewhere and renamed; the attributes are written in place, before that. A CLI that is killed in between leaves them empty, and
 * from then on every command fails with "EOF", although the state is whole. They say nothing that Pulumi needs (media type, MD5),
 * and a file without them is read like any other.
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../../error-code.ts";
import { fileBackend } from "./leftovers-locks.ts";

/** Removes attributes of the backend's and of a stack's state that cannot be read. Harmless beside a CLI that writes them. */
export async function removeBrokenAttributes(backendUrl: string, project: string, stack: string): Promise<void> {
  const backend = fileBackend(backendUrl);
  if (backend === null) return;
  const state = join(backend, "stacks", project, `${stack}.json`);
  await Promise.all([join(backend, "meta.yaml"), state, `${state}.bak`].map((file) => removeBroken(`${file}.attrs`)));
}

async function removeBroken(file: string): Promise<void> {
  try {
    JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) await rm(file, { force: true });
    else if (errorCode(error) !== "ENOENT") throw error;
  }
}
