/** The service as an operating system sees it: a process that starts, says where it listens, and dies. */
import { spawn } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileCacheEnvironment } from "../../service/engine/compile-cache.ts";
import { errorCode } from "../../service/error-code.ts";

export interface ServiceProcess {
  pid: number;
  /** Where the API listens, once it does; null for a worker alone. Rejects when the process ends before. */
  ready: Promise<string | null>;
  /** Resolves when the process is gone: with its exit code, null when a signal killed it. */
  gone: Promise<number | null>;
}

const repository = fileURLToPath(new URL("../../", import.meta.url));
const readyLine = /listens on (?<url>http:\S+)|works the queue/;

/**
 * Starts `service/main.ts`. Nothing of this process's environment reaches it but the path, and what Node compiled before.
 *
 * @param logFile gets what the service writes, appended: the place to look at when an invariant breaks.
 */
export function startService(environment: Record<string, string>, logFile: string): ServiceProcess {
  const log = createWriteStream(logFile, { flags: "a" });
  const child = spawn(process.execPath, ["service/main.ts"], {
    cwd: repository,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...compileCacheEnvironment(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const gone = new Promise<number | null>((resolve) => {
    child.once("exit", (code, signal) => {
      log.end(`--- process ${child.pid ?? 0} ended: ${signal ?? `code ${code ?? 0}`}\n`);
      resolve(code);
    });
  });
  const ready = new Promise<string | null>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      const match = readyLine.exec(said);
      if (match !== null) resolve(match.groups?.["url"] ?? null);
    });
    void gone.then(() => reject(new Error(`the service ended before it was ready: ${said.trim()}`)));
  });
  // Whoever does not wait for it must not be ended by it.
  ready.catch(() => undefined);
  if (child.pid === undefined) throw new Error("the service could not be spawned");
  return { pid: child.pid, ready, gone };
}

/** A process as /proc shows it. */
interface ProcessEntry {
  pid: number;
  parent: number;
  state: string;
  command: string;
}

/** All processes, from Linux's /proc; none elsewhere, where nothing that asks for them can be checked. */
function processes(): ProcessEntry[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): ProcessEntry[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), parent: Number(parent), state, command }];
      } catch (error) {
        // It ended while we looked.
        if (["ENOENT", "ESRCH"].includes(errorCode(error) ?? "")) return [];
        throw error;
      }
    });
}

const isRunner = ({ command, state }: ProcessEntry): boolean => command.includes("runner/child.ts") && state !== "Z";

/** Process ids of a service's runner children. */
export const runnersOf = (pid: number): number[] =>
  processes()
    .filter((entry) => entry.parent === pid && isRunner(entry))
    .map((entry) => entry.pid);

/** Runner children that were started below this data directory and whose service is gone. */
export const orphansOf = (dataDirectory: string, services: readonly number[]): number[] =>
  processes()
    .filter((entry) => isRunner(entry) && !services.includes(entry.parent) && startedWith(entry.pid, dataDirectory))
    .map((entry) => entry.pid);

/** The Pulumi CLI and its plugins, as far as they were started below this data directory, whoever of them lives. */
export const pulumiProcessesOf = (dataDirectory: string): number[] =>
  processes()
    .filter(
      ({ pid, state }) => state !== "Z" && hasVariable(pid, (one) => one.startsWith(`PULUMI_HOME=${dataDirectory}/`)),
    )
    .map(({ pid }) => pid);

const startedWith = (pid: number, dataDirectory: string): boolean =>
  hasVariable(pid, (one) => one === `GATEHOUSE_DATA_DIR=${dataDirectory}`);

function hasVariable(pid: number, isIt: (variable: string) => boolean): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").some(isIt);
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}

/** Sends a signal (0: none, only looks). False when there was no such process. */
export function signalTo(pid: number, signal: "SIGKILL" | "SIGTERM" | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    throw error;
  }
}
