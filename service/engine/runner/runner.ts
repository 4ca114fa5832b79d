/** A runner child, as its parent sees it. */
import { fork } from "node:child_process";
import { compileCacheEnvironment } from "../compile-cache.ts";
import type { Run, RunOptions } from "../engine.ts";
import { childEnvironment } from "./child-environment.ts";
import type { ChildOptions, ChildState, FromChild, ToChild } from "./messages.ts";

type Finished = Extract<FromChild, { kind: "result" }>;

/** One child. */
export interface Runner {
  /** Resolves when the child can take a run. @throws RunnerGoneError */
  ready: Promise<void>;
  /** One at a time. @throws RunnerGoneError when the child ends first */
  run(run: Run, options: RunOptions): Promise<Finished>;
  /** Has the child let go of what it keeps; it is killed when that takes too long. */
  letGo(): void;
  /** Lets the child end by itself, and kills it when it takes too long. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Resolves with a sentence when the process is gone. */
  gone: Promise<string>;
}

/** The process ended: crashed, or was killed. */
export class RunnerGoneError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = "RunnerGoneError";
  }
}

interface RunnerListener {
  /** The child has let go of what it kept. */
  onReleased: (state: ChildState) => void;
}

/** How long a child is waited for. */
export interface RunnerLimits {
  /** How long a child may go on with its run after it was told to cancel or to stop, before it is killed. */
  graceMilliseconds: number;
}

/** How long a child that does nothing may take to end: one that is stopped (SIGSTOP) never does by itself. */
const idleStopMilliseconds = 2_000;

/** Forks a child and tells it what it is for. It is ready once it has warmed up. */
export function startRunner(
  options: ChildOptions,
  { graceMilliseconds }: RunnerLimits,
  { onReleased }: RunnerListener,
): Runner {
  const child = fork(new URL("./child.ts", import.meta.url), {
    // The parent's own flags (a test runner's, a debugger's) are none of the child's business.
    execArgv: [],
    execPath: process.execPath,
    env: { ...childEnvironment(process.env), ...compileCacheEnvironment(), ...options.environment },
    // Programs print to standard output; nobody reads it there.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let broken: string | null = null;
  let busy = false;
  let keeping = false;
  let dontKillKeeper = (): void => undefined;
  const gone = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`The runner could not be started: ${error.message}`));
    child.once("exit", (code, signal) => {
      const how = signal ?? `code ${code ?? 0}`;
      resolve(
        broken === null
          ? `The runner ended unexpectedly (${how}).`
          : `The runner broke down: ${broken.replace(/\.?$/, ".")}`,
      );
    });
  });

  // The child may end at any moment; `gone` tells, and a message that does not reach it any more changes nothing.
  const send = (message: ToChild): void => {
    if (child.connected) child.send(message, () => undefined);
  };

  // SIGKILL also ends a process that is stopped.
  const kill = (): void => void child.kill("SIGKILL");
  const killAfter = (milliseconds: number): (() => void) => {
    const timer = setTimeout(kill, milliseconds);
    return () => clearTimeout(timer);
  };

  /** Waits for the message of a kind, or for the end. */
  async function answer<Kind extends FromChild["kind"]>(
    kind: Kind,
    onOther: (message: FromChild) => void = () => undefined,
  ): Promise<Extract<FromChild, { kind: Kind }>> {
    const wanted = (message: FromChild): message is Extract<FromChild, { kind: Kind }> => message.kind === kind;
    let listener: (message: FromChild) => void = () => undefined;
    try {
      const answered = new Promise<Extract<FromChild, { kind: Kind }>>((resolve) => {
        listener = (message) => (wanted(message) ? resolve(message) : onOther(message));
        child.on("message", listener);
      });
      const ended = gone.then((detail) => Promise.reject(new RunnerGoneError(detail)));
      return await Promise.race([answered, ended]);
    } finally {
      child.off("message", listener);
    }
  }

  child.on("message", (message: FromChild) => {
    if (message.kind === "broken") broken = message.message;
    if (message.kind === "result") keeping = message.kept;
    if (message.kind !== "released") return;
    keeping = false;
    dontKillKeeper();
    onReleased(message);
  });
  const ready = answer("ready").then(() => undefined);
  send({ kind: "start", options });

  return {
    ready,
    gone,
    run: async (run, { onEvent, signal, kill: killNow, mayApply }) => {
      busy = true;
      const openGate = async (): Promise<void> => {
        send({ kind: mayApply === undefined || (await mayApply()) ? "go-on" : "turn-back" });
      };
      const result = answer("result", (message) => {
        if (message.kind === "event") onEvent(message.event);
        if (message.kind === "at-gate") void openGate();
      });
      send({ kind: "run", run });
      let dontKill = (): void => undefined;
      const cancel = (): void => {
        send({ kind: "cancel" });
        dontKill = killAfter(graceMilliseconds);
      };
      if (signal.aborted) cancel();
      if (killNow.aborted) kill();
      signal.addEventListener("abort", cancel, { once: true });
      killNow.addEventListener("abort", kill, { once: true });
      try {
        return await result;
      } finally {
        busy = false;
        signal.removeEventListener("abort", cancel);
        killNow.removeEventListener("abort", kill);
        dontKill();
      }
    },
    letGo: () => {
      dontKillKeeper = killAfter(graceMilliseconds);
      send({ kind: "let-go" });
    },
    stop: async () => {
      const dontKill = killAfter(busy || keeping ? graceMilliseconds : idleStopMilliseconds);
      if (child.connected) child.disconnect();
      await gone;
      dontKill();
    },
  };
}
