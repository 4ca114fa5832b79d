/**
 * One plugin process for all runs of a service, as the service sees it. Loading the plugin takes longer than most runs need of
 * it, and the CLI would start two for each run of an environment.
 *
 * The service listens and hands each connection on, so that the port stays the same when the process dies: the next
 * connection starts another. Runs whose connection it was fail as with any plugin that dies.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { compileCacheEnvironment } from "../../compile-cache.ts";
import type { PluginSettings } from "./environment.ts";
import type { ToSharedPlugin } from "./shared-messages.ts";

/** The plugin that all runs of a service attach to. */
export interface SharedPlugin {
  /** Has the CLI attach to it, and start none (Pulumi's documentation, "Debugging Pulumi providers"). */
  environment: Record<string, string>;
  /** Ends it; resolves when it is gone. */
  close(): Promise<void>;
}

interface SharedPluginOptions {
  settings: PluginSettings;
  /** Told when the process ends by itself, or does not start; the message holds no secrets. */
  onTrouble: (message: string) => void;
}

interface Host {
  child: ChildProcess;
  /** @throws Error when it ends first */
  ready: Promise<void>;
  gone: Promise<void>;
  /** Connections that it has not been handed yet; closed when it ends. */
  underWay: Set<Socket>;
}

/** How long it may take to end by itself when no run is left; one that is stopped (SIGSTOP) never does. */
const stopMilliseconds = 2_000;

/** It has no use for what the service knows: what it needs it is told over its own channel. */
const environmentOfHost = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  ...compileCacheEnvironment(),
});

/** Sends it a message; one that is gone is told by its end. */
const send = (child: ChildProcess, message: ToSharedPlugin): void => {
  if (child.connected) child.send(message, () => undefined);
};

/**
 * Hands a connection over, or closes it. Once it is on its way it is in the kernel's keeping, and ends with a process that never takes
 * it; left to Node, it stayed open here until the process said that it has it (Node.js manual, "subprocess.send", `keepOpen`).
 */
function handOver({ child, underWay }: Host, socket: Socket): void {
  if (!child.connected) {
    socket.destroy();
    return;
  }
  const message: ToSharedPlugin = { kind: "connection" };
  underWay.add(socket);
  child.send(message, socket, { keepOpen: true }, () => {
    underWay.delete(socket);
    socket.destroy();
  });
}

function startHost(settings: PluginSettings): Host {
  const child = fork(new URL("./shared.ts", import.meta.url), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: environmentOfHost(),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const underWay = new Set<Socket>();
  const gone = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  }).then(() => underWay.forEach((socket) => socket.destroy()));
  const ready = Promise.race([
    // It says nothing else.
    new Promise<void>((resolve) => child.once("message", () => resolve())),
    gone.then(() => Promise.reject(new Error("The plugin's process ended before it was ready."))),
  ]);
  // Told by `gone` where no connection waits for it.
  ready.catch(() => undefined);
  send(child, { kind: "start", settings });
  return { child, ready, gone, underWay };
}

async function stopHost({ child, gone }: Host): Promise<void> {
  const timer = setTimeout(() => void child.kill("SIGKILL"), stopMilliseconds);
  if (child.connected) child.disconnect();
  await gone;
  clearTimeout(timer);
}

/** Listens, and starts the process at once, so that the first run does not wait for it. */
export async function startSharedPlugin({ settings, onTrouble }: SharedPluginOptions): Promise<SharedPlugin> {
  let host: Host | null = null;
  let closing = false;

  const hostNow = (): Host => {
    if (host !== null) return host;
    const started = startHost(settings);
    host = started;
    void started.gone.then(() => {
      if (host === started) host = null;
      if (!closing) onTrouble("The plugin of the simulated account ended unexpectedly. The next run starts another.");
    });
    return started;
  };

  async function handOn(socket: Socket): Promise<void> {
    const taker = hostNow();
    try {
      await taker.ready;
      handOver(taker, socket);
    } catch {
      // Told by its end; the CLI dials again, for ten seconds.
      socket.destroy();
    }
  }

  const listener = createServer({ pauseOnConnect: true }, (socket) => {
    // A CLI that goes away before it is served is no one's concern.
    socket.on("error", () => undefined);
    if (closing) socket.destroy();
    else void handOn(socket);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  // Too many open files, for a moment: the run whose connection it was fails, and nothing else does.
  listener.on("error", ({ message }) => onTrouble(`The plugin's next connection was not accepted: ${message}`));
  const { port } = listener.address() as AddressInfo;
  hostNow();

  return {
    environment: { PULUMI_DEBUG_PROVIDERS: `aws:${port}` },
    close: async () => {
      closing = true;
      listener.close();
      if (host !== null) await stopHost(host);
    },
  };
}
