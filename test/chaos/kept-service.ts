/** A process of the service that is started again whenever it dies, as an operating system's supervisor would. */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { signalTo, startService } from "./service-process.ts";

export interface KeptService {
  roles: string;
  /** Process id as of now. */
  pid(): number;
  /** Waits until it is ready; gives where its API listens, null for a worker. */
  ready(): Promise<string | null>;
  /** How often it ended by itself after it had been ready: nothing that dies around it may do that. */
  crashes(): number;
  /** Kills it, and resolves when its successor is being started. */
  startAgain(): Promise<void>;
  /** Stops it in good order, for good. */
  stop(): Promise<void>;
}

const restartMilliseconds = 50;
const startLimitMilliseconds = 60_000;

/** @param environment what the next start gets. */
export function keepService(roles: string, environment: () => Record<string, string>, logFile: string): KeptService {
  const start = () => startService({ ...environment(), GATEHOUSE_ROLES: roles }, logFile);
  const life = { process: start(), stopping: false, crashes: 0 };

  const keep = async (): Promise<void> => {
    for (;;) {
      const { ready, gone } = life.process;
      const wasReady = ready.then(
        () => true,
        () => false,
      );
      const code = await gone;
      if (life.stopping) return;
      if (code !== null && (await wasReady)) life.crashes += 1;
      await delay(restartMilliseconds);
      life.process = start();
    }
  };
  const kept = keep();

  return {
    roles,
    pid: () => life.process.pid,
    crashes: () => life.crashes,
    ready: async () => {
      for (const deadline = Date.now() + startLimitMilliseconds; Date.now() < deadline;) {
        const { process } = life;
        // One that died while starting is started again: the next look finds its successor.
        const answer = await process.ready.then(
          (url) => ({ url }),
          () => null,
        );
        if (answer !== null && life.process === process) return answer.url;
        await delay(restartMilliseconds);
      }
      throw new Error(`the ${roles} process does not start: ${lastLines(logFile)}`);
    },
    startAgain: async () => {
      const { process } = life;
      signalTo(process.pid, "SIGKILL");
      while (life.process === process) await delay(restartMilliseconds / 2);
    },
    stop: async () => {
      life.stopping = true;
      signalTo(life.process.pid, "SIGTERM");
      await kept;
    },
  };
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-5).join(" | ") : "it wrote nothing";
}
