/** A look at processes, for tests of what lives and dies. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const list = promisify(execFile);

export interface Process {
  pid: number;
  parent: number;
  /** As `ps` shows it: `R` runs, `S` sleeps, `T` is stopped, `Z` is dead and not yet waited for. */
  state: string;
  command: string;
}

/** All that run now, dead ones left out. */
export async function processes(): Promise<Process[]> {
  const { stdout } = await list("ps", ["-A", "-o", "pid=,ppid=,stat=,args="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [])
    .map(([, pid, parent, state = "", command = ""]) => ({ pid: Number(pid), parent: Number(parent), state, command }))
    .filter(({ state }) => !state.startsWith("Z"));
}

/** Runner children of a process. */
export const runnersOf = async (parent: number): Promise<Process[]> =>
  (await processes()).filter((each) => each.parent === parent && each.command.includes("engine/runner/child.ts"));
