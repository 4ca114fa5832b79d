/**
 * A runner child: a process with the Pulumi SDKs and the programs loaded, that does one run at a time. Started with `fork`;
 * it ends when its parent does.
 */
import "../pulumi-sdk.ts";
import { randomUUID } from "node:crypto";
import { flushCompileCache } from "node:module";
import pg from "pg";
import type { ProgramRun, Run } from "../engine.ts";
import { pulumiProject } from "../../domain/stacks.ts";
import { simulatedProvider } from "../../cloud/simulated/simulated-provider.ts";
import { faultPoint } from "../../fault-points.ts";
import { performInSandbox } from "../sandbox/perform.ts";
import { sandboxRun, type SandboxOptions } from "../sandbox/run.ts";
import { createPassingBox, createSecretBox } from "../sandbox/secret-box.ts";
import type { ChildOptions, ChildState, FromChild, ToChild } from "./messages.ts";
import type { Kept, Perform, RunMeans } from "./performed.ts";
import { loadRegistry } from "./registry.ts";

/** How long a run may take to end after the parent went away. */
const orphanLimitMilliseconds = 10_000;

/** Problems after which the program has ended in good order, or never began. */
const orderlyProblems: ReadonlySet<string> = new Set(["preview_stale", "recovery_required"]);

/** A parent that is gone is told nothing. */
const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Tells the parent and ends. */
const breakDown = (error: unknown): void => {
  const end = () => process.exit(1);
  if (process.send && process.connected) process.send({ kind: "broken", message: messageOf(error) }, end);
  else end();
};

let running: AbortController | null = null;
/** Answers the run that waits at the gate. */
let answerAtGate: (mayApply: boolean) => void = () => undefined;
/** What the last run left for the next one. */
let kept: Kept | null = null;
/** Whether something went wrong outside of any run's sight: a late rejection would fail the next, innocent run. */
let stained = false;

const stain = (error: unknown): void => {
  stained = true;
  // One that belongs to what is kept is told when that is let go.
  if (running === null && kept === null) breakDown(error);
};
process.on("unhandledRejection", stain);
process.on("uncaughtException", stain);

process.on("disconnect", () => {
  if (running === null && kept === null) process.exit();
  running?.abort();
  kept?.letGo();
  setTimeout(() => process.exit(1), orphanLimitMilliseconds).unref();
});
// Ctrl-C and a service manager's stop reach the whole group; the service decides what becomes of the runs, and this one ends with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);

/**
 * A session was ended, by a newer run or with the database. A run that lost one must not go on over another, since it may have
 * been overtaken; between runs it is made anew.
 */
const loseSession = (error: Error): void => {
  if (running !== null) breakDown(error);
};

/** A connection string whose sessions carry a name of ours, whatever it says itself. */
const withSessionName = (url: string, name: string): string =>
  `${url}${url.includes("?") ? "&" : "?"}application_name=${encodeURIComponent(name)}`;

interface Prepared {
  /** Warms the child up, whatever its engine is: the programs are the same. */
  sandbox: SandboxOptions;
  perform: Perform;
}

async function prepare(options: ChildOptions): Promise<Prepared> {
  const registry = await loadRegistry(options.programs);
  const runner = `gatehouse runner ${randomUUID()}`;
  // Sessions stay open, so that a newer run that ends them reaches this process whatever it does.
  const pool = new pg.Pool({
    connectionString: withSessionName(options.databaseUrl, runner),
    max: 3,
    idleTimeoutMillis: 0,
  });
  // The CLI works on without the database, and its run ends in order: only the sandbox's writes go through these sessions.
  const onLoss = options.automation === undefined ? loseSession : () => undefined;
  pool.on("error", onLoss);
  pool.on("connect", (client) => void client.on("error", onLoss));
  const newId = () => randomUUID();
  const now = () => new Date();
  const provider = simulatedProvider({ pool, identityCenter: options.identityCenter, now, newId });
  const { identityCenter: home, digestKey } = options;
  const means: RunMeans = {
    program:
      ({ program: name, arguments: json }) =>
      () =>
        registry.runProgram(name, json),
    project: pulumiProject,
    home,
    digestKey,
    now,
  };
  // A child of the CLI warms up on an empty checkpoint, and keeps none.
  const secrets =
    options.checkpointPassphrase === undefined ? createPassingBox() : createSecretBox(options.checkpointPassphrase);
  const checkpoints = Object.assign(pool, { secrets });
  const sandbox = { ...means, connection: checkpoints, runner, provider, newId };
  const { automation } = options;
  if (automation === undefined) return { sandbox, perform: performInSandbox(sandbox) };
  const { prepareAutomation } = await import("../automation/perform.ts");
  return {
    sandbox,
    perform: await prepareAutomation({ ...means, provider, connection: pool, settings: automation }),
  };
}

async function warmUp(options: ChildOptions, sandbox: SandboxOptions): Promise<void> {
  for (const preview of options.warmUp) {
    const naming = {
      operationId: "warm-up",
      attempt: 1,
      fence: 0,
      stack: "warm-up",
      parallelism: null,
      approvedPlan: null,
      refresh: false,
      appliesNext: false,
    };
    const run: ProgramRun = { ...naming, ...preview, kind: "preview", of: "up" };
    const company = { onEvent: () => undefined, signal: new AbortController().signal };
    const result = await sandboxRun(sandbox, { run, ...company, mayApply: () => Promise.resolve(false) });
    if (result.problem) throw new Error(`The ${preview.program} program does not start: ${result.problem.detail}`);
  }
}

/** Asks the parent whether the run may apply; false when it is stopped meanwhile, as it is when the parent goes away. */
const askAtGate = (signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    answerAtGate = resolve;
    signal.addEventListener("abort", () => resolve(false), { once: true });
    if (signal.aborted) resolve(false);
    else send({ kind: "at-gate" });
  });

async function execute(perform: Perform, run: Run): Promise<void> {
  faultPoint("child-started");
  const controller = new AbortController();
  running = controller;
  // The engine has it, and ends it unless this is the run that it was kept for.
  kept = null;
  const onEvent = (event: Extract<FromChild, { kind: "event" }>["event"]): void => send({ kind: "event", event });
  const { signal } = controller;
  const { result, kept: keeps } = await perform(run, { onEvent, signal, mayApply: () => askAtGate(signal) });
  running = null;
  // A program that its CLI left behind at the gate stays there.
  answerAtGate = () => undefined;
  kept = keeps;
  faultPoint("run-finished");
  const orderly = result.problem === null || orderlyProblems.has(result.problem.code);
  send({ kind: "result", result, kept: keeps !== null, ...stateAfter(orderly) });
  keeps?.ended.then(() => tellReleased(keeps), breakDown);
  endWithParent();
}

const stateAfter = (orderly: boolean): ChildState => ({
  reusable: orderly && !stained,
  megabytes: Math.round(process.memoryUsage().rss / 1_048_576),
});

/** A child whose parent is gone does nothing more than letting go. */
const endWithParent = (): void => {
  if (process.connected) return;
  if (kept === null) process.exit();
  kept.letGo();
};

/** Unless a run came for it in the meantime. */
const tellReleased = (ended: Kept): void => {
  if (kept !== ended) return;
  kept = null;
  send({ kind: "released", ...stateAfter(true) });
  endWithParent();
};

let perform: Perform | null = null;

async function receive(message: ToChild): Promise<void> {
  if (message.kind === "start") {
    const prepared = await prepare(message.options);
    await warmUp(message.options, prepared.sandbox);
    ({ perform } = prepared);
    send({ kind: "ready" });
    // Node writes it when the process ends by itself; most children are killed, or end with their service.
    flushCompileCache();
    return;
  }
  if (message.kind === "cancel") return running?.abort();
  if (message.kind === "go-on" || message.kind === "turn-back") {
    answerAtGate(message.kind === "go-on");
    return;
  }
  if (message.kind === "let-go") return kept?.letGo();
  if (perform === null) throw new Error("The runner was given work before it was started.");
  return execute(perform, message.run);
}

process.on("message", (message: ToChild) => void receive(message).catch(breakDown));
