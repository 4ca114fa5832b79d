/** Looks at every process of the machine while something runs: what its arguments and its environment show. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import { errorCode } from "../../service/error-code.ts";
import type { CanarySearch } from "./canaries.ts";

/** What a process is, by its command line. */
const roles: readonly (readonly [RegExp, string])[] = [
  [/engine\/runner\/child\.ts/, "runner"],
  [/plugin\/(?:bin\/|shared\.ts)/, "plugin"],
  [/service\/main\.ts/, "service"],
  [/^\/bin\/sh -c umask/, "gate of the CLI"],
  [/pulumi (?:preview|up|destroy|refresh|stack|version|cancel|config)\b/, "CLI"],
];

export interface ProcessWatch {
  /** Ends the watch. */
  stop(): void;
  /** Canaries that were on command lines, with the command. */
  onCommandLines(): string[];
  /** Canaries in environments, by the role of the process, sorted. */
  inEnvironments(): Record<string, string[]>;
}

/** Processes go away while they are looked at, and those of others may not be looked at: neither shows anything. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) return "";
    throw error;
  }
}

const betweenLooks = 25;

/**
 * Starts a watch. Canaries exist in this run alone, so whoever has one has it from the service under test.
 *
 * @param ignored process ids that know the canaries by right: the test's own
 */
export function watchProcesses(
  search: CanarySearch,
  ignored: ReadonlySet<number> = new Set([process.pid]),
): ProcessWatch {
  const seen = new Map<number, string>();
  const commandLines = new Set<string>();
  const environments = new Map<string, Set<string>>();

  const lookAt = (pid: number): void => {
    const command = readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    if (command === "" || seen.get(pid) === command) return;
    seen.set(pid, command);
    for (const name of search.in(command)) commandLines.add(`${name}: ${command}`);
    const held = search.in(readIfThere(`/proc/${pid}/environ`));
    if (held.length === 0) return;
    const role = roles.find(([pattern]) => pattern.test(command))?.[1] || command;
    environments.set(role, new Set([...(environments.get(role) ?? []), ...held]));
  };
  const look = (): void => {
    for (const name of readdirSync("/proc")) {
      const pid = Number(name);
      if (Number.isInteger(pid) && !ignored.has(pid)) lookAt(pid);
    }
  };
  const timer = setInterval(look, betweenLooks);
  return {
    stop: () => clearInterval(timer),
    onCommandLines: () => [...commandLines].sort(),
    inEnvironments: () => Object.fromEntries([...environments].map(([role, names]) => [role, [...names].sort()])),
  };
}
